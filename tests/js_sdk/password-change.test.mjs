// A customer who knows the password changes it. The SDK has no method for it.

import assert from "node:assert/strict"
import { test } from "node:test"

import {
  ANOTHER_PASSWORD,
  badRequest,
  browser,
  claims,
  cookieBrowser,
  inbox,
  join,
  logIn,
  PASSWORD,
  post,
  refusal,
  UNAUTHORIZED,
  unauthorized,
} from "./support.mjs"

const ROUTE = "/store/customers/me/password"
const WRONG = { status: 403, statusText: "Forbidden", message: "The old password is wrong" }

test("the old password buys a new one and a fresh token; every other session ends", async () => {
  const [sdk, elsewhere, cookies] = [browser(), browser(), cookieBrowser().sdk]
  const { customer, email } = await join(sdk)
  await logIn(elsewhere, email)
  await logIn(cookies, email)

  const answer = await post(sdk, ROUTE, { old_password: PASSWORD, password: ANOTHER_PASSWORD })
  assert.deepEqual(Object.keys(answer), ["token"])
  for (const older of [sdk, elsewhere, cookies]) {
    assert.deepEqual(await refusal(older.store.customer.retrieve()), UNAUTHORIZED)
  }
  assert.equal(claims(answer.token).actor_id, customer.id)
  await sdk.client.setToken(answer.token)
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)

  assert.deepEqual(await refusal(logIn(sdk, email)), unauthorized("Invalid email or password"))
  assert.equal(claims(await logIn(sdk, email, ANOTHER_PASSWORD)).actor_id, customer.id)
  assert.equal((await inbox(email))[0].subject, "Your password was changed")
})

test("a cookie session goes on with the fresh token", async () => {
  const { sdk } = cookieBrowser()
  const { customer } = await join(sdk)
  const { token } = await post(sdk, ROUTE, { old_password: PASSWORD, password: ANOTHER_PASSWORD })
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
  await sdk.client.fetch("/auth/session", { method: "POST", headers: { authorization: `Bearer ${token}` } })
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
})

test("what a change refuses; the old password and the session stay good", async () => {
  const sdk = browser()
  const { customer, email } = await join(sdk)
  const refused = (body) => refusal(post(sdk, ROUTE, body))
  assert.deepEqual(await refused({ old_password: ANOTHER_PASSWORD, password: ANOTHER_PASSWORD }), WRONG)
  assert.deepEqual(await refused({ password: ANOTHER_PASSWORD }), WRONG)
  assert.deepEqual(
    await refused({ old_password: PASSWORD }),
    badRequest("Invalid request: Field 'password' is required"),
  )
  const weak = await refused({ old_password: PASSWORD, password: "password" })
  assert.deepEqual([weak.status, weak.message], [400, "Invalid request: This password is too common."])
  assert.deepEqual(await refusal(post(browser(), ROUTE, { password: ANOTHER_PASSWORD })), UNAUTHORIZED)

  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
  assert.equal(claims(await logIn(sdk, email)).actor_id, customer.id)
})

test("a stolen session is no road for guessing the password", async () => {
  const sdk = browser()
  await join(sdk)
  const guess = (old_password) => refusal(post(sdk, ROUTE, { old_password, password: ANOTHER_PASSWORD }))
  const answers = []
  for (let number = 0; number < 12; number += 1) answers.push((await guess(`guess number ${number}`)).status)
  assert.equal(answers[0], 403)
  // The shop's two workers count for themselves, so each compares five.
  const compared = answers.filter((status) => status === 403)
  assert.ok(compared.length <= 10, `${answers}`)
  assert.equal(answers.filter((status) => status === 429).length, 12 - compared.length)
})
