// A relying party made of npm's openid-client, for the tests: one step for each run, JSON in and JSON out.
import { webcrypto } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as client from 'openid-client'

const HASH = 'SHA-256'
const asked = JSON.parse(await text(process.stdin))

const signingKey = () => {
  const name = asked.algorithm.startsWith('PS') ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5'
  return webcrypto.subtle.importKey('jwk', asked.key, { name, hash: HASH }, false, ['sign'])
}

const configuration = (key) =>
  client.discovery(
    new URL(asked.issuer),
    asked.clientId,
    { id_token_signed_response_alg: asked.idTokenAlgorithm },
    client.PrivateKeyJwt(key),
    // The suite under test listens on loopback without TLS; signatures are checked all the same.
    { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
  )

const addressOf = {
  plain: async (config, parameters) => client.buildAuthorizationUrl(config, parameters),
  pushed: (config, parameters) => client.buildAuthorizationUrlWithPAR(config, parameters),
  signed: async (config, parameters, key) => {
    const url = await client.buildAuthorizationUrlWithJAR(config, parameters, key)
    url.searchParams.set('response_type', 'code')
    url.searchParams.set('scope', parameters.scope)
    return url
  },
}

const steps = {
  async begin(config, key) {
    const pkceCodeVerifier = client.randomPKCECodeVerifier()
    const checks = {
      pkceCodeVerifier,
      expectedState: client.randomState(),
      expectedNonce: client.randomNonce(),
      idTokenExpected: true,
    }
    const parameters = {
      redirect_uri: asked.redirectUri,
      scope: 'openid email phone',
      response_type: 'code',
      state: checks.expectedState,
      nonce: checks.expectedNonce,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      ...asked.parameters,
    }
    const url = await addressOf[asked.manner](config, parameters, key)
    return { url: url.href, checks }
  },

  async finish(config) {
    try {
      const tokens = await client.authorizationCodeGrant(config, new URL(asked.arrived), asked.checks)
      const claims = tokens.claims()
      const told = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
      return { claims, told, idToken: tokens.id_token }
    } catch (error) {
      if (error instanceof client.AuthorizationResponseError) return { error: error.error }
      throw error
    }
  },

  async logout(config) {
    const url = client.buildEndSessionUrl(config, {
      id_token_hint: asked.idToken,
      post_logout_redirect_uri: asked.goodbye,
      state: 's-1',
    })
    return { url: url.href }
  },

  async signedOut(config) {
    const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri))
    const rules = { issuer: asked.issuer, audience: asked.clientId, typ: 'logout+jwt', maxTokenAge: '2 minutes' }
    const { payload } = await jwtVerify(asked.logoutToken, keys, rules)
    return { claims: payload }
  },
}

const key = await signingKey()
process.stdout.write(JSON.stringify(await steps[asked.step](await configuration(key), key)))
