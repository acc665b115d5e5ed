// Cookie sessions, as `auth: { type: "session" }` opens them, and logging out on every device.

import assert from "node:assert/strict"
import { test } from "node:test"

import {
  bearer,
  browser,
  claims,
  cookieBrowser,
  join,
  logIn,
  PASSWORD,
  post,
  refusal,
  someone,
  UNAUTHORIZED,
  verifyByCode,
} from "./support.mjs"

const NAME = "sessionid"
const CROSS_SITE = {
  status: 403,
  statusText: "Forbidden",
  message: "Cross-site requests cannot use the session cookie",
}
const LOGOUT_ALL = "/store/customers/me/logout-all"

test("a login opens a session, and a logout ends it", async () => {
  const { sdk, jar } = cookieBrowser()
  const email = someone()
  const registration = await sdk.auth.register("customer", "emailpass", { email, password: PASSWORD })
  assert.equal(jar.get(NAME), undefined, "registering opens no session")
  const { customer } = await sdk.store.customer.create({ email }, {}, bearer(registration))
  await verifyByCode(sdk, customer)
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)

  const token = await logIn(sdk, email)
  assert.equal(claims(token).actor_id, customer.id)
  const { value, attributes } = jar.get(NAME)
  assert.equal(attributes.httponly, true)
  assert.equal(attributes.samesite, "Lax")
  assert.equal(attributes.path, "/")
  assert.equal(attributes.secure, undefined, "on http, while developing")
  assert.ok(!value.includes("."), "an id, and no token")

  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
  assert.equal((await sdk.store.customer.update({ first_name: "Jane" })).customer.first_name, "Jane")

  await sdk.auth.logout()
  assert.equal(jar.get(NAME), undefined)
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
  assert.deepEqual(await refusal(sdk.auth.logout()), UNAUTHORIZED)
  jar.put(NAME, value)
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED, "the id is dead, not only forgotten")
  assert.equal((await browser().store.customer.retrieve({}, bearer(token))).customer.id, customer.id)
})

test("a session is one browser's", async () => {
  const [mine, other] = [cookieBrowser(), cookieBrowser()]
  await join(mine.sdk)
  assert.deepEqual(await refusal(other.sdk.store.customer.retrieve()), UNAUTHORIZED)
  const { customer } = await join(other.sdk)
  assert.equal((await other.sdk.store.customer.retrieve()).customer.id, customer.id)
  assert.notEqual((await mine.sdk.store.customer.retrieve()).customer.id, customer.id)
})

test("opening a session answers what its token says", async () => {
  const { sdk } = cookieBrowser()
  const { login } = await join(browser())
  const { user } = await sdk.client.fetch("/auth/session", { method: "POST", headers: bearer(login) })
  assert.deepEqual(user, claims(login))
})

test("a session is opened by a live bearer alone, a registration token's too", async () => {
  const { sdk, jar } = cookieBrowser()
  const open = (headers) => sdk.client.fetch("/auth/session", { method: "POST", headers })
  assert.deepEqual(await refusal(open()), UNAUTHORIZED)
  assert.deepEqual(await refusal(open(bearer("junk"))), UNAUTHORIZED)
  assert.equal(jar.get(NAME), undefined)

  const email = someone()
  const registration = await sdk.auth.register("customer", "emailpass", { email, password: PASSWORD })
  await open(bearer(registration))
  assert.deepEqual(await refusal(open()), UNAUTHORIZED, "the cookie opens no second one")
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
  const { customer } = await sdk.store.customer.create({ email })
  await verifyByCode(sdk, customer)
  await sdk.auth.refresh()
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id, "the refreshed session has its actor")
})

test("a refresh by cookie answers a token and opens the session anew, under another id", async () => {
  const { sdk, jar } = cookieBrowser()
  const { customer } = await join(sdk)
  const { value: before } = jar.get(NAME)
  const { token } = await sdk.auth.refresh()
  assert.equal(claims(token).actor_id, customer.id)
  assert.notEqual(jar.get(NAME).value, before)
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
  jar.put(NAME, before)
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
})

test("beside a cookie a valid bearer wins, and a stale one is as none", async () => {
  const { sdk } = cookieBrowser()
  const { customer: mine } = await join(sdk)
  const { customer: other, login } = await join(browser())
  const shown = async (token) => (await sdk.store.customer.retrieve({}, bearer(token))).customer.id
  assert.equal(await shown(login), other.id)
  assert.equal(await shown("junk"), mine.id)
})

test("another site's page can neither use the cookie to change something nor set it", async () => {
  const { sdk, jar } = cookieBrowser()
  const { customer, login } = await join(sdk)
  const { value } = jar.get(NAME)
  const from = (method, path, headers) => sdk.client.fetch(path, { method, headers })
  const strangers = [
    { origin: "https://elsewhere.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site", origin: process.env.BASE_URL },
  ]
  for (const headers of strangers) {
    assert.deepEqual(await refusal(from("DELETE", "/auth/session", headers)), CROSS_SITE)
    assert.deepEqual(await refusal(from("POST", "/store/customers/me", headers)), CROSS_SITE)
    assert.deepEqual(await refusal(from("POST", LOGOUT_ALL, headers)), CROSS_SITE)
    assert.deepEqual(await refusal(from("POST", "/auth/session", { ...headers, ...bearer(login) })), CROSS_SITE)
    const { customer: shown } = await from("GET", "/store/customers/me", headers)
    assert.equal(shown.id, customer.id, "reading changes nothing")
  }
  assert.equal(jar.get(NAME).value, value)
  for (const headers of [{ "sec-fetch-site": "same-origin" }, { origin: process.env.BASE_URL }]) {
    assert.equal((await from("POST", "/store/customers/me", headers)).customer.id, customer.id)
  }
})

test("logging out everywhere ends tokens and cookie sessions alike, this one included", async () => {
  const [sdk, phone, laptop] = [browser(), browser(), cookieBrowser()]
  const { customer, email } = await join(sdk)
  await logIn(phone, email)
  await logIn(laptop.sdk, email)
  const stranger = browser()
  const { customer: other } = await join(stranger)

  assert.deepEqual(await post(phone, LOGOUT_ALL), { success: true })
  for (const device of [sdk, phone, laptop.sdk]) {
    assert.deepEqual(await refusal(device.store.customer.retrieve()), UNAUTHORIZED)
    assert.deepEqual(await refusal(device.auth.refresh()), UNAUTHORIZED)
    assert.deepEqual(await refusal(post(device, LOGOUT_ALL)), UNAUTHORIZED)
  }
  assert.equal((await stranger.store.customer.retrieve()).customer.id, other.id)

  await laptop.sdk.auth.logout()
  assert.equal(laptop.jar.get(NAME), undefined, "a dead session's cookie can still be given back")
  await logIn(laptop.sdk, email)
  assert.equal((await laptop.sdk.store.customer.retrieve()).customer.id, customer.id)
})

test("a cookie session logs out everywhere too", async () => {
  const { sdk } = cookieBrowser()
  const { login } = await join(sdk)
  assert.deepEqual(await post(sdk, LOGOUT_ALL), { success: true })
  assert.deepEqual(await refusal(sdk.store.customer.retrieve()), UNAUTHORIZED)
  assert.deepEqual(await refusal(browser().store.customer.retrieve({}, bearer(login))), UNAUTHORIZED)
})
