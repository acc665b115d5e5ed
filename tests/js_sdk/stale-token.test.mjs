// The shop of this file signs its tokens with SIGNING_KEY, so that one of them can be aged here.

import assert from "node:assert/strict"
import { createHmac } from "node:crypto"
import { test } from "node:test"

import { browser, claims, logIn, PASSWORD, refusal, signUp, someone, UNAUTHORIZED } from "./support.mjs"

const HOUR = 60 * 60

function resigned(token, changes) {
  const header = token.split(".")[0]
  const payload = Buffer.from(JSON.stringify({ ...claims(token), ...changes })).toString("base64url")
  const signature = createHmac("sha256", process.env.SIGNING_KEY).update(`${header}.${payload}`).digest("base64url")
  return `${header}.${payload}.${signature}`
}

test("an expired token opens nothing, and disturbs no login and no sign-up", async () => {
  const sdk = browser()
  const email = someone()
  const { customer } = await signUp(sdk, email)
  const login = await logIn(sdk, email)
  const now = Math.floor(Date.now() / 1000)

  await sdk.client.setToken(resigned(login, { iat: now - 1, exp: now + HOUR }))
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)

  const stale = resigned(login, { iat: now - 25 * HOUR, exp: now - HOUR })
  await sdk.client.setToken(stale)
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
  assert.deepEqual(await refusal(sdk.auth.refresh()), UNAUTHORIZED)

  assert.equal(claims(await logIn(sdk, email)).actor_id, customer.id)
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)

  await sdk.client.setToken(stale)
  const registration = await sdk.auth.register("customer", "emailpass", { email: someone(), password: PASSWORD })
  assert.equal(await sdk.client.getToken(), registration)
  assert.equal(claims(registration).actor_id, "")
})
