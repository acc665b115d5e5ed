// Nothing but an address or a number: a code goes there, and bringing it back is the login. The SDK's own register and
// login bring it; it has no method to ask for one, so a storefront does that with sdk.client.fetch.

import assert from "node:assert/strict"
import { test } from "node:test"

import {
  answerOf,
  badRequest,
  bearer,
  browser,
  claims,
  cookieBrowser,
  inbox,
  join,
  KINDS,
  logInBy,
  national,
  PASSWORD,
  post,
  refusal,
  sentCode,
  server,
  someContact,
  UNAUTHORIZED,
  unauthorized,
  wrong,
} from "./support.mjs"

const GENERATE = "/auth/customer/otp/generate"
const VERIFY = "/auth/customer/otp/verify"
const PRE_REGISTER = "/auth/customer/otp/pre-register"
const ON_ITS_WAY = "If an account exists with this identifier, an OTP will be sent."
const VALIDATE = "Please validate the OTP to continue with the registration process."
const INVALID_OTP = badRequest("Invalid OTP")
const CROSS_SITE = "Cross-site requests cannot use the session cookie"
const NOT_THIS_ONE = { error: "OTP is invalid" }
const NAME = "sessionid"

/** A contact in another spelling. */
const asTyped = (kind, contact) => (kind === "email" ? ` ${contact.toUpperCase()} ` : national(contact))

const logInByCode = (sdk, body) => sdk.auth.login("customer", "otp", body)

/** Ask for a code to an identifier and read it; return what is brought back. */
async function askFor(sdk, path, kind, identifier) {
  const { token } = await post(sdk, path, { identifier })
  return { identifier, otp: await sentCode(kind, identifier), token }
}

/** Sign up with nothing but a contact, and what else the mode asks for; nobody is logged in yet. */
async function signUpByCode(sdk, kind) {
  const contacts = Object.fromEntries(KINDS.map((each) => [each, someContact(each)]))
  const proof = await askFor(sdk, PRE_REGISTER, kind, contacts[kind])
  const registration = await sdk.auth.register("customer", "otp", proof)
  const { customer } = await sdk.store.customer.create({ ...contacts, first_name: "Jane" }, {}, bearer(registration))
  return { customer, proof, contact: contacts[kind] }
}

