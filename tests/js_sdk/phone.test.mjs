// A shop where people have nothing but a phone number: REGISTRATION.IDENTIFIER = "phone".

import assert from "node:assert/strict"
import { test } from "node:test"

import {
  ANOTHER_PASSWORD,
  badRequest,
  bearer,
  browser,
  claims,
  inbox,
  logIn,
  logInByPhone,
  mailedLinkValue,
  national,
  PASSWORD,
  refusal,
  requiredVerification,
  server,
  someone,
  somePhone,
  spellings,
  UNAUTHORIZED,
  unauthorized,
  VERIFY_FIRST,
  verifyByCode,
} from "./support.mjs"

const TAKEN = unauthorized("Identity with phone already exists")
const NO_MATCH = unauthorized("Invalid phone or password")

const register = (sdk, phone, password = PASSWORD, provider = "emailpass") =>
  sdk.auth.register("customer", provider, { phone, password })

/** Register, create and prove; the browser keeps the registration token. */
async function signUp(sdk, phone) {
  const registration = await register(sdk, phone)
  const { customer } = await sdk.store.customer.create({ phone })
  await verifyByCode(sdk, customer, "phone")
  return { registration, customer }
}

test("a sign-up by phone, from registering to a renewed login", async () => {
  const sdk = browser()
  const phone = somePhone()

  const registration = await register(sdk, phone)
  assert.equal(await sdk.client.getToken(), registration)
  assert.equal(claims(registration).actor_id, "")
  assert.equal(claims(registration).auth_provider, "phonepass")

  const { customer } = await sdk.store.customer.create({ first_name: "Pat", email: "" })
  assert.match(customer.id, /^cus_[0-9A-HJKMNP-TV-Z]{26}$/)
  assert.equal(customer.phone, phone)
  assert.equal(customer.email, null)
  assert.equal(customer.first_name, "Pat")
  assert.equal(customer.phone_verified, false)
  assert.equal(customer.has_account, true)
  assert.equal(claims(registration).auth_identity_id, customer.id.replace("cus_", "authid_"))

  assert.deepEqual(await refusal(logInByPhone(sdk, phone)), VERIFY_FIRST)
  assert.deepEqual(await requiredVerification({ phone, password: PASSWORD }), {
    customer_id: customer.id,
    verification_type: "phone_verification",
  })

  const verified = await verifyByCode(sdk, customer, "phone")
  assert.equal(verified.verified, true)
  assert.equal(verified.phone_verified, true)
  assert.equal(verified.email_verified, false)
  assert.equal(verified.needs_login, false)
  assert.equal(verified.customer.id, customer.id)
  assert.equal(claims(verified.token).actor_id, customer.id)
  assert.deepEqual((await inbox(phone)).map(({ channel }) => channel), ["sms"])

  const login = await logInByPhone(sdk, phone)
  assert.equal(await sdk.client.getToken(), login)
  assert.equal(claims(login).actor_id, customer.id)
  assert.equal(claims(login).auth_provider, "phonepass")
  assert.deepEqual(claims(login).app_metadata, { customer_id: customer.id })

  const { customer: me } = await sdk.store.customer.retrieve()
  assert.equal(me.id, customer.id)
  assert.equal(me.phone, phone)
  assert.equal(me.email, null)
  assert.equal(me.phone_verified, true)

  const renewed = await sdk.auth.refresh(bearer(login))
  assert.equal(await sdk.client.getToken(), renewed.token)
  assert.equal(claims(renewed.token).actor_id, customer.id)
  assert.equal(claims(renewed.token).auth_provider, "phonepass")
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)

  await sdk.auth.logout()
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
})

test("phonepass is the same road under its own name", async () => {
  const sdk = browser()
  const phone = somePhone()
  const registration = await register(sdk, phone, PASSWORD, "phonepass")
  assert.equal(claims(registration).auth_provider, "phonepass")
  const { customer } = await sdk.store.customer.create({ phone: national(phone) })
  assert.equal(customer.phone, phone)
  assert.deepEqual(await refusal(logInByPhone(sdk, phone, PASSWORD, "phonepass")), VERIFY_FIRST)
  await verifyByCode(sdk, customer, "phone")

  for (const provider of ["phonepass", "emailpass"]) {
    const login = await logInByPhone(server(), phone, PASSWORD, provider)
    assert.equal(claims(login).actor_id, customer.id)
    assert.equal(claims(login).auth_provider, "phonepass")
    assert.equal((await server().store.customer.retrieve({}, bearer(login))).customer.id, customer.id)
  }
  for (const provider of ["phonepass", "emailpass"]) {
    assert.deepEqual(await refusal(register(browser(), phone, ANOTHER_PASSWORD, provider)), TAKEN)
  }
})

