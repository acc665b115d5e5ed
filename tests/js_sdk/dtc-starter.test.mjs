// The road of medusajs/dtc-starter (2026-07), which one code base takes whether or not the shop asks for verification:
// register, put up with a taken identity, log in; if that asks for verification, request it; else look for the
// customer and, on any error, create it and log in again. The starter runs on a server and stores no token in the SDK.

import assert from "node:assert/strict"
import { test } from "node:test"

import {
  bearer,
  browser,
  claims,
  inbox,
  logIn,
  mailedLinkValue,
  PASSWORD,
  refusal,
  server,
  signUp,
  someone,
  UNAUTHORIZED,
} from "./support.mjs"

const asksForVerification = process.env.UNVERIFIED_RESPONSE === "challenge"
const sdk = server()

async function starterSignUp(form) {
  try {
    await sdk.auth.register("customer", "emailpass", { email: form.email, password: PASSWORD })
  } catch (error) {
    if (error.statusText !== "Unauthorized" || error.message !== "Identity with email already exists") throw error
  }
  return starterLogIn(form)
}

async function starterLogIn(form) {
  const result = await logIn(sdk, form.email)
  if (typeof result === "object") {
    assert.equal(result.verification_required, true)
    await sdk.auth.verification
      .request({ entity_id: form.email, entity_type: "email" }, bearer(result.token))
      .catch(() => undefined)
    return { state: "verification_required" }
  }
  const exists = await sdk.store.customer.retrieve({}, bearer(result)).then(
    () => true,
    () => false,
  )
  if (exists) return { state: "success", created: false, token: result }
  await sdk.store.customer.create(form, {}, bearer(result))
  return { state: "success", created: true, token: await logIn(sdk, form.email) }
}

const newForm = () => ({ email: someone(), first_name: "Jane", last_name: "Doe", phone: "" })

const shown = async (token) =>
  (await sdk.client.fetch("/store/customers/me", { query: { fields: "*orders" }, headers: bearer(token) })).customer

test("dtc-starter signs a customer up and in", async () => {
  const form = newForm()
  let signedUp = await starterSignUp(form)
  if (asksForVerification) {
    assert.deepEqual(signedUp, { state: "verification_required" })
    await sdk.auth.verification.confirm({ code: await mailedLinkValue(form.email) })
    signedUp = await starterLogIn(form)
  }
  assert.equal(signedUp.state, "success")
  assert.equal(signedUp.created, true)

  const me = await shown(signedUp.token)
  assert.equal(me.id, claims(signedUp.token).actor_id)
  assert.equal(me.email, form.email)
  assert.equal(me.first_name, "Jane")
  assert.equal(me.phone, null)
  assert.equal(me.email_verified, asksForVerification)
  assert.deepEqual(me.orders, [])

  const again = await starterSignUp(form)
  assert.equal(again.state, "success")
  assert.equal(again.created, false)
  assert.equal(claims(again.token).actor_id, me.id)
})

if (asksForVerification) {
  test("login challenges an unproven address, before the customer exists and after", async () => {
    const shopper = browser()
    const email = someone()
    await shopper.auth.register("customer", "emailpass", { email, password: PASSWORD })

    const before = await logIn(shopper, email)
    assert.equal(before.verification_required, true)
    assert.equal(before.verification, undefined, "nothing was requested yet")
    assert.equal(claims(before.token).actor_id, "")
    assert.equal(await shopper.client.getToken(), before.token)
    assert.deepEqual(await refusal(shopper.store.customer.retrieve()), UNAUTHORIZED)

    await shopper.auth.verification.request({ entity_id: email, entity_type: "email" })
    const requested = await logIn(shopper, email)
    assert.deepEqual(Object.keys(requested).sort(), ["token", "verification", "verification_required"])
    assert.equal(requested.verification.entity_id, email)
    assert.equal(requested.verification.code_provider, "token")
    assert.equal(requested.verification.verified_at, null)
    assert.equal(requested.verification.auth_identity_id, claims(requested.token).auth_identity_id)

    const { customer } = await shopper.store.customer.create({ email })
    const after = await logIn(shopper, email)
    assert.equal(after.verification_required, true)
    assert.equal(claims(after.token).actor_id, "")
    assert.deepEqual(await refusal(shopper.store.customer.retrieve()), UNAUTHORIZED)

    await shopper.auth.verification.confirm({ code: await mailedLinkValue(email) })
    assert.equal(claims(await logIn(shopper, email)).actor_id, customer.id)
  })

  test("refresh answers the challenge too, and the actor once the address is proven", async () => {
    const shopper = browser()
    const email = someone()
    const { customer } = await signUp(shopper, email)
    const pending = await shopper.auth.refresh()
    assert.equal(pending.verification_required, true)
    assert.equal(claims(pending.token).actor_id, "")

    await shopper.auth.verification.request({ entity_id: email, entity_type: "email" })
    await shopper.auth.verification.confirm({ code: await mailedLinkValue(email) })
    const renewed = await shopper.auth.refresh()
    assert.deepEqual(Object.keys(renewed), ["token"])
    assert.equal(claims(renewed.token).actor_id, customer.id)
  })

  test("a second try inside the throttle mails nothing, and the first link still works", async () => {
    const form = newForm()
    assert.deepEqual(await starterSignUp(form), { state: "verification_required" })
    assert.deepEqual(await starterSignUp(form), { state: "verification_required" })
    const { token } = await logIn(sdk, form.email)
    const request = { entity_id: form.email, entity_type: "email" }
    const throttled = await refusal(sdk.auth.verification.request(request, bearer(token)))
    assert.equal(throttled.status, 429)
    assert.equal((await inbox(form.email)).length, 1)

    await sdk.auth.verification.confirm({ code: await mailedLinkValue(form.email) })
    assert.equal((await starterLogIn(form)).state, "success")
  })

  test("a wrong password is no challenge", async () => {
    const email = someone()
    await sdk.auth.register("customer", "emailpass", { email, password: PASSWORD })
    assert.deepEqual(await refusal(logIn(sdk, email, "wrong horse battery")), {
      status: 401,
      statusText: "Unauthorized",
      message: "Invalid email or password",
    })
  })
}