for (const kind of KINDS) {
  test(`by ${kind}: sign up with nothing else, log in with the very code, come back with a fresh one`, async () => {
    const sdk = browser()
    const contact = someContact(kind)
    const asked = await post(sdk, PRE_REGISTER, { identifier: asTyped(kind, contact) })
    assert.deepEqual(asked, { message: VALIDATE, token: asked.token })
    const otp = await sentCode(kind, contact)
    assert.ok(!JSON.stringify(asked).includes(otp))

    const proof = { identifier: contact, otp, token: asked.token }
    assert.deepEqual(await refusal(logInByCode(sdk, proof)), INVALID_OTP, "it is none to log in with, yet")
    assert.deepEqual(await refusal(sdk.auth.register("customer", "otp", { ...proof, otp: wrong(otp) })), INVALID_OTP)
    const registration = await sdk.auth.register("customer", "otp", proof)
    assert.deepEqual([claims(registration).actor_id, claims(registration).auth_provider], ["", "otp"])
    assert.deepEqual(await refusal(sdk.auth.register("customer", "otp", proof)), INVALID_OTP, "used")
    assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)

    const others = Object.fromEntries(KINDS.filter((each) => each !== kind).map((each) => [each, someContact(each)]))
    const { customer } = await sdk.store.customer.create({ ...others, first_name: "Jane" })
    assert.deepEqual([customer[kind], customer[`${kind}_verified`]], [contact, true])
    for (const other of Object.keys(others)) assert.equal(customer[`${other}_verified`], false)

    assert.deepEqual(await refusal(post(sdk, VERIFY, proof)), INVALID_OTP, "the road of codes to log in with")
    assert.equal(claims(await logInByCode(sdk, proof)).actor_id, customer.id)
    assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
    assert.deepEqual(await refusal(logInByCode(browser(), proof)), INVALID_OTP, "once")

    const elsewhere = browser()
    const fresh = await askFor(elsewhere, GENERATE, kind, contact)
    assert.notEqual(fresh.token, proof.token)
    assert.deepEqual(await refusal(logInByCode(elsewhere, { ...fresh, otp: wrong(fresh.otp) })), INVALID_OTP)
    const login = claims(await logInByCode(elsewhere, { ...fresh, identifier: asTyped(kind, contact) }))
    assert.deepEqual([login.actor_id, login.auth_provider], [customer.id, "otp"])
    assert.equal((await elsewhere.store.customer.retrieve()).customer.id, customer.id)
    assert.deepEqual(await refusal(logInByCode(elsewhere, fresh)), INVALID_OTP)
    assert.deepEqual(await refusal(post(elsewhere, VERIFY, fresh)), INVALID_OTP)
    const { token: renewed } = await elsewhere.auth.refresh()
    assert.equal(claims(renewed).actor_id, customer.id)
  })

  test(`by ${kind}: a code is brought without its flow token too, and a foreign flow token is none`, async () => {
    const [jane, joan] = [await join(browser()), await join(browser())]
    const [sdk, hers] = [browser(), await askFor(browser(), GENERATE, kind, joan[kind])]
    const { token: flow, ...proof } = await askFor(sdk, GENERATE, kind, jane[kind])
    const bring = (body) => post(sdk, VERIFY, body)
    assert.deepEqual(await refusal(bring({ ...proof, token: hers.token })), INVALID_OTP)
    assert.deepEqual(await refusal(bring({ ...proof, token: "junk" })), INVALID_OTP)
    assert.deepEqual(await refusal(bring({ ...hers, otp: proof.otp, token: flow })), INVALID_OTP)
    const { token } = await bring(proof)
    assert.equal(claims(token).actor_id, jane.customer.id)
    assert.equal((await server().store.customer.retrieve({}, bearer(token))).customer[kind], jane[kind])
  })

  test(`by ${kind}: strangers and customers are answered alike, and strangers are sent nothing`, async () => {
    const person = await join(browser())
    const nobody = someContact(kind)
    const before = await inbox(person[kind])
    for (const contact of [person[kind], nobody]) {
      const asked = await post(server(), GENERATE, { identifier: contact })
      assert.deepEqual(asked, { message: ON_ITS_WAY, token: asked.token })
      assert.equal(claims(asked.token).purpose, "otp.code_login")
      assert.equal((await refusal(post(server(), GENERATE, { identifier: contact }))).status, 429, "in the throttle")
      const otp = contact === nobody ? "123456" : wrong(await sentCode(kind, contact))
      for (const flow of [{}, { token: asked.token }]) {
        assert.deepEqual(await refusal(post(server(), VERIFY, { identifier: contact, otp, ...flow })), INVALID_OTP)
      }
    }
    assert.equal((await inbox(person[kind])).length, before.length + 1)
    assert.deepEqual(await inbox(nobody), [])
  })

  test(`by ${kind}: whoever has an account registers no second time, and is sent no code for it`, async () => {
    const sdk = browser()
    const person = await join(sdk)
    const before = await inbox(person[kind])
    const asked = await post(server(), PRE_REGISTER, { identifier: asTyped(kind, person[kind]) })
    assert.deepEqual(asked, { message: VALIDATE, token: asked.token })
    const proof = { identifier: person[kind], otp: "123456", token: asked.token }
    assert.deepEqual(await refusal(server().auth.register("customer", "otp", proof)), INVALID_OTP)
    assert.deepEqual(await inbox(person[kind]), before)

    const { customer } = await sdk.store.customer.retrieve()
    assert.equal(customer.id, person.customer.id, "nobody was thrown out")
    const login = await askFor(browser(), GENERATE, kind, person[kind])
    assert.equal(claims(await logInByCode(browser(), login)).actor_id, customer.id, "with the password they had")
    assert.equal(claims(await logInBy(browser(), kind, person[kind])).actor_id, customer.id)
  })

  test(`by ${kind}: whoever stops after the code takes the sign-up up later, with another one`, async () => {
    const [sdk, later] = [browser(), browser()]
    const proof = await askFor(sdk, PRE_REGISTER, kind, someContact(kind))
    const first = claims(await sdk.auth.register("customer", "otp", proof))
    const login = await askFor(later, GENERATE, kind, proof.identifier)
    const token = claims(await logInByCode(later, login))
    assert.deepEqual([token.actor_id, token.auth_identity_id], ["", first.auth_identity_id])
    const others = Object.fromEntries(KINDS.filter((each) => each !== kind).map((each) => [each, someContact(each)]))
    const { customer } = await later.store.customer.create(others)
    await later.auth.refresh()
    assert.equal((await later.store.customer.retrieve()).customer.id, customer.id)
  })

  test(`by ${kind}: the stored bearer, expired or junk, is in nobody's way`, async () => {
    const sdk = browser()
    await sdk.client.setToken("junk")
    const { customer, proof, contact } = await signUpByCode(sdk, kind)
    await sdk.client.setToken("junk")
    assert.equal(claims(await logInByCode(sdk, proof)).actor_id, customer.id)
    await post(sdk, "/store/customers/me/logout-all")
    assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
    const fresh = await askFor(sdk, GENERATE, kind, contact)
    assert.equal(claims((await post(sdk, VERIFY, fresh)).token).actor_id, customer.id)
  })

  test(`by ${kind}: a cookie session is opened by a code and needs no token afterwards`, async () => {
    const { sdk, jar } = cookieBrowser()
    const { customer, proof, contact } = await signUpByCode(sdk, kind)
    assert.equal(jar.get(NAME), undefined)
    await logInByCode(sdk, proof)
    assert.equal(jar.get(NAME).attributes.httponly, true)
    assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
    await sdk.auth.logout()
    assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
    await logInByCode(sdk, await askFor(sdk, GENERATE, kind, contact))
    assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
  })

  test(`by ${kind}: whoever came by a code has no password, until they choose one`, async () => {
    const sdk = browser()
    const { customer, proof, contact } = await signUpByCode(sdk, kind)
    const invalid = unauthorized(`Invalid ${kind} or password`)
    assert.deepEqual(await refusal(logInBy(sdk, kind, contact)), invalid)
    await logInByCode(sdk, proof)
    const { token } = await post(sdk, "/store/customers/me/password", { password: PASSWORD })
    assert.equal(claims(token).actor_id, customer.id)
    assert.equal(claims(await logInBy(browser(), kind, contact)).actor_id, customer.id)
  })

  test(`by ${kind}: a password and then a code open a cookie session at /store/auth`, async () => {
    const { sdk, jar } = cookieBrowser()
    const { customer, [kind]: contact } = await join(browser())
    const begin = (password) => post(sdk, "/store/auth", { [kind]: contact, password })
    const finish = (otp, headers) =>
      sdk.client.fetch("/store/auth/otp", { method: "POST", body: { [kind]: contact, otp }, headers })
    assert.deepEqual(await refusal(begin("some other password")), unauthorized(`Invalid ${kind} or password`))
    const first = await begin(PASSWORD)
    assert.deepEqual([Object.keys(first), first.customer.id], [["customer"], customer.id])
    assert.equal(jar.get(NAME), undefined)
    assert.deepEqual(await refusal(sdk.client.fetch("/store/auth")), UNAUTHORIZED)

    const otp = await sentCode(kind, contact)
    assert.deepEqual(await answerOf("/store/auth/otp", { [kind]: contact, otp: wrong(otp) }), [400, NOT_THIS_ONE])
    assert.deepEqual(await answerOf("/store/auth/otp", { [kind]: someContact(kind), otp }), [400, NOT_THIS_ONE])
    assert.equal((await refusal(finish(otp, { origin: "https://elsewhere.example" }))).message, CROSS_SITE)
    assert.equal((await finish(otp)).customer.id, customer.id)
    assert.equal(jar.get(NAME).attributes.httponly, true)
    for (const path of ["/store/auth", "/store/customers/me"]) {
      assert.equal((await sdk.client.fetch(path)).customer.id, customer.id)
    }
    assert.deepEqual(await answerOf("/store/auth/otp", { [kind]: contact, otp }), [400, NOT_THIS_ONE], "used")
    assert.deepEqual(await sdk.client.fetch("/store/auth", { method: "DELETE" }), { success: true })
    assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
  })
}

test("codes are among the ways to log in, for staff too; staff do not register, and nobody resets a code", async () => {
  for (const actor of ["customer", "user"]) {
    const { providers } = await browser().auth.listProviders(actor)
    assert.ok(providers.some(({ id }) => id === "otp"), actor)
  }
  const nobody = { identifier: "nobody@example.com" }
  const asked = await post(server(), "/auth/user/otp/pre-register", nobody)
  assert.equal(asked.message, VALIDATE)
  assert.deepEqual(await inbox(nobody.identifier), [])
  const proof = { ...nobody, otp: "123456", token: asked.token }
  assert.deepEqual(await refusal(server().auth.register("user", "otp", proof)), INVALID_OTP)
  assert.equal((await refusal(server().auth.resetPassword("customer", "otp", nobody))).status, 400)
})
