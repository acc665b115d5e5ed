// A forgotten password, by every kind of identifier that logs in here. The SDK can only send `identifier`.

import assert from "node:assert/strict"
import { test } from "node:test"

import {
  ANOTHER_PASSWORD,
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
  PASSWORD,
  refusal,
  server,
  someContact,
  someone,
  somePhone,
  UNAUTHORIZED,
  unauthorized,
} from "./support.mjs"

const PAGE = "reset-password"

const forget = (identifier, provider = "emailpass") =>
  browser().auth.resetPassword("customer", provider, { identifier })

const renew = (token, body = {}, provider = "emailpass") =>
  browser().auth.updateProvider("customer", provider, { password: ANOTHER_PASSWORD, ...body }, token)

/** What comes back, of which the SDK's own method keeps nothing. */
async function answerTo(identifier) {
  const path = "/auth/customer/emailpass/reset-password"
  const answer = await server().client.fetch(path, {
    method: "POST",
    body: { identifier },
    headers: { accept: "text/plain" },
  })
  return [answer.status, answer.headers.get("content-type"), await answer.text()]
}

for (const kind of KINDS) {
  const isWrong = unauthorized(`Invalid ${kind} or password`)

  test(`a password forgotten is chosen anew by a link to the ${kind}, once`, async () => {
    const sdk = browser()
    const person = await join(sdk)
    assert.equal(await forget(person[kind]), undefined)
    const [message] = await inbox(person[kind])
    assert.equal(message.channel, kind === "email" ? "email" : "sms")
    const token = await linkToken(person[kind], PAGE)

    assert.equal(await renew(token), undefined)
    assert.deepEqual(await refusal(renew(token)), INVALID_TOKEN)
    assert.deepEqual(await refusal(renew(token, { password: PASSWORD })), INVALID_TOKEN)

    assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED, "older sessions have ended")
    assert.deepEqual(await refusal(logInBy(sdk, kind, person[kind])), isWrong)
    assert.equal(claims(await logInBy(sdk, kind, person[kind], ANOTHER_PASSWORD)).actor_id, person.customer.id)
    assert.equal((await sdk.store.customer.retrieve()).customer.id, person.customer.id)
  })

  test(`a known ${kind} and an unknown one are answered alike, and only the known one is sent anything`, async () => {
    const person = await join(browser())
    const stranger = someContact(kind)
    const alike = [201, "text/plain; charset=utf-8", "Created"]
    assert.deepEqual(await answerTo(stranger), alike)
    assert.deepEqual(await inbox(stranger), [])
    const before = (await inbox(person[kind])).length
    assert.deepEqual(await answerTo(person[kind]), alike)
    assert.equal((await inbox(person[kind])).length, before + 1)

    assert.deepEqual(await answerTo(person[kind]), alike, "inside the throttle it is answered, and nothing is sent")
    assert.equal((await inbox(person[kind])).length, before + 1)
    assert.equal(await renew(await linkToken(person[kind], PAGE)), undefined)
  })

  test(`a reset by ${kind} proves the contact that it came through`, async () => {
    const sdk = browser()
    const contacts = Object.fromEntries(KINDS.map((each) => [each, someContact(each)]))
    const provider = kind === "email" ? "emailpass" : "phonepass"
    await sdk.auth.register("customer", provider, { [kind]: contacts[kind], password: PASSWORD })
    const { customer } = await sdk.store.customer.create(contacts)
    assert.equal(customer[`${kind}_verified`], false)
    await forget(contacts[kind])
    await renew(await linkToken(contacts[kind], PAGE))

    assert.equal(claims(await logInBy(sdk, kind, contacts[kind], ANOTHER_PASSWORD)).actor_id, customer.id)
    const { customer: me } = await sdk.store.customer.retrieve()
    assert.deepEqual([me.email_verified, me.phone_verified], [kind === "email", kind === "phone"])
  })

  test(`a reset by ${kind} may name its person, and nobody else`, async () => {
    const person = await join(browser())
    await forget(person[kind])
    const token = await linkToken(person[kind], PAGE)
    assert.deepEqual(await refusal(renew(token, { [kind]: someContact(kind) })), INVALID_TOKEN)
    assert.equal(await renew(token, { [kind]: person[kind] }), undefined)
  })

  test(`a password that the shop refuses does not use up the link to the ${kind}`, async () => {
    const person = await join(browser())
    await forget(person[kind])
    const token = await linkToken(person[kind], PAGE)
    const { status, message } = await refusal(renew(token, { password: "short" }))
    assert.deepEqual([status, message.slice(0, 43)], [400, "Invalid request: This password is too short"])
    assert.equal(await renew(token), undefined)
  })
}

if (KINDS.includes("phone")) {
  test("a number is known in the spelling of its country", async () => {
    const person = await join(browser())
    await forget(national(person.phone))
    assert.equal(await renew(await linkToken(person.phone, PAGE), { phone: national(person.phone) }), undefined)
  })

  test("a link asked for at phonepass is good there alone", async () => {
    const person = await join(browser())
    await forget(person.phone, "phonepass")
    const token = await linkToken(person.phone, PAGE)
    assert.deepEqual(await refusal(renew(token)), INVALID_TOKEN)
    assert.equal(await renew(token, {}, "phonepass"), undefined)
  })
} else {
  test("there is no phonepass where nobody logs in by phone", async () => {
    const not = badRequest("The actor type customer is not allowed to use the auth provider phonepass")
    assert.deepEqual(await refusal(forget(somePhone(), "phonepass")), not)
  })
}

test("nothing but a reset token sets a password", async () => {
  const { login } = await join(browser())
  for (const token of [login, "junk", "", "undefined"]) assert.deepEqual(await refusal(renew(token)), INVALID_TOKEN)
})

test("text that names nobody is answered like a stranger's; no text at all is refused", async () => {
  const silent = [201, "text/plain; charset=utf-8", "Created"]
  for (const text of ["nobody at all", someone(), somePhone(), "@"]) {
    assert.deepEqual(await answerTo(text), silent, text)
  }
  const required = badRequest("Invalid request: Field 'identifier' is required")
  assert.deepEqual(await refusal(forget(undefined)), required)
})

test("staff are not reset here", async () => {
  const asked = browser().auth.resetPassword("user", "emailpass", { identifier: someone() })
  const not = badRequest("The actor type user is not allowed to use the auth provider emailpass")
  assert.deepEqual(await refusal(asked), not)
})
