// A second factor: an authenticator app, a code to the e-mail or the phone, recovery codes; all of it by sdk.auth.mfa.
// The shop of this file sends as many codes as are asked for, so that no test waits for the next one.

import assert from "node:assert/strict"
import { test } from "node:test"

import { authenticator, notShown } from "./authenticator.mjs"
import {
  badRequest,
  bearer,
  browser,
  claims,
  cookieBrowser,
  join,
  KINDS,
  logIn,
  logInBy,
  PASSWORD,
  post,
  refusal,
  sentCode,
  server,
  UNAUTHORIZED,
  wrong,
} from "./support.mjs"

const NAME = "sessionid"
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const INVALID_CODE = badRequest("Invalid code")
const TOO_MANY = badRequest("Too many wrong codes")
const OVER = { status: 404, statusText: "Not Found", message: "The challenge does not exist, or is over" }
const AGAIN = { status: 403, statusText: "Forbidden", message: "Log in again to do this" }

/** Set an authenticator app up for whoever the SDK is logged in as; its first code is used. */
async function enrol(sdk) {
  const { mfa_factor, otpauth_url } = await sdk.auth.mfa.start({ provider: "totp" })
  const app = authenticator(otpauth_url)
  const { mfa_factor: factor } = await sdk.auth.mfa.verify(mfa_factor.id, { code: app.code() })
  assert.equal(factor.status, "enabled")
  return { app, factor }
}

/** What a login or a refresh answers where a second factor is to be shown, and no more than that. */
function asked(answer, ...methods) {
  assert.deepEqual(Object.keys(answer), ["mfa_required", "mfa_challenge", "token"])
  assert.equal(answer.mfa_required, true)
  assert.equal(claims(answer.token).actor_id, "")
  const challenge = answer.mfa_challenge
  assert.match(challenge.expires_at, TIMESTAMP)
  const { id, expires_at } = challenge
  const untouched = { attempts: 0, max_attempts: 5, completed_at: null, metadata: null }
  assert.deepEqual(challenge, { id, methods, expires_at, ...untouched })
  return id
}

test("an app is set up, and from its first code on every login asks for one", async () => {
  const sdk = browser()
  const { customer, email, login } = await join(sdk)
  assert.deepEqual(await sdk.auth.mfa.list(), { mfa_factors: [] })

  const setup = await sdk.auth.mfa.start({ provider: "totp", label: "Phone", issuer: "Shop", metadata: { page: 7 } })
  const { mfa_factor: pending, secret, otpauth_url } = setup
  assert.match(pending.id, /^authmfa_/)
  assert.equal(pending.auth_identity_id, claims(login).auth_identity_id)
  assert.deepEqual([pending.provider, pending.status], ["totp", "pending"])
  assert.deepEqual(pending.metadata, { page: 7, label: "Phone" })
  const app = authenticator(otpauth_url)
  assert.deepEqual([app.secret, app.account, app.issuer], [secret, "Shop:Phone", "Shop"])
  assert.ok(setup.qr_svg.startsWith("<svg"))
  assert.ok(!JSON.stringify(await sdk.auth.mfa.list()).includes(secret), "shown once")
  assert.equal(typeof (await logIn(browser(), email)), "string", "nothing is asked for yet")

  assert.deepEqual(await refusal(sdk.auth.mfa.verify(pending.id, { code: notShown(app) })), INVALID_CODE)
  const { mfa_factor: enabled } = await sdk.auth.mfa.verify(pending.id, { code: app.code() })
  assert.deepEqual(enabled, { ...pending, status: "enabled", updated_at: enabled.updated_at })
  assert.deepEqual(await sdk.auth.mfa.list(), { mfa_factors: [enabled] })
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id, "the login goes on until it expires")

  await sdk.auth.logout()
  const answer = await logIn(sdk, email)
  const challenge = asked(answer, "totp")
  assert.equal(await sdk.client.getToken(), answer.token)
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
  for (const code of [notShown(app), app.lastCode()]) {
    const why = "a wrong one, and one that was used"
    assert.deepEqual(await refusal(sdk.auth.mfa.verifyChallenge(challenge, { method: "totp", code })), INVALID_CODE, why)
  }
  const spaced = app.code().replace(/^.../, "$& ")
  const token = await sdk.auth.mfa.verifyChallenge(challenge, { method: "totp", code: ` ${spaced} ` })
  assert.equal(claims(token).actor_id, customer.id)
  assert.equal(claims(token).mfa_enabled, true)
  assert.equal(await sdk.client.getToken(), token)
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
  const again = sdk.auth.mfa.verifyChallenge(challenge, { method: "totp", code: app.lastCode() })
  assert.equal((await refusal(again)).status, 404)
  assert.deepEqual(Object.keys(await sdk.auth.refresh()), ["token"], "who has shown it is not asked again")
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
})

