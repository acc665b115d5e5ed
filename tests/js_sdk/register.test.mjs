import assert from "node:assert/strict"
import { test } from "node:test"

import {
  badRequest,
  bearer,
  browser,
  claims,
  logIn,
  PASSWORD,
  refusal,
  server,
  signUp,
  someone,
  UNAUTHORIZED,
  VERIFY_FIRST,
  verifyByCode,
} from "./support.mjs"

const DAY = 24 * 60 * 60
const TAKEN = { status: 401, statusText: "Unauthorized", message: "Identity with email already exists" }

const register = (sdk, email, password = PASSWORD) => sdk.auth.register("customer", "emailpass", { email, password })

test("a sign-up, from registering to a renewed login", async () => {
  const sdk = browser()
  const email = someone()

  const registration = await register(sdk, email)
  assert.equal(await sdk.client.getToken(), registration)
  assert.equal(claims(registration).actor_id, "")
  assert.equal(claims(registration).actor_type, "customer")

  const { customer } = await sdk.store.customer.create({ email, first_name: "Jane", last_name: "Doe" })
  assert.match(customer.id, /^cus_[0-9A-HJKMNP-TV-Z]{26}$/)
  assert.equal(customer.email, email)
  assert.equal(customer.first_name, "Jane")
  assert.equal(customer.email_verified, false)
  assert.equal(customer.has_account, true)
  assert.equal(claims(registration).auth_identity_id, customer.id.replace("cus_", "authid_"))

  assert.deepEqual(await refusal(logIn(sdk, email)), VERIFY_FIRST)
  assert.equal(await sdk.client.getToken(), registration)

  const verified = await verifyByCode(sdk, customer)
  assert.equal(verified.verified, true)
  assert.equal(verified.email_verified, true)
  assert.equal(verified.phone_verified, false)
  assert.equal(verified.needs_login, false)
  assert.equal(verified.customer.id, customer.id)
  assert.equal(claims(verified.token).actor_id, customer.id)

  const login = await logIn(sdk, email)
  assert.equal(await sdk.client.getToken(), login)
  const said = claims(login)
  assert.equal(said.actor_id, customer.id)
  assert.equal(said.auth_provider, "emailpass")
  assert.deepEqual(said.app_metadata, { customer_id: customer.id })
  assert.equal(said.exp - said.iat, DAY)

  const { customer: me } = await sdk.store.customer.retrieve({ fields: "*orders" })
  assert.equal(me.id, customer.id)
  assert.equal(me.email, email)
  assert.equal(me.last_name, "Doe")
  assert.equal(me.email_verified, true)
  assert.deepEqual(me.orders, [])
  assert.deepEqual(me.addresses, [])
  const { customer: plain } = await sdk.store.customer.retrieve()
  assert.ok(!("orders" in plain))

  await sdk.client.setToken("")
  const renewed = await sdk.auth.refresh(bearer(login))
  assert.deepEqual(Object.keys(renewed), ["token"])
  assert.equal(await sdk.client.getToken(), renewed.token)
  assert.equal(claims(renewed.token).actor_id, customer.id)
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)

  await sdk.auth.logout()
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
})

test("a registration token gains its actor by a refresh, after creation and verification", async () => {
  const sdk = browser()
  const email = someone()

  await register(sdk, email)
  const early = await sdk.auth.refresh()
  assert.equal(claims(early.token).actor_id, "")

  const { customer } = await sdk.store.customer.create({ email })
  assert.deepEqual(await refusal(sdk.auth.refresh()), VERIFY_FIRST)

  await verifyByCode(sdk, customer)
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
  const late = await sdk.auth.refresh()
  assert.equal(claims(late.token).actor_id, customer.id)
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
})

test("the nextjs starter shows the refusal of an unproven address as it comes, and logs in once it is proven", async () => {
  const sdk = server()
  const form = { email: someone(), first_name: "Jane", last_name: "Doe", phone: "" }

  const registration = await register(sdk, form.email)
  const { customer } = await sdk.store.customer.create(form, {}, bearer(registration))
  const shown = await logIn(sdk, form.email).catch((error) => error.toString())
  assert.equal(shown, `Error: ${VERIFY_FIRST.message}`)

  await verifyByCode(sdk, customer)
  const login = await logIn(sdk, form.email)
  assert.equal((await sdk.store.customer.retrieve({}, bearer(login))).customer.id, customer.id)
})

test("a taken address is refused in the words that dtc-starter matches", async () => {
  const sdk = browser()
  const email = someone()
  await register(sdk, email)
  assert.deepEqual(await refusal(register(browser(), email, "another password, just as long")), TAKEN)

  await sdk.store.customer.create({ email })
  for (const spelling of [email, email.toUpperCase(), ` ${email} `]) {
    assert.deepEqual(await refusal(register(browser(), spelling)), TAKEN)
  }
  assert.deepEqual(
    await refusal(sdk.store.customer.create({ email })),
    badRequest("Request already authenticated as a customer."),
  )
})

test("a sign-up that broke off goes on with the same password", async () => {
  const email = someone()
  const first = await register(browser(), email)
  const sdk = browser()
  const second = await register(sdk, email)
  assert.equal(claims(second).auth_identity_id, claims(first).auth_identity_id)
  const { customer } = await sdk.store.customer.create({ email })
  assert.equal(customer.email, email)
})

test("what register refuses", async () => {
  const sdk = browser()
  const refused = (body) => refusal(sdk.auth.register("customer", "emailpass", body))
  const unauthorized = (message) => ({ status: 401, statusText: "Unauthorized", message })

  assert.deepEqual(await refused({ email: someone() }), unauthorized("Password should be a string"))
  assert.deepEqual(await refused({ password: PASSWORD }), unauthorized("Email should be a string"))
  assert.deepEqual(
    await refused({ email: "no address", password: PASSWORD }),
    badRequest("Invalid request: Invalid email address"),
  )
  assert.equal(await sdk.client.getToken(), "")
})

test("a customer is created only by the holder of a registration token, in known fields", async () => {
  const sdk = browser()
  const email = someone()
  assert.deepEqual(await refusal(sdk.store.customer.create({ email })), UNAUTHORIZED)
  await register(sdk, email)
  assert.deepEqual(
    await refusal(sdk.store.customer.create({ email, has_account: true })),
    badRequest("Invalid request: Unrecognized fields: 'has_account'"),
  )
  assert.equal((await sdk.store.customer.create({ email, phone: null })).customer.phone, null)
})

test("a token passed with a call wins over the stored one", async () => {
  const [jane, joan] = [browser(), browser()]
  const { customer } = await signUp(jane, someone())
  const other = await signUp(joan, someone())
  await verifyByCode(jane, customer)
  await verifyByCode(joan, other.customer)
  const { token } = await jane.auth.refresh(bearer(other.token))
  assert.equal(claims(token).actor_id, other.customer.id)
})
