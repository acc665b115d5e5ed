import assert from "node:assert/strict"
import { test } from "node:test"

import {
  badRequest,
  browser,
  claims,
  logIn,
  PASSWORD,
  refusal,
  signUp,
  someone,
  UNAUTHORIZED,
  verifyByCode,
} from "./support.mjs"

const NO_MATCH = { status: 401, statusText: "Unauthorized", message: "Invalid email or password" }

test("a wrong password and an unknown address are one answer", async () => {
  const sdk = browser()
  const email = someone()
  const { token } = await signUp(sdk, email)
  assert.deepEqual(await refusal(logIn(sdk, email, "wrong horse battery")), NO_MATCH)
  assert.deepEqual(await refusal(logIn(sdk, someone())), NO_MATCH)
  assert.equal(await sdk.client.getToken(), token)
})

test("login takes the address in any spelling, and only one identifier", async () => {
  const sdk = browser()
  const email = someone()
  const { customer } = await signUp(sdk, email)
  await verifyByCode(sdk, customer)
  assert.equal(claims(await logIn(sdk, email.toUpperCase())).actor_id, customer.id)
  const byEither = await sdk.auth.login("customer", "emailpass", { email_or_phone: email, password: PASSWORD })
  assert.equal(claims(byEither).actor_id, customer.id)
  const two = { email, email_or_phone: email, password: PASSWORD }
  assert.equal((await refusal(sdk.auth.login("customer", "emailpass", two))).status, 400)
})

test("before the customer exists, login answers a token without an actor", async () => {
  const sdk = browser()
  const email = someone()
  await sdk.auth.register("customer", "emailpass", { email, password: PASSWORD })
  const token = await logIn(sdk, email)
  assert.equal(claims(token).actor_id, "")
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
  const { customer } = await sdk.store.customer.create({ email })
  assert.equal(claims(token).auth_identity_id, customer.id.replace("cus_", "authid_"))
})

test("a customer's record needs a customer's token", async () => {
  const sdk = browser()
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
  await signUp(sdk, someone())
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
  await sdk.client.setToken("junk")
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
  assert.deepEqual(await refusal(sdk.auth.refresh()), UNAUTHORIZED)
})

for (const junk of ["junk", "undefined", "a.b.c", "eyJhbGciOiJub25lIn0.eyJhY3Rvcl9pZCI6ImN1c18xIn0.", "x".repeat(6000)]) {
  test(`a stored token of ${junk.length} letters, ${junk.slice(0, 20)}, disturbs no sign-up and no login`, async () => {
    const sdk = browser()
    const email = someone()
    await sdk.client.setToken(junk)
    const registration = await sdk.auth.register("customer", "emailpass", { email, password: PASSWORD })
    assert.equal(await sdk.client.getToken(), registration)
    await sdk.client.setToken(junk)
    assert.equal(claims(await logIn(sdk, email)).auth_identity_id, claims(registration).auth_identity_id)
    await sdk.client.setToken(junk)
    assert.ok((await sdk.auth.listProviders("customer")).providers.length > 0)
  })
}

test("providers are listed as the reference lists them", async () => {
  const { providers } = await browser().auth.listProviders("customer")
  assert.deepEqual(
    providers.find(({ id }) => id === "emailpass"),
    {
      id: "emailpass",
      identifier: "emailpass",
      display_name: "Email/Password Authentication",
      flow: "credentials",
    },
  )
  for (const provider of providers) {
    assert.deepEqual(Object.keys(provider).sort(), ["display_name", "flow", "id", "identifier"])
  }
  assert.ok(!providers.some(({ id }) => id === "phonepass"), "nobody logs in by phone here")
})

test("an unknown provider is not allowed", async () => {
  const sdk = browser()
  const not = badRequest("The actor type customer is not allowed to use the auth provider google")
  const body = { email: someone(), password: PASSWORD }
  assert.deepEqual(await refusal(sdk.auth.login("customer", "google", body)), not)
  assert.deepEqual(await refusal(sdk.auth.register("customer", "google", body)), not)
})