test("a refresh asks whoever was logged in before", async () => {
  const sdk = browser()
  const { customer } = await join(sdk)
  const { app } = await enrol(sdk)
  const challenge = asked(await sdk.auth.refresh(), "totp")
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
  asked(await sdk.auth.refresh(), "totp")
  const code = app.code()
  assert.deepEqual(await refusal(sdk.auth.mfa.verifyChallenge(challenge, { method: "totp", code })), OVER)
  const newest = asked(await sdk.auth.refresh(), "totp")
  await sdk.auth.mfa.verifyChallenge(newest, { method: "totp", code })
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
})

test("recovery codes stand in for the app, each once, and a new set replaces the old one", async () => {
  const sdk = browser()
  const { customer, email } = await join(sdk)
  const { app } = await enrol(sdk)
  const asks = () => logIn(sdk, email)
  await sdk.auth.mfa.verifyChallenge(asked(await asks(), "totp"), { method: "totp", code: app.code() })
  const { recovery_codes: old } = await sdk.auth.mfa.generateRecoveryCodes()
  assert.equal(new Set(old).size, 10)
  const { recovery_codes: codes } = await sdk.auth.mfa.generateRecoveryCodes({ count: 3 })
  assert.equal(new Set([...codes, ...old]).size, 13)

  const show = (challenge, code) => sdk.auth.mfa.verifyChallenge(challenge, { method: "recovery_code", code })
  const challenge = asked(await asks(), "totp", "recovery_code")
  assert.deepEqual(await refusal(show(challenge, old[0])), INVALID_CODE)
  assert.equal(claims(await show(challenge, codes[0].toLowerCase())).actor_id, customer.id)
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
  const next = asked(await asks(), "totp", "recovery_code")
  assert.deepEqual(await refusal(show(next, codes[0])), INVALID_CODE, "used")
  await show(next, codes[1])
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
})

test("a login alone neither takes a factor away nor makes recovery codes; a code does", async () => {
  const sdk = browser()
  const { customer, email } = await join(sdk)
  const { mfa } = sdk.auth
  const { app, factor } = await enrol(sdk)
  for (const call of [() => mfa.disable(factor.id), () => mfa.generateRecoveryCodes()]) {
    assert.deepEqual(await refusal(call()), AGAIN)
  }
  const wrongly = { method: "totp", code: notShown(app) }
  assert.deepEqual(await refusal(mfa.disable(factor.id, wrongly)), INVALID_CODE)
  assert.deepEqual(await refusal(mfa.disable(factor.id, { method: "totp", code: app.lastCode() })), INVALID_CODE)
  const { mfa_factor } = await mfa.disable(factor.id, { method: "totp", code: app.code() })
  assert.deepEqual(mfa_factor, { ...factor, status: "disabled", updated_at: mfa_factor.updated_at })
  assert.equal(claims(await logIn(sdk, email)).actor_id, customer.id)
  assert.equal((await refusal(mfa.generateRecoveryCodes())).status, 400)
  assert.equal((await refusal(mfa.verify(factor.id, { code: app.code() }))).status, 404)
})

