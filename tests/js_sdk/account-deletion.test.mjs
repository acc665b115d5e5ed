// Leaving for good: a code confirms it, a code takes it back while logging in is blocked. The SDK has no methods for it,
// so a storefront calls the routes with sdk.client.fetch.

import assert from "node:assert/strict"
import { test } from "node:test"

import {
  badRequest,
  bearer,
  browser,
  claims,
  cookieBrowser,
  inbox,
  INVALID_TOKEN,
  join,
  KINDS,
  logInBy,
  national,
  PASSWORD,
  post,
  refusal,
  refusedLogin,
  sent,
  server,
  someContact,
  someone,
  somePhone,
  UNAUTHORIZED,
  wrong,
} from "./support.mjs"

const REQUEST = "/store/customers/account-deletion/request"
const CONFIRM = "/store/customers/account-deletion/confirm"
const CANCEL = "/store/customers/account-deletion/cancel-request"
const CANCEL_CONFIRM = "/store/customers/account-deletion/cancel-confirm"
const LEAVING = { status: 403, statusText: "Forbidden", message: "The account is scheduled for deletion" }
const INVALID_CODE = badRequest("Invalid code")
const DAY = 24 * 60 * 60 * 1000

/** The contact that is told: the proven e-mail first. */
const told = (person) => person.email ?? person.phone

const codeToLeave = (person) => sent(told(person), /^(\d{6}) is the code to delete your account|code to delete your account:\s+(\d{6})\b/)
const codeToStay = (contact) => sent(contact, /^(\d{6}) is the code to keep your account|code to keep your account:\s+(\d{6})\b/)

/** Ask for the deletion of whoever the SDK is logged in as, and confirm it as a page without a login does. */
async function leave(sdk, person, body) {
  const { token } = await post(sdk, REQUEST, body)
  return post(server(), CONFIRM, { token, code: await codeToLeave(person) })
}

test("somebody asks, brings the code, and has a week", async () => {
  const [sdk, elsewhere] = [browser(), browser()]
  const person = await join(sdk)
  await logInBy(elsewhere, KINDS[0], person[KINDS[0]])
  const challenge = await post(sdk, REQUEST, { reason: "moving" })
  assert.deepEqual(Object.keys(challenge), ["token", "expires_at"])
  assert.equal((await sdk.store.customer.retrieve()).customer.id, person.customer.id, "nothing has changed yet")

  const code = await codeToLeave(person)
  const bring = (text) => post(sdk, CONFIRM, { token: challenge.token, code: text })
  assert.deepEqual(await refusal(bring(wrong(code))), INVALID_CODE)
  const { request } = await bring(code)
  assert.equal(request.customer_id, person.customer.id)
  assert.equal(request.status, "confirmed")
  assert.equal(new Date(request.scheduled_at) - new Date(request.confirmed_at), 7 * DAY)
  assert.deepEqual([request.cancelled_at, request.completed_at], [null, null])

  for (const older of [sdk, elsewhere]) {
    assert.deepEqual(await refusal(older.store.customer.retrieve()), UNAUTHORIZED)
    assert.deepEqual(await refusal(older.auth.refresh()), UNAUTHORIZED)
  }
  assert.deepEqual(await refusal(bring(code)), INVALID_CODE)
})

for (const kind of KINDS) {
  test(`a login by ${kind} is refused until the deletion is cancelled by a code to it`, async () => {
    const sdk = browser()
    const person = await join(sdk)
    const { request } = await leave(sdk, person)

    assert.deepEqual(await refusal(logInBy(sdk, kind, person[kind])), LEAVING)
    const { type, code, scheduled_at } = await refusedLogin({ [kind]: person[kind], password: PASSWORD })
    assert.deepEqual([type, code, scheduled_at], ["forbidden", "account_deletion_pending", request.scheduled_at])
    const guess = refusal(logInBy(sdk, kind, person[kind], "some other password"))
    assert.equal((await guess).status, 401, "only the right password learns of it")

    const typed = kind === "email" ? person.email.toUpperCase() : national(person.phone)
    const challenge = await post(sdk, CANCEL, { email_or_phone: typed })
    assert.deepEqual(Object.keys(challenge), ["token", "expires_at"])
    const bring = (text) => post(sdk, CANCEL_CONFIRM, { token: challenge.token, code: text })
    const typedCode = await codeToStay(person[kind])
    assert.deepEqual(await refusal(bring(wrong(typedCode))), INVALID_CODE)
    const { request: kept } = await bring(typedCode)
    assert.deepEqual([kept.id, kept.status], [request.id, "cancelled"])
    assert.ok(kept.cancelled_at)
    const before = server().store.customer.retrieve({}, bearer(person.login))
    assert.deepEqual(await refusal(before), UNAUTHORIZED, "sessions stay ended")

    assert.equal(claims(await logInBy(sdk, kind, person[kind])).actor_id, person.customer.id)
    assert.equal((await sdk.store.customer.retrieve()).customer[kind], person[kind])
  })

  test(`strangers and customers who stay are answered alike when their ${kind} is to be kept`, async () => {
    const person = await join(browser())
    const before = await inbox(person[kind])
    const nobody = someContact(kind)
    for (const contact of [person[kind], nobody]) {
      const challenge = await post(server(), CANCEL, { [kind]: contact })
      assert.deepEqual(Object.keys(challenge), ["token", "expires_at"])
      const bring = post(server(), CANCEL_CONFIRM, { token: challenge.token, code: "123456" })
      assert.deepEqual(await refusal(bring), INVALID_CODE)
      assert.equal((await refusal(post(server(), CANCEL, { [kind]: contact }))).status, 429, "inside the throttle")
    }
    assert.deepEqual(await inbox(person[kind]), before)
    assert.deepEqual(await inbox(nobody), [])
  })
}

test("a cookie session ends with the confirmation too", async () => {
  const { sdk, jar } = cookieBrowser()
  const person = await join(sdk)
  assert.ok(jar.get("sessionid"))
  await leave(sdk, person)
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
})

test("the tokens of leaving and staying are no good for each other, nor as a bearer", async () => {
  const sdk = browser()
  const person = await join(sdk)
  const { token } = await post(sdk, REQUEST)
  const proof = { token, code: await codeToLeave(person) }
  assert.deepEqual(await refusal(post(server(), CANCEL_CONFIRM, proof)), INVALID_TOKEN)
  assert.deepEqual(await refusal(server().store.customer.retrieve({}, bearer(token))), UNAUTHORIZED)
  assert.equal((await post(server(), CONFIRM, proof)).request.status, "confirmed")
})

test("what leaving and staying refuse", async () => {
  const sdk = browser()
  await join(sdk)
  assert.deepEqual(await refusal(post(server(), REQUEST)), UNAUTHORIZED)
  assert.deepEqual(
    await refusal(post(sdk, REQUEST, { because: "?" })),
    badRequest("Invalid request: Unrecognized fields: 'because'"),
  )
  const one = badRequest("Invalid request: Exactly one of 'email', 'phone', 'email_or_phone' is required")
  assert.deepEqual(await refusal(post(server(), CANCEL, {})), one)
  assert.deepEqual(await refusal(post(server(), CANCEL, { email: someone(), phone: somePhone() })), one)
  assert.deepEqual(await refusal(post(server(), CONFIRM, { token: "junk", code: "123456" })), INVALID_TOKEN)
  await post(sdk, REQUEST)
  assert.equal((await refusal(post(sdk, REQUEST))).status, 429, "inside the throttle")
})
