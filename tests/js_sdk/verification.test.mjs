import assert from "node:assert/strict"
import { test } from "node:test"

import {
  badRequest,
  bearer,
  browser,
  claims,
  inbox,
  logIn,
  mailedCode,
  mailedLinkValue,
  PASSWORD,
  refusal,
  server,
  signUp,
  someone,
  UNAUTHORIZED,
  wrong,
} from "./support.mjs"

const NOT_GOOD = badRequest("Verification code is invalid or already used")
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

test("a mailed link confirms by itself, once, from any browser", async () => {
  const sdk = browser()
  const email = someone()
  const registration = await sdk.auth.register("customer", "emailpass", { email, password: PASSWORD })

  const { verification } = await sdk.auth.verification.request({
    entity_id: email,
    entity_type: "email",
    metadata: { page: "sign-up" },
  })
  assert.match(verification.id, /^authver_/)
  assert.match(verification.requested_at, TIMESTAMP)
  assert.equal(verification.auth_identity_id, claims(registration).auth_identity_id)
  assert.equal(verification.entity_id, email)
  assert.equal(verification.entity_type, "email")
  assert.equal(verification.code_provider, "token")
  assert.equal(verification.verified_at, null)
  assert.deepEqual(verification.metadata, { page: "sign-up" })
  assert.ok(!("provider_metadata" in verification))

  const value = await mailedLinkValue(email)
  assert.ok(!JSON.stringify(verification).includes(value))
  const elsewhere = server()
  assert.deepEqual(await refusal(elsewhere.auth.verification.confirm({ code: `${value}x` })), NOT_GOOD)
  const confirmed = await elsewhere.auth.verification.confirm({ code: value })
  assert.match(confirmed.verified_at, TIMESTAMP)
  assert.deepEqual(confirmed, {
    entity_id: email,
    entity_type: "email",
    code_provider: "token",
    verified_at: confirmed.verified_at,
  })
  assert.deepEqual(await refusal(elsewhere.auth.verification.confirm({ code: value })), NOT_GOOD)

  const { customer } = await sdk.store.customer.create({ email })
  assert.equal(customer.email_verified, true)
  assert.equal(claims(await logIn(sdk, email)).actor_id, customer.id)
})

test("a mailed code confirms only with its person's bearer", async () => {
  const [sdk, stranger] = [browser(), browser()]
  const email = someone()
  const { customer } = await signUp(sdk, email)
  await signUp(stranger, someone())

  const { verification } = await sdk.auth.verification.request({
    entity_id: email,
    entity_type: "email",
    code_provider: "otp",
  })
  assert.equal(verification.code_provider, "otp")
  const code = await mailedCode(email)
  const confirm = (who, typed) => who.auth.verification.confirm({ code: typed, code_provider: "otp" })

  assert.deepEqual(await refusal(confirm(server(), code)), UNAUTHORIZED)
  assert.deepEqual(await refusal(confirm(stranger, code)), NOT_GOOD)
  assert.deepEqual(await refusal(confirm(sdk, wrong(code))), NOT_GOOD)
  const confirmed = await confirm(sdk, code)
  assert.match(confirmed.verified_at, TIMESTAMP)
  assert.equal(confirmed.entity_id, email)
  assert.equal(confirmed.code_provider, "otp")
  assert.deepEqual(await refusal(confirm(sdk, code)), NOT_GOOD)

  assert.equal(claims(await logIn(sdk, email)).actor_id, customer.id)
})

test("asking again for a proven address is answered and sends nothing", async () => {
  const sdk = browser()
  const email = someone()
  await sdk.auth.register("customer", "emailpass", { email, password: PASSWORD })
  const entity = { entity_id: email, entity_type: "email" }
  await sdk.auth.verification.request(entity)
  await sdk.auth.verification.confirm({ code: await mailedLinkValue(email) })
  assert.equal((await inbox(email)).length, 1)

  const { verification } = await sdk.auth.verification.request(entity)
  assert.match(verification.verified_at, TIMESTAMP)
  assert.equal((await inbox(email)).length, 1)
})

test("what verification refuses", async () => {
  const sdk = browser()
  const email = someone()
  const other = someone()
  const ask = (body, headers) => refusal(sdk.auth.verification.request(body, headers))
  assert.deepEqual(await ask({ entity_id: email, entity_type: "email" }), UNAUTHORIZED)
  assert.deepEqual(await ask({ entity_id: email, entity_type: "email" }, bearer("junk")), UNAUTHORIZED)

  await sdk.auth.register("customer", "emailpass", { email, password: PASSWORD })
  assert.equal((await ask({ entity_id: other, entity_type: "email" })).status, 400)
  assert.deepEqual(
    await ask({ entity_type: "email", page: 1 }),
    badRequest("Invalid request: Field 'entity_id' is required; Unrecognized fields: 'page'"),
  )
  assert.deepEqual(
    await refusal(sdk.auth.verification.confirm({ code: "" })),
    badRequest("Invalid request: Value for field 'code' too small, expected at least: '1'"),
  )
  assert.deepEqual(await inbox(other), [])
  assert.deepEqual(await inbox(email), [])

  await sdk.auth.verification.request({ entity_id: email.toUpperCase(), entity_type: "email" })
  const again = await ask({ entity_id: email, entity_type: "email" })
  assert.equal(again.status, 429)
  assert.equal((await inbox(email)).length, 1)
})