test("a number logs in and is taken in every spelling", async () => {
  const sdk = browser()
  const phone = somePhone()
  const { customer } = await signUp(sdk, phone)
  for (const spelling of spellings(phone)) {
    assert.equal(claims(await logInByPhone(sdk, spelling)).actor_id, customer.id, spelling)
    const either = { email_or_phone: spelling, password: PASSWORD }
    assert.equal(claims(await sdk.auth.login("customer", "emailpass", either)).actor_id, customer.id, spelling)
    assert.deepEqual(await refusal(register(browser(), spelling)), TAKEN, spelling)
  }
})

test("a sign-up that broke off goes on with the same password, in another spelling", async () => {
  const phone = somePhone()
  const first = await register(browser(), phone)
  assert.deepEqual(await refusal(register(browser(), phone, ANOTHER_PASSWORD)), TAKEN)
  const sdk = browser()
  const second = await register(sdk, national(phone))
  assert.equal(claims(second).auth_identity_id, claims(first).auth_identity_id)
  const { customer } = await sdk.store.customer.create({ phone })
  assert.equal(customer.phone, phone)
  assert.deepEqual(
    await refusal(sdk.store.customer.create({ phone })),
    badRequest("Request already authenticated as a customer."),
  )
})

test("a registration token gains its actor by a refresh, after creation and verification", async () => {
  const sdk = browser()
  const phone = somePhone()
  await register(sdk, phone)
  assert.equal(claims((await sdk.auth.refresh()).token).actor_id, "")
  const { customer } = await sdk.store.customer.create({ phone })
  assert.deepEqual(await refusal(sdk.auth.refresh()), VERIFY_FIRST)
  await verifyByCode(sdk, customer, "phone")
  assert.equal(claims((await sdk.auth.refresh()).token).actor_id, customer.id)
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
})

test("a texted link confirms by itself, once", async () => {
  const sdk = browser()
  const phone = somePhone()
  await register(sdk, phone)
  const { customer } = await sdk.store.customer.create({ phone })
  const { verification } = await sdk.auth.verification.request({ entity_id: national(phone), entity_type: "phone" })
  assert.equal(verification.entity_id, phone)
  assert.equal(verification.entity_type, "phone")
  assert.equal(verification.verified_at, null)

  const code = await mailedLinkValue(phone)
  const confirmed = await server().auth.verification.confirm({ code })
  assert.equal(confirmed.entity_id, phone)
  assert.equal(confirmed.entity_type, "phone")
  assert.equal((await refusal(server().auth.verification.confirm({ code }))).status, 400)
  assert.equal(claims(await logInByPhone(sdk, phone)).actor_id, customer.id)
})

test("a wrong password, an unknown number and no number at all are one answer", async () => {
  const sdk = browser()
  const phone = somePhone()
  await signUp(sdk, phone)
  assert.deepEqual(await refusal(logInByPhone(sdk, phone, ANOTHER_PASSWORD)), NO_MATCH)
  assert.deepEqual(await refusal(logInByPhone(sdk, somePhone())), NO_MATCH)
  assert.deepEqual(await refusal(logInByPhone(sdk, "+1 415 555 JANE")), NO_MATCH)
  assert.deepEqual(await refusal(logIn(sdk, someone())), unauthorized("Invalid email or password"))
})

test("what register refuses", async () => {
  const sdk = browser()
  const refused = (body, provider = "emailpass") => refusal(sdk.auth.register("customer", provider, body))
  const malformed = badRequest("Invalid request: Invalid phone number")
  assert.deepEqual(await refused({ phone: somePhone() }), unauthorized("Password should be a string"))
  for (const provider of ["emailpass", "phonepass"]) {
    const missing = unauthorized("Phone should be a string")
    assert.deepEqual(await refused({ email: someone(), password: PASSWORD }, provider), missing)
    for (const phone of ["+1 415 555 JANE", "+1 415 555 2671 ext. 5", "+18005550100", "tel:+14155552671", "12"]) {
      assert.deepEqual(await refused({ phone, password: PASSWORD }, provider), malformed, phone)
    }
  }
  assert.equal(await sdk.client.getToken(), "")
})

test("every road that takes a phone is listed", async () => {
  const { providers } = await browser().auth.listProviders("customer")
  const credentials = (id, display_name) => ({ id, identifier: id, display_name, flow: "credentials" })
  assert.deepEqual(
    providers.filter(({ flow }) => flow === "credentials"),
    [
      credentials("emailpass", "Email/Password Authentication"),
      credentials("phonepass", "Phone/Password Authentication"),
      credentials("otp", "One-Time Code Authentication"),
    ],
  )
})