test("in a cookie session: set up, log in, show it, take it away", async () => {
  const { sdk, jar } = cookieBrowser()
  const { customer, email } = await join(sdk)
  const { app, factor } = await enrol(sdk)
  await sdk.auth.logout()
  const challenge = asked(await logIn(sdk, email), "totp")
  const { value: before } = jar.get(NAME)
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED, "half a login opens nothing")
  assert.deepEqual(await refusal(sdk.auth.mfa.list()), UNAUTHORIZED)
  const show = (code) => sdk.auth.mfa.verifyChallenge(challenge, { method: "totp", code })
  assert.deepEqual(await refusal(show(notShown(app))), INVALID_CODE)
  await show(app.code())
  assert.notEqual(jar.get(NAME).value, before)
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
  assert.deepEqual(Object.keys(await sdk.auth.refresh()), ["token"])
  const { recovery_codes } = await sdk.auth.mfa.generateRecoveryCodes({ count: 1 })
  assert.equal(recovery_codes.length, 1)
  assert.equal((await sdk.auth.mfa.disable(factor.id)).mfa_factor.status, "disabled", "shown a moment ago")
  assert.equal(typeof (await logIn(sdk, email)), "string")
})

test("a cookie session from before is asked when it is refreshed", async () => {
  const { sdk } = cookieBrowser()
  const { customer } = await join(sdk)
  const { app } = await enrol(sdk)
  const challenge = asked(await sdk.auth.refresh(), "totp")
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
  await sdk.auth.mfa.verifyChallenge(challenge, { method: "totp", code: app.code() })
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
})

for (const kind of KINDS) {
  test(`a code to the ${kind} is a factor too`, async () => {
    const sdk = browser()
    const { customer, email, [kind]: contact } = await join(sdk)
    const { mfa_factor, ...rest } = await sdk.auth.mfa.start({ provider: "otp", metadata: { entity_type: kind } })
    assert.deepEqual(rest, {}, "nothing to be scanned")
    assert.deepEqual([mfa_factor.status, mfa_factor.metadata], ["pending", { entity_type: kind }])
    const first = await sentCode(kind, contact)
    assert.deepEqual(await refusal(sdk.auth.mfa.verify(mfa_factor.id, { code: wrong(first) })), INVALID_CODE)
    assert.equal((await sdk.auth.mfa.verify(mfa_factor.id, { code: first })).mfa_factor.status, "enabled")

    const challenge = asked(await logIn(sdk, email), "otp")
    const code = await sentCode(kind, contact)
    const show = (id, typed) => sdk.auth.mfa.verifyChallenge(id, { method: "otp", code: typed })
    for (const typed of [first, wrong(code)]) assert.deepEqual(await refusal(show(challenge, typed)), INVALID_CODE)
    assert.equal(claims(await show(challenge, code)).actor_id, customer.id)
    assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
    const next = asked(await logIn(sdk, email), "otp")
    assert.deepEqual(await refusal(show(next, code)), INVALID_CODE, "used")
    await show(next, await sentCode(kind, contact))
    assert.equal((await sdk.auth.mfa.disable(mfa_factor.id)).mfa_factor.status, "disabled")
    assert.equal(typeof (await logIn(sdk, email)), "string")
  })
}

