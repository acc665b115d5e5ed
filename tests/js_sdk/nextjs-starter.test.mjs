// The road of medusajs/nextjs-starter-medusa (2026-04): register, create with the registration token and the form's
// blank phone, log in. It knows no verification, so its shop asks for none.

import assert from "node:assert/strict"
import { test } from "node:test"

import { bearer, claims, logIn, PASSWORD, server, someone } from "./support.mjs"

test("nextjs-starter signs a customer up and in", async () => {
  const sdk = server()
  const form = { email: someone(), first_name: "Jane", last_name: "Doe", phone: "" }

  const registration = await sdk.auth.register("customer", "emailpass", { email: form.email, password: PASSWORD })
  assert.equal(claims(registration).actor_id, "")
  const { customer } = await sdk.store.customer.create(form, {}, bearer(registration))
  assert.equal(customer.email, form.email)
  assert.equal(customer.phone, null)

  const login = await logIn(sdk, form.email)
  assert.equal(claims(login).actor_id, customer.id)
  const { customer: me } = await sdk.client.fetch("/store/customers/me", {
    method: "GET",
    query: { fields: "*orders" },
    headers: bearer(login),
  })
  assert.equal(me.id, customer.id)
  assert.equal(me.last_name, "Doe")
  assert.deepEqual(me.orders, [])
  assert.equal(claims((await sdk.auth.refresh(bearer(login))).token).actor_id, customer.id)
})

test("nextjs-starter shows a taken address as the shop says it", async () => {
  const sdk = server()
  const email = someone()
  const registration = await sdk.auth.register("customer", "emailpass", { email, password: PASSWORD })
  await sdk.store.customer.create({ email, phone: "" }, {}, bearer(registration))
  const shown = await sdk.auth
    .register("customer", "emailpass", { email, password: PASSWORD })
    .catch((error) => error.toString())
  assert.equal(shown, "Error: Identity with email already exists")
})
