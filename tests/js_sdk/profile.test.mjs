// What sdk.store.customer.update changes, and what it does not.

import assert from "node:assert/strict"
import { test } from "node:test"

import { badRequest, browser, join, refusal, signUp, someone, somePhone, UNAUTHORIZED } from "./support.mjs"

const guarded = (noun) =>
  badRequest(
    `${noun} changes require OTP verification. Use POST /store/customers/me/contact to request a change.`,
  )

test("names are changed and cleared, and what is not named stays", async () => {
  const sdk = browser()
  await join(sdk)
  const { customer: before } = await sdk.store.customer.retrieve()
  const names = { first_name: "Jane", last_name: "Doe", company_name: "Doe & Daughters" }
  const { customer } = await sdk.store.customer.update(names)
  assert.deepEqual(customer, { ...before, ...names, updated_at: customer.updated_at })
  assert.ok(customer.updated_at > before.updated_at)

  const { customer: married } = await sdk.store.customer.update({ last_name: "Roe", company_name: null })
  assert.deepEqual([married.first_name, married.last_name, married.company_name], ["Jane", "Roe", null])
  assert.deepEqual((await sdk.store.customer.retrieve()).customer, married)
})

test("an empty update is answered and changes nothing", async () => {
  const sdk = browser()
  await join(sdk)
  const { customer: before } = await sdk.store.customer.update({ first_name: "Jane" })
  assert.deepEqual((await sdk.store.customer.update({})).customer, before)
})

test("metadata is merged key by key; an empty text deletes a key, null deletes them all", async () => {
  const sdk = browser()
  await join(sdk)
  const merged = async (metadata) => (await sdk.store.customer.update({ metadata })).customer.metadata
  assert.deepEqual(await merged({ size: "M", news: true }), { size: "M", news: true })
  assert.deepEqual(await merged({ size: "L", shelf: { row: 1 } }), { size: "L", news: true, shelf: { row: 1 } })
  assert.deepEqual(await merged({ news: "", shelf: { box: 2 } }), { size: "L", shelf: { box: 2 } })
  assert.deepEqual(await merged({}), { size: "L", shelf: { box: 2 } })
  assert.equal(await merged(null), null)
  assert.deepEqual(await merged({ size: "S" }), { size: "S" })
})

test("an update answers the fields that were asked for", async () => {
  const sdk = browser()
  const { customer: before } = await join(sdk)
  const { customer } = await sdk.store.customer.update({ first_name: "Jane" }, { fields: "first_name,*orders" })
  assert.deepEqual(customer, { id: before.id, first_name: "Jane", orders: [] })
})

test("a contact is not changed here, whatever its value", async () => {
  const sdk = browser()
  const { customer } = await join(sdk)
  for (const phone of [somePhone(), null, ""]) {
    assert.deepEqual(await refusal(sdk.store.customer.update({ phone, first_name: "Jane" })), guarded("Phone"))
  }
  for (const email of [someone(), customer.email, null, ""]) {
    assert.deepEqual(await refusal(sdk.store.customer.update({ email })), guarded("Email"))
    const patched = sdk.client.fetch("/store/customers/me", { method: "PATCH", body: { email } })
    assert.deepEqual(await refusal(patched), guarded("Email"))
  }
  const { customer: after } = await sdk.store.customer.retrieve()
  assert.deepEqual([after.email, after.phone, after.first_name], [customer.email, null, null])
})

test("what else an update refuses", async () => {
  const sdk = browser()
  await join(sdk)
  const refused = (body) => refusal(sdk.store.customer.update(body))
  assert.deepEqual(
    await refused({ first_name: 5, has_account: false }),
    badRequest(
      "Invalid request: Expected type: 'string' for field 'first_name', got: '5'; Unrecognized fields: 'has_account'",
    ),
  )
  assert.equal((await refused({ metadata: { note: "x".repeat(16_000) } })).status, 400)
  assert.equal((await sdk.store.customer.retrieve()).customer.metadata, null)
})

test("an update needs a customer's login", async () => {
  const sdk = browser()
  assert.deepEqual(await refusal(sdk.store.customer.update({ first_name: "Jane" })), UNAUTHORIZED)
  await signUp(sdk, someone())
  assert.deepEqual(await refusal(sdk.store.customer.update({ first_name: "Jane" })), UNAUTHORIZED)
})
