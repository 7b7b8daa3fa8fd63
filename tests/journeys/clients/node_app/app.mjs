// A small relying party: node:http with openid-client as its documentation shows it, nothing of Doorward's own.
//
// Settings come by environment: ISSUER CLIENT_ID PORT, and if wanted CLIENT_SECRET, CLIENT_AUTH (basic, post, none,
// private_key_jwt with PRIVATE_JWK), RESPONSE_MODE (query, form_post), SIGNING_ALG, SCOPE.

import { createServer } from 'node:http'
import { webcrypto } from 'node:crypto'
import * as client from 'openid-client'

const env = process.env
const port = Number(env.PORT)
const home = `http://localhost:${port}`
const scope = env.SCOPE ?? 'openid profile email offline_access'
// Cookies know no ports, so every application on localhost needs a name of its own.
const cookieName = `node_app_${port}`
const waiting = new Map()
const signedIn = new Map()

async function clientAuth() {
  switch (env.CLIENT_AUTH ?? 'basic') {
    case 'basic':
      return client.ClientSecretBasic(env.CLIENT_SECRET)
    case 'post':
      return client.ClientSecretPost(env.CLIENT_SECRET)
    case 'none':
      return client.None()
    case 'private_key_jwt': {
      const jwk = JSON.parse(env.PRIVATE_JWK)
      const algorithm =
        jwk.kty === 'EC'
          ? { name: 'ECDSA', namedCurve: jwk.crv }
          : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      const key = await webcrypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign'])
      return client.PrivateKeyJwt({ key, kid: jwk.kid })
    }
    default:
      throw new Error(`CLIENT_AUTH=${env.CLIENT_AUTH}`)
  }
}

const config = await client.discovery(
  new URL(env.ISSUER),
  env.CLIENT_ID,
  { id_token_signed_response_alg: env.SIGNING_ALG ?? 'RS256' },
  await clientAuth(),
  { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
)

function cookie(request) {
  const found = (request.headers.cookie ?? '').split('; ').find((c) => c.startsWith(`${cookieName}=`))
  return found?.slice(cookieName.length + 1)
}

function html(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers })
  response.end(`<!doctype html><html lang="en"><title>Node app</title><link rel="icon" href="data:,">${body}</html>`)
}

function json(response, value) {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

function redirect(response, address, headers = {}) {
  response.writeHead(302, { location: String(address), ...headers })
  response.end()
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

function page(response, session) {
  if (!session) return html(response, 200, '<h1 id="signed-out">Signed out</h1><a id="login" href="/login">Sign in</a>')
  const claims = session.claims
  html(
    response,
    200,
    `<h1 id="signed-in">${escaped(claims.name ?? claims.sub)}</h1><pre id="claims">${escaped(JSON.stringify(claims))}</pre>
     <a id="logout" href="/logout">Sign out</a>`,
  )
}

async function body(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const routes = {
  async '/'(_request, response, _url, session) {
    page(response, session)
  },
  async '/profile'(_request, response, _url, session) {
    session ? page(response, session) : redirect(response, '/login')
  },
  async '/login'(_request, response, url) {
    const pkceCodeVerifier = client.randomPKCECodeVerifier()
    const asked = {
      pkceCodeVerifier,
      expectedState: client.randomState(),
      expectedNonce: client.randomNonce(),
      maxAge: url.searchParams.has('max_age') ? Number(url.searchParams.get('max_age')) : undefined,
    }
    const parameters = {
      ...Object.fromEntries(url.searchParams),
      redirect_uri: `${home}/callback`,
      scope,
      state: asked.expectedState,
      nonce: asked.expectedNonce,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      ...(env.RESPONSE_MODE ? { response_mode: env.RESPONSE_MODE } : {}),
    }
    const key = webcrypto.randomUUID()
    waiting.set(key, asked)
    redirect(response, client.buildAuthorizationUrl(config, parameters), {
      'set-cookie': `${cookieName}=${key}; Path=/; HttpOnly; SameSite=Lax`,
    })
  },
  async '/callback'(request, response, url) {
    const key = cookie(request)
    const checks = waiting.get(key) ?? {}
    waiting.delete(key)
    const answer =
      request.method === 'POST'
        ? new Request(url, { method: 'POST', headers: { 'content-type': request.headers['content-type'] }, body: await body(request) })
        : url
    const tokens = await client.authorizationCodeGrant(config, answer, checks)
    signedIn.set(key, { tokens, claims: tokens.claims() })
    redirect(response, '/profile')
  },
  async '/tokens'(_request, response, _url, session) {
    json(response, session?.tokens ?? null)
  },
  async '/refresh'(_request, response, _url, session) {
    session.tokens = { ...session.tokens, ...(await client.refreshTokenGrant(config, session.tokens.refresh_token)) }
    json(response, session.tokens)
  },
  async '/userinfo'(_request, response, _url, session) {
    json(response, await client.fetchUserInfo(config, session.tokens.access_token, session.claims.sub))
  },
  async '/introspect'(_request, response, _url, session) {
    json(response, await client.tokenIntrospection(config, session.tokens.access_token))
  },
  async '/revoke'(_request, response, _url, session) {
    await client.tokenRevocation(config, session.tokens.refresh_token)
    json(response, { revoked: true })
  },
  async '/client-credentials'(_request, response, url) {
    json(response, await client.clientCredentialsGrant(config, Object.fromEntries(url.searchParams)))
  },
  async '/logout'(request, response, _url, session) {
    signedIn.delete(cookie(request))
    redirect(
      response,
      client.buildEndSessionUrl(config, {
        post_logout_redirect_uri: `${home}/signed-out`,
        ...(session ? { id_token_hint: session.tokens.id_token } : {}),
      }),
    )
  },
  async '/signed-out'(_request, response) {
    page(response, undefined)
  },
}

createServer(async (request, response) => {
  const url = new URL(request.url, home)
  const route = routes[url.pathname]
  if (!route) return html(response, 404, 'Not found')
  try {
    await route(request, response, url, signedIn.get(cookie(request)))
  } catch (error) {
    console.error(error)
    // What the library says: an OAuth error of the server's, or its own reason for refusing the answer.
    html(response, 400, `<pre id="refused">${escaped(error.error ?? error.code ?? error.message)}</pre>`)
  }
}).listen(port, '127.0.0.1')
