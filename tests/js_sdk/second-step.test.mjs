// The shop of this file asks everybody for a code besides the password: LOGIN.SECOND_STEP = "otp".

import assert from "node:assert/strict"
import { test } from "node:test"

import {
  badRequest,
  browser,
  claims,
  cookieBrowser,
  logIn,
  mailedCode,
  post,
  refusal,
  signUp,
  someone,
  UNAUTHORIZED,
  verifyByCode,
  wrong,
} from "./support.mjs"

async function someCustomer() {
  const { customer } = await signUp(browser(), someone())
  await verifyByCode(browser(), customer)
  return customer
}

for (const [where, visit] of [["a browser with a token", browser], ["a cookie session", () => cookieBrowser().sdk]]) {
  test(`a login by password takes a code too, in ${where}`, async () => {
    const sdk = visit()
    const { id, email } = await someCustomer()
    const answer = await logIn(sdk, email)
    assert.equal(answer.mfa_required, true)
    assert.deepEqual(answer.mfa_challenge.methods, ["otp"])
    assert.equal(claims(answer.token).actor_id, "")
    assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)

    const code = await mailedCode(email)
    const show = (typed) => sdk.auth.mfa.verifyChallenge(answer.mfa_challenge.id, { method: "otp", code: typed })
    assert.deepEqual(await refusal(show(wrong(code))), badRequest("Invalid code"))
    assert.equal(claims(await show(code)).actor_id, id)
    assert.equal((await sdk.store.customer.retrieve()).customer.id, id)
    assert.deepEqual(Object.keys(await sdk.auth.refresh()), ["token"])
    assert.equal((await refusal(show(code))).status, 404)
  })
}

test("a login by code is asked for no other one", async () => {
  const sdk = browser()
  const { id, email } = await someCustomer()
  const { token } = await post(sdk, "/auth/customer/otp/generate", { identifier: email })
  const login = await sdk.auth.login("customer", "otp", { identifier: email, otp: await mailedCode(email), token })
  assert.equal(claims(login).actor_id, id)
  assert.deepEqual(Object.keys(await sdk.auth.refresh()), ["token"])
  assert.equal((await sdk.store.customer.retrieve()).customer.id, id)
})
