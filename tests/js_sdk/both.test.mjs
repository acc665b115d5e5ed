// A shop where people have an e-mail and a phone, each proven by itself: REGISTRATION.IDENTIFIER = "both".

import assert from "node:assert/strict"
import { test } from "node:test"

import {
  ANOTHER_PASSWORD,
  badRequest,
  bearer,
  browser,
  claims,
  logIn,
  logInByPhone,
  national,
  PASSWORD,
  refusal,
  requiredVerification,
  signUp,
  someone,
  somePhone,
  spellings,
  unauthorized,
  VERIFY_FIRST,
  verifyByCode,
} from "./support.mjs"

const taken = (message) => ({ status: 422, statusText: "Unprocessable Entity", message })

const byEither = (sdk, email_or_phone) =>
  sdk.auth.login("customer", "emailpass", { email_or_phone, password: PASSWORD })

test("a sign-up by e-mail brings the phone at creation, and each is proven by itself", async () => {
  const sdk = browser()
  const [email, phone] = [someone(), somePhone()]
  const registration = await sdk.auth.register("customer", "emailpass", { email, password: PASSWORD })
  assert.equal(claims(registration).actor_id, "")
  assert.equal(claims(registration).auth_provider, "emailpass")

  const needed = badRequest("Invalid request: Field 'phone' is required")
  assert.deepEqual(await refusal(sdk.store.customer.create({ email })), needed)
  assert.deepEqual(await refusal(sdk.store.customer.create({ email, phone: "" })), needed)
  assert.deepEqual(
    await refusal(sdk.store.customer.create({ email, phone: "+1 415 555 JANE" })),
    badRequest("Invalid request: Invalid phone number"),
  )
  const { customer } = await sdk.store.customer.create({ email, phone: national(phone), first_name: "Alex" })
  assert.equal(customer.email, email)
  assert.equal(customer.phone, phone)
  assert.equal(customer.email_verified, false)
  assert.equal(customer.phone_verified, false)

  const first = { customer_id: customer.id }
  const doors = [
    [{ email, password: PASSWORD }, "email_verification"],
    [{ phone, password: PASSWORD }, "phone_verification"],
  ]
  for (const [body, verification_type] of doors) {
    assert.deepEqual(await refusal(sdk.auth.login("customer", "emailpass", body)), VERIFY_FIRST)
    assert.deepEqual(await requiredVerification(body), { ...first, verification_type })
  }
  assert.deepEqual(await refusal(sdk.auth.refresh()), VERIFY_FIRST)

  const mailed = await verifyByCode(sdk, customer)
  assert.equal(mailed.email_verified, true)
  assert.equal(mailed.phone_verified, false)
  assert.equal(claims(mailed.token).auth_provider, "emailpass")
  assert.equal(claims(await logIn(sdk, email)).actor_id, customer.id)
  assert.deepEqual(await refusal(logInByPhone(sdk, phone)), VERIFY_FIRST)
  assert.deepEqual(await refusal(byEither(sdk, national(phone))), VERIFY_FIRST)

  const texted = await verifyByCode(sdk, customer, "phone")
  assert.equal(texted.email_verified, true)
  assert.equal(texted.phone_verified, true)
  assert.equal(claims(texted.token).auth_provider, "phonepass")
  const login = await logInByPhone(sdk, phone)
  assert.equal(claims(login).auth_provider, "phonepass")
  for (const identifier of [email, email.toUpperCase(), ...spellings(phone)]) {
    assert.equal(claims(await byEither(sdk, identifier)).actor_id, customer.id, identifier)
  }

  const { customer: me } = await sdk.store.customer.retrieve()
  assert.equal(me.id, customer.id)
  assert.deepEqual([me.email, me.phone, me.email_verified, me.phone_verified], [email, phone, true, true])
  const renewed = await sdk.auth.refresh(bearer(login))
  assert.equal(claims(renewed.token).actor_id, customer.id)
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
})

