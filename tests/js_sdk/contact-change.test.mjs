// A new e-mail or phone, proven before it counts, and taken back by whoever holds the old one. The SDK has no methods
// for it, so a storefront calls the routes with sdk.client.fetch.

import assert from "node:assert/strict"
import { test } from "node:test"

import {
  badRequest,
  browser,
  claims,
  inbox,
  INVALID_TOKEN,
  join,
  KINDS,
  linkToken,
  logInBy,
  national,
  post,
  refusal,
  sentCode,
  server,
  someContact,
  someone,
  somePhone,
  UNAUTHORIZED,
  unauthorized,
  wrong,
} from "./support.mjs"

const CONTACT = "/store/customers/me/contact"
const VERIFY = "/store/customers/me/contact/verify"
const UNDO = "/store/customers/contact/undo"
const PAGE = "contact-change/undo"
const INVALID_CODE = badRequest("Invalid code")

/** Change a contact to one that nobody has used; the SDK goes on with the fresh token. */
async function change(sdk, kind) {
  const changed = someContact(kind)
  const { token: flow } = await post(sdk, CONTACT, { [kind]: changed })
  const { customer, token } = await post(sdk, VERIFY, { token: flow, code: await sentCode(kind, changed) })
  await sdk.client.setToken(token)
  return { changed, customer, token }
}

for (const kind of KINDS) {
  const isWrong = unauthorized(`Invalid ${kind} or password`)

  test(`a new ${kind} takes over once its code is brought, and every older token is dead`, async () => {
    const [sdk, elsewhere] = [browser(), browser()]
    const person = await join(sdk)
    await logInBy(elsewhere, kind, person[kind])
    const wanted = someContact(kind)
    const typed = kind === "email" ? wanted.toUpperCase() : national(wanted)

    const challenge = await post(sdk, CONTACT, { [kind]: typed })
    assert.deepEqual(Object.keys(challenge), ["token", "expires_at"])
    const { customer: before } = await sdk.store.customer.retrieve()
    assert.equal(before[kind], person[kind], "nothing has changed yet")
    const code = await sentCode(kind, wanted)
    const bring = (text) => post(sdk, VERIFY, { token: challenge.token, code: text })
    assert.deepEqual(await refusal(bring(wrong(code))), INVALID_CODE)
    const { customer, token } = await bring(code)

    assert.equal(customer.id, person.customer.id)
    assert.equal(customer[kind], wanted)
    assert.equal(customer[`${kind}_verified`], true)
    for (const older of [sdk, elsewhere]) {
      assert.deepEqual(await refusal(older.store.customer.retrieve()), UNAUTHORIZED)
      assert.deepEqual(await refusal(older.auth.refresh()), UNAUTHORIZED)
    }
    await sdk.client.setToken(token)
    assert.deepEqual((await sdk.store.customer.retrieve()).customer, customer)
    assert.deepEqual(await refusal(bring(code)), INVALID_CODE)

    assert.deepEqual(await refusal(logInBy(sdk, kind, person[kind])), isWrong)
    assert.equal(claims(await logInBy(sdk, kind, wanted)).actor_id, customer.id)
  })

  test(`whoever reads the old contact's messages takes the change of ${kind} back, once`, async () => {
    const sdk = browser()
    const person = await join(sdk)
    const { changed } = await change(sdk, kind)

    // A number that was given up may be somebody else's tomorrow: a proven e-mail is told in its place.
    const told = person.email ?? person.phone
    const token = await linkToken(told, PAGE)
    assert.deepEqual(await refusal(post(server(), UNDO, { token: `${token}x` })), INVALID_TOKEN)
    assert.deepEqual(await post(server(), UNDO, { token }), { success: true })
    assert.deepEqual(await refusal(post(server(), UNDO, { token })), INVALID_TOKEN)

    assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
    assert.deepEqual(await refusal(logInBy(sdk, kind, changed)), isWrong)
    assert.equal(claims(await logInBy(sdk, kind, person[kind])).actor_id, person.customer.id)
    const { customer } = await sdk.store.customer.retrieve()
    assert.deepEqual([customer[kind], customer[`${kind}_verified`]], [person[kind], true])
  })

  test(`somebody else's ${kind} is answered like a free one, its owner is told, and no code works`, async () => {
    const sdk = browser()
    const [owner, person] = [await join(browser()), await join(sdk)]
    const before = await inbox(owner[kind])
    const challenge = await post(sdk, CONTACT, { [kind]: owner[kind] })
    assert.deepEqual(Object.keys(challenge), ["token", "expires_at"])
    const [told, ...rest] = await inbox(owner[kind])
    assert.deepEqual(rest, before)
    assert.match(told.text, /Nothing was changed/)
    assert.doesNotMatch(told.text, /\d{6}/)
    const bring = post(sdk, VERIFY, { token: challenge.token, code: "123456" })
    assert.deepEqual(await refusal(bring), INVALID_CODE)
    assert.equal((await sdk.store.customer.retrieve()).customer[kind], person[kind])
  })

  test(`a change of ${kind} is its customer's alone`, async () => {
    const [sdk, thief] = [browser(), browser()]
    await join(sdk)
    await join(thief)
    const wanted = someContact(kind)
    const { token } = await post(sdk, CONTACT, { [kind]: wanted })
    const body = { token, code: await sentCode(kind, wanted) }
    assert.deepEqual(await refusal(post(thief, VERIFY, body)), INVALID_TOKEN)
    assert.deepEqual(await refusal(post(server(), VERIFY, body)), UNAUTHORIZED)
    assert.equal((await post(sdk, VERIFY, body)).customer[kind], wanted)
  })

  test(`what a change of ${kind} refuses`, async () => {
    const sdk = browser()
    const person = await join(sdk)
    const refused = (body) => refusal(post(sdk, CONTACT, body))
    const one = badRequest("Invalid request: Exactly one of 'email', 'phone' is required")
    assert.deepEqual(await refused({}), one)
    assert.deepEqual(await refused({ email: someone(), phone: somePhone() }), one)
    assert.deepEqual(await refused({ [kind]: person[kind] }), badRequest("The contact is already verified"))
    const noun = kind === "email" ? "email address" : "phone number"
    assert.deepEqual(await refused({ [kind]: "junk" }), badRequest(`Invalid request: Invalid ${noun}`))

    await post(sdk, CONTACT, { [kind]: someContact(kind) })
    assert.equal((await refused({ [kind]: someContact(kind) })).status, 429, "inside the throttle")
    assert.deepEqual(await refusal(post(browser(), CONTACT, { [kind]: someContact(kind) })), UNAUTHORIZED)
  })
}

if (!KINDS.includes("phone")) {
  test("a phone is added where there was none; the e-mail is told, with nothing to take back", async () => {
    const sdk = browser()
    const person = await join(sdk)
    const { changed, customer } = await change(sdk, "phone")
    assert.deepEqual([customer.phone, customer.phone_verified], [changed, true])
    assert.deepEqual([customer.email, customer.email_verified], [person.email, true])
    const [told] = await inbox(person.email)
    assert.equal(told.subject, "Your phone number was changed")
    assert.doesNotMatch(told.text, /https?:/)
  })
}
