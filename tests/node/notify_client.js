// Runs every method of the official client once, in the order of the contract, and prints what came back as JSON.
// Its input is a JSON object with the base address, the key, and the ids of templates.
const { readFileSync } = require('node:fs')
const { NotifyClient } = require('notifications-node-client')

const given = JSON.parse(readFileSync(0, 'utf8'))
const client = new NotifyClient(given.baseUrl, given.key)
const address = { address_line_1: 'Ann', address_line_2: '1 Long Street', postcode: 'SW1A 1AA' }

async function sendFile (options) {
  const doc = client.prepareUpload(Buffer.from('{"a": 1}'), options)
  const sent = await client.sendEmail(given.file, 'ann@example.org', { personalisation: { doc }, reference: 'file' })
  return sent.data.content.body.replace('Get ', '')
}

async function main () {
  const sms = await client.sendSms(given.sms, '07700900123', { personalisation: { name: 'Ann' }, reference: 'node' })
  const email = await client.sendEmail(given.email, 'ann@example.org', {
    personalisation: { name: '[x](https://evil.example)', amount: '1' },
    reference: 'node',
    emailReplyToId: given.replyTo,
    oneClickUnsubscribeURL: 'https://transport.example/stop',
    sanitiseContentFor: ['name']
  })
  const letter = await client.sendLetter(given.letter, { personalisation: { name: 'Ann', ...address }, reference: 'node' })
  const pdf = await client.sendPrecompiledLetter('node', Buffer.from(given.pdf, 'base64'), 'first')
  const refused = await client.sendSms(given.sms, '077', {}).catch(error => error.response)
  const noPdf = await client.getPdfForLetterNotification(sms.data.id).catch(error => error.response)
  const bytes = await client.getPdfForLetterNotification(letter.data.id)
  const open = await sendFile({ filename: 'facts.json', confirmEmailBeforeDownload: false, retentionPeriod: '4 weeks' })
  const fetched = await fetch(open.replace('?', '/download?'))
  const asked = await fetch(await sendFile())
  return {
    fetched: { type: fetched.headers.get('content-type'), text: await fetched.text() },
    asked: { status: asked.status, asks: (await asked.text()).includes('name="email"') },
    sms: sms.data,
    email: email.data,
    letter: letter.data,
    precompiled: pdf.data,
    refused: refused.data,
    noPdf: { status: noPdf.status },
    one: (await client.getNotificationById(sms.data.id)).data,
    all: (await client.getNotifications('email', null, 'node')).data,
    older: (await client.getNotifications(null, null, null, sms.data.id)).data,
    pdfStart: Buffer.from(bytes).subarray(0, 5).toString(),
    template: (await client.getTemplateById(given.sms)).data,
    version: (await client.getTemplateByIdAndVersion(given.sms, 1)).data,
    templates: (await client.getAllTemplates('letter')).data,
    preview: (await client.previewTemplateById(given.email, { name: 'Ann', amount: '1' })).data,
    received: (await client.getReceivedTexts()).data
  }
}

main().then(
  found => console.log(JSON.stringify(found)),
  error => { console.error(error.response ? JSON.stringify(error.response.data) : error); process.exit(1) }
)