test("a sign-up by phone, at phonepass, brings the e-mail at creation", async () => {
  const sdk = browser()
  const [email, phone] = [someone(), somePhone()]
  const registration = await sdk.auth.register("customer", "phonepass", { phone, password: PASSWORD })
  assert.equal(claims(registration).auth_provider, "phonepass")
  assert.deepEqual(
    await refusal(sdk.store.customer.create({ phone })),
    badRequest("Invalid request: Field 'email' is required"),
  )
  const { customer } = await sdk.store.customer.create({ email })
  assert.deepEqual([customer.email, customer.phone], [email, phone])

  await verifyByCode(sdk, customer, "phone")
  const login = await logInByPhone(sdk, phone, PASSWORD, "phonepass")
  assert.equal(claims(login).actor_id, customer.id)
  assert.deepEqual(await refusal(logIn(sdk, email)), VERIFY_FIRST)
  const renewed = await sdk.auth.refresh(bearer(login))
  assert.equal(claims(renewed.token).actor_id, customer.id)

  await verifyByCode(sdk, customer)
  assert.equal(claims(await logIn(sdk, email)).actor_id, customer.id)
})

test("phonepass takes no e-mail, and emailpass registers none but an e-mail", async () => {
  const sdk = browser()
  const refused = (provider, body) => refusal(sdk.auth.register("customer", provider, body))
  const [email, phone] = [someone(), somePhone()]
  const noPhone = unauthorized("Phone should be a string")
  assert.deepEqual(await refused("phonepass", { email, password: PASSWORD }), noPhone)
  const noEmail = unauthorized("Email should be a string")
  assert.deepEqual(await refused("emailpass", { phone, password: PASSWORD }), noEmail)
  const { customer } = await signUp(sdk, email, { phone })
  await verifyByCode(sdk, customer)
  const body = { email, password: PASSWORD }
  assert.deepEqual(
    await refusal(sdk.auth.login("customer", "phonepass", body)),
    unauthorized("Invalid email or password"),
  )
})

test("an identifier that is somebody's is refused, as the first and as the second", async () => {
  const jane = browser()
  const [email, phone] = [someone(), somePhone()]
  await signUp(jane, email, { phone })

  const register = (provider, body) =>
    refusal(browser().auth.register("customer", provider, { ...body, password: ANOTHER_PASSWORD }))
  assert.deepEqual(await register("emailpass", { email }), unauthorized("Identity with email already exists"))
  for (const spelling of spellings(phone)) {
    const message = "Identity with phone already exists"
    assert.deepEqual(await register("phonepass", { phone: spelling }), unauthorized(message), spelling)
  }

  const joan = browser()
  const hers = someone()
  await joan.auth.register("customer", "emailpass", { email: hers, password: PASSWORD })
  for (const spelling of spellings(phone)) {
    assert.deepEqual(
      await refusal(joan.store.customer.create({ email: hers, phone: spelling })),
      taken("Customer with this phone already has an account"),
    )
  }
  assert.equal((await joan.store.customer.create({ phone: somePhone() })).customer.email, hers)

  const june = browser()
  await june.auth.register("customer", "phonepass", { phone: somePhone(), password: PASSWORD })
  assert.deepEqual(
    await refusal(june.store.customer.create({ email: email.toUpperCase() })),
    taken("Customer with this email already has an account"),
  )
})

test("a login takes one identifier, and the answer names its kind", async () => {
  const sdk = browser()
  const [email, phone] = [someone(), somePhone()]
  await signUp(sdk, email, { phone })
  const two = await refusal(sdk.auth.login("customer", "emailpass", { email, phone, password: PASSWORD }))
  assert.equal(two.status, 400)
  const wrong = [
    [{ email }, "Invalid email or password"],
    [{ phone }, "Invalid phone or password"],
    [{ email_or_phone: email }, "Invalid email or password"],
    [{ email_or_phone: national(phone) }, "Invalid phone or password"],
  ]
  for (const [identifier, message] of wrong) {
    const body = { ...identifier, password: ANOTHER_PASSWORD }
    assert.deepEqual(await refusal(sdk.auth.login("customer", "emailpass", body)), unauthorized(message))
  }
})

test("every road is listed", async () => {
  const { providers } = await browser().auth.listProviders("customer")
  const credentials = providers.filter(({ flow }) => flow === "credentials")
  assert.deepEqual(credentials.map(({ id }) => id), ["emailpass", "phonepass", "otp"])
  for (const provider of credentials) {
    assert.deepEqual(Object.keys(provider).sort(), ["display_name", "flow", "id", "identifier"])
  }
})
