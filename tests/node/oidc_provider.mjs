// Another identity provider made of npm's oidc-provider, for the tests. It listens on loopback until its input ends.
// The first line of input says who its client is; every later one is how it shall behave from then on.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { SignJWT, decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose'
import Provider from 'oidc-provider'

// Output is for answers alone; what the library has to say about being tried out goes elsewhere.
console.info = console.error

const ALGORITHM = 'ES256'
const PERSON = { sub: 'elsewhere-77', given_name: 'Ngọc', family_name: 'Nguyễn', birthdate: '1992-09-02' }
const HONEST = { acr: 'substantial', delaySeconds: 0, status: 0, discovered: {}, lies: {}, isForged: false }

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`)
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const client = JSON.parse((await lines.next()).value)

const server = createServer()
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const issuer = `http://127.0.0.1:${server.address().port}`

const own = await generateKeyPair(ALGORITHM, { extractable: true })
const forged = await generateKeyPair(ALGORITHM)
let manner = HONEST

const provider = new Provider(issuer, {
  acrValues: ['low', 'substantial', 'high'],
  claims: { profile: ['given_name', 'family_name', 'birthdate'] },
  clients: [{ ...client, id_token_signed_response_alg: ALGORITHM }],
  cookies: { keys: ['for the tests alone'] },
  features: { devInteractions: { enabled: false } },
  findAccount: async () => ({ accountId: PERSON.sub, claims: async () => PERSON }),
  jwks: { keys: [{ ...(await exportJWK(own.privateKey)), kid: 'elsewhere-1', alg: ALGORITHM, use: 'sig' }] },
})

const retold = (token) =>
  new SignJWT({ ...decodeJwt(token), ...manner.lies })
    .setProtectedHeader(decodeProtectedHeader(token))
    .sign(manner.isForged ? forged.privateKey : own.privateKey)

provider.use(async (context, next) => {
  const isToken = context.path === '/token'
  if (isToken) await setTimeout(manner.delaySeconds * 1000)
  if (isToken && manner.status) return context.throw(manner.status)
  await next()
  if (isToken && context.body?.id_token) context.body.id_token = await retold(context.body.id_token)
  if (context.path.endsWith('/openid-configuration')) Object.assign(context.body, manner.discovered)
})

const PAGE = `<!doctype html><html lang="en"><title>Elsewhere</title><main><h1>Elsewhere</h1><form method="post">
<label>Name <input name="name" autocomplete="username"></label><button>Sign in</button>
<button name="leave" value="1">Leave</button></form></main></html>`

const signedIn = async (request, response) => {
  const { params } = await provider.interactionDetails(request, response)
  const grant = new provider.Grant({ accountId: PERSON.sub, clientId: params.client_id })
  grant.addOIDCScope(params.scope)
  return { login: { accountId: PERSON.sub, acr: manner.acr }, consent: { grantId: await grant.save() } }
}

const interact = async (request, response) => {
  if (request.method === 'GET') return response.setHeader('Content-Type', 'text/html; charset=utf-8').end(PAGE)
  const body = (await request.setEncoding('utf8').toArray()).join('')
  const result = body.includes('leave=1') ? { error: 'access_denied' } : await signedIn(request, response)
  await provider.interactionFinished(request, response, result)
}

const callback = provider.callback()
server.on('request', (request, response) =>
  request.url.startsWith('/interaction/') ? interact(request, response) : callback(request, response),
)

say({ issuer })
for await (const line of lines) {
  manner = { ...HONEST, ...JSON.parse(line) }
  say({})
}
process.exit()