test("an app and a code: one of them will do, and every road to a login asks", async () => {
  const sdk = browser()
  const { customer, email, phone } = await join(sdk)
  const { app } = await enrol(sdk)
  const { mfa_factor } = await sdk.auth.mfa.start({ provider: "otp" })
  await sdk.auth.mfa.verify(mfa_factor.id, { code: await sentCode("phone", phone) })
  assert.equal(mfa_factor.metadata.entity_type, "phone", "what few people log in by")

  const either = ["totp", "otp"]
  for (const kind of KINDS) asked(await logInBy(browser(), kind, kind === "email" ? email : phone), ...either)
  const { token: flow } = await post(sdk, "/auth/customer/otp/generate", { identifier: email })
  const proof = { identifier: email, otp: await sentCode("email", email), token: flow }
  const challenge = asked(await sdk.auth.login("customer", "otp", proof), ...either)
  const token = await sdk.auth.mfa.verifyChallenge(challenge, { method: "totp", code: app.code() })
  assert.deepEqual([claims(token).actor_id, claims(token).auth_provider], [customer.id, "otp"])

  const twoSteps = cookieBrowser()
  const answer = await post(twoSteps.sdk, "/store/auth", { email, password: PASSWORD })
  const instead = asked(answer, ...either)
  assert.equal(twoSteps.jar.get(NAME), undefined)
  const shown = { method: "otp", code: await sentCode("phone", phone) }
  const done = await post(browser(), `/auth/mfa/challenges/${instead}/verify`, shown).catch(({ status }) => status)
  assert.equal(done, 401, "without the token that came with it")
  const { token: granted } = await twoSteps.sdk.client.fetch(`/auth/mfa/challenges/${instead}/verify`, {
    method: "POST",
    body: shown,
    headers: bearer(answer.token),
  })
  assert.equal((await server().store.customer.retrieve({}, bearer(granted))).customer.id, customer.id)
})

test("after five wrong codes a challenge takes no right one; the next login starts anew", async () => {
  const sdk = browser()
  const { customer, email } = await join(sdk)
  const { app } = await enrol(sdk)
  const challenge = asked(await logIn(sdk, email), "totp")
  const show = (id, code) => sdk.auth.mfa.verifyChallenge(id, { method: "totp", code })
  for (let guess = 0; guess < 5; guess++) assert.deepEqual(await refusal(show(challenge, notShown(app))), INVALID_CODE)
  const code = app.code()
  assert.deepEqual(await refusal(show(challenge, code)), TOO_MANY)
  await show(asked(await logIn(sdk, email), "totp"), code)
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
})

test("factors and challenges are their owner's", async () => {
  const [jane, joan] = [browser(), browser()]
  const [{ email }, { email: hers }] = [await join(jane), await join(joan)]
  const [{ app, factor }, { app: other }] = [await enrol(jane), await enrol(joan)]
  assert.equal((await refusal(joan.auth.mfa.disable(factor.id, { method: "totp", code: other.code() }))).status, 404)
  assert.deepEqual(await joan.auth.mfa.list().then(({ mfa_factors }) => mfa_factors.length), 1)
  const challenge = asked(await logIn(jane, email), "totp")
  asked(await logIn(joan, hers), "totp")
  const code = app.code()
  assert.deepEqual(await refusal(joan.auth.mfa.verifyChallenge(challenge, { method: "totp", code })), OVER)
  await jane.auth.mfa.verifyChallenge(challenge, { method: "totp", code })
})

test("nobody has factors before they are a customer who is logged in", async () => {
  const sdk = browser()
  const { mfa } = sdk.auth
  const calls = [
    () => mfa.list(),
    () => mfa.start({ provider: "totp" }),
    () => mfa.verify("authmfa_1", { code: "123456" }),
    () => mfa.disable("authmfa_1"),
    () => mfa.generateRecoveryCodes(),
  ]
  for (const call of calls) assert.deepEqual(await refusal(call()), UNAUTHORIZED)
  const challenge = () => mfa.verifyChallenge("authmfachal_1", { method: "totp", code: "123456" })
  assert.deepEqual(await refusal(challenge()), UNAUTHORIZED)
  await sdk.auth.register("customer", "emailpass", { email: "nobody-yet@example.com", password: PASSWORD })
  for (const call of calls) assert.deepEqual(await refusal(call()), UNAUTHORIZED)
  assert.deepEqual(await refusal(challenge()), OVER)
})
