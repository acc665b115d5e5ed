// What a storefront does beside the SDK: read the mail and the texts, look into a token, read an error.

import assert from "node:assert/strict"
import { randomInt, randomUUID } from "node:crypto"
import { createRequire } from "node:module"
import { setTimeout as sleep } from "node:timers/promises"

// Bundlers take the package's ES modules; node before 20.19 refuses them, as no package.json calls them modules.
const { default: Medusa, FetchError } = createRequire(import.meta.url)("@medusajs/js-sdk")

export const baseUrl = process.env.BASE_URL
assert.ok(baseUrl, "BASE_URL names the shop")

/** What people of this shop register and log in by: its REGISTRATION.IDENTIFIER, as a list of kinds. */
export const KINDS = { email: ["email"], phone: ["phone"], both: ["email", "phone"] }[process.env.IDENTIFIER]
assert.ok(KINDS, "IDENTIFIER names the shop's mode")

export const PASSWORD = "correct horse battery"
export const ANOTHER_PASSWORD = "another password, just as long"
export const UNAUTHORIZED = { status: 401, statusText: "Unauthorized", message: "Unauthorized" }
export const INVALID_TOKEN = { status: 401, statusText: "Unauthorized", message: "Invalid token" }
export const VERIFY_FIRST = {
  status: 403,
  statusText: "Forbidden",
  message: "Verification is required before logging in",
}

const MAIL_PATIENCE_MS = 5_000

/** An address nobody has used. */
export const someone = () => `${randomUUID()}@example.com`

const AREAS = [202, 212, 303, 312, 415, 512, 617, 702, 808]
const LINES = 10_000
let nextNumber = randomInt(AREAS.length * LINES)

/** An American phone number nobody has used, in E.164. */
export function somePhone() {
  const number = nextNumber++ % (AREAS.length * LINES)
  return `+1${AREAS[Math.floor(number / LINES)]}555${String(number % LINES).padStart(4, "0")}`
}

/** A contact of a kind that nobody has used. */
export const someContact = (kind) => (kind === "email" ? someone() : somePhone())

/** A number as people at home write it. */
export const national = (phone) => `(${phone.slice(2, 5)}) ${phone.slice(5, 8)}-${phone.slice(8)}`

/** Other spellings of a number; the shop's region is the US. */
export const spellings = (phone) => [
  national(phone),
  phone.slice(2),
  `+1 ${phone.slice(2, 5)} ${phone.slice(5, 8)} ${phone.slice(8)}`,
  `+1.${phone.slice(2, 5)}.${phone.slice(5, 8)}.${phone.slice(8)}`,
  ` ${phone} `,
]

/** A storefront in a browser: it remembers its token and sends it with every call. */
export const browser = (options = {}) =>
  new Medusa({ baseUrl, auth: { type: "jwt", jwtTokenStorageMethod: "memory" }, ...options })

/** A storefront rendered on a server, as the starters are: it stores no token and passes headers itself. */
export const server = (options = {}) => new Medusa({ baseUrl, ...options })

/** A storefront in a browser that keeps a cookie session, and the browser's cookies. */
export function cookieBrowser() {
  const [id, jar] = [randomUUID(), new CookieJar()]
  jars.set(id, jar)
  const sdk = new Medusa({ baseUrl, auth: { type: "session" }, globalHeaders: { [JAR_HEADER]: id } })
  return { sdk, jar }
}

/** What a browser does with cookies, as far as one shop on http needs it. */
class CookieJar {
  #cookies = new Map()

  /** A cookie: its value, and its attributes with their names in lower case; undefined if there is none. */
  get(name) {
    return this.#cookies.get(name)
  }

  /** Put a cookie in by hand, as somebody who has copied it would. */
  put(name, value) {
    this.#cookies.set(name, { value, attributes: {} })
  }

  /** Read a Set-Cookie header. */
  take(header) {
    const [[name, value], ...rest] = header.split("; ").map((part) => part.split(/=(.*)/s))
    const attributes = Object.fromEntries(rest.map(([key, text]) => [key.toLowerCase(), text ?? true]))
    if (attributes["max-age"] === "0") this.#cookies.delete(name)
    else this.#cookies.set(name, { value, attributes })
  }

  /** The Cookie header; it has no secure ones, since the shop of these tests is on http. */
  header() {
    const sent = [...this.#cookies].filter(([, { attributes }]) => !attributes.secure)
    return sent.map(([name, { value }]) => `${name}=${value}`).join("; ")
  }
}

// Node's fetch keeps no cookies, and the SDK takes the global fetch and no other. So each browser names its jar in a
// header, which is taken off before the request leaves. A request without credentials neither sends nor takes cookies.
const JAR_HEADER = "x-cookie-jar"
const jars = new Map()
const fetchWithoutCookies = globalThis.fetch

globalThis.fetch = async (input, init = {}) => {
  const headers = new Headers(init.headers)
  const jar = init.credentials === "include" ? jars.get(headers.get(JAR_HEADER)) : undefined
  headers.delete(JAR_HEADER)
  if (jar?.header()) headers.set("cookie", jar.header())
  const answer = await fetchWithoutCookies(input, { ...init, headers })
  for (const header of jar ? answer.headers.getSetCookie() : []) jar.take(header)
  return answer
}

export const bearer = (token) => ({ authorization: `Bearer ${token}` })

/** Register and create a customer who has proven nothing yet; the browser keeps the registration token. */
export async function signUp(sdk, email, profile = {}) {
  const token = await sdk.auth.register("customer", "emailpass", { email, password: PASSWORD })
  const { customer } = await sdk.store.customer.create({ email, ...profile })
  return { token, customer }
}

export const logIn = (sdk, email, password = PASSWORD) => sdk.auth.login("customer", "emailpass", { email, password })

export const logInByPhone = (sdk, phone, password = PASSWORD, provider = "emailpass") =>
  sdk.auth.login("customer", provider, { phone, password })

/** Log in by a contact of a kind. */
export const logInBy = (sdk, kind, contact, password = PASSWORD) =>
  kind === "email" ? logIn(sdk, contact, password) : logInByPhone(sdk, contact, password)

/** Become a customer with everything proven that the shop's mode asks for, and log in; the SDK keeps the login. */
export async function join(sdk) {
  const contacts = Object.fromEntries(KINDS.map((kind) => [kind, someContact(kind)]))
  const first = { [KINDS[0]]: contacts[KINDS[0]] }
  const registration = await sdk.auth.register("customer", "emailpass", { ...first, password: PASSWORD })
  const { customer } = await sdk.store.customer.create(contacts, {}, bearer(registration))
  for (const kind of KINDS) await verifyByCode(sdk, customer, kind)
  const login = await logInBy(sdk, KINDS[0], contacts[KINDS[0]])
  return { customer, login, ...contacts }
}

/** Call one of our own routes, as a storefront does that has no method of the SDK for it. */
export const post = (sdk, path, body) => sdk.client.fetch(path, { method: "POST", body })

/** Prove a customer's e-mail or phone by the code that was sent to it, over our own routes. */
export async function verifyByCode(sdk, customer, kind = "email") {
  const { token } = await sdk.client.fetch("/store/customers/otp/send", {
    method: "POST",
    body: { customer_id: customer.id, type: `${kind}_verification` },
  })
  const code = await sentCode(kind, customer[kind])
  return sdk.client.fetch("/store/customers/otp/verify", { method: "POST", body: { token, code } })
}

/** What a token says, unverified. */
export function claims(token) {
  assert.equal(typeof token, "string")
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString())
}

/** Await a refusal and return what a storefront sees of it; an answer is a failure. */
export async function refusal(call) {
  const error = await call.then(
    (answer) => assert.fail(`expected a refusal, got ${JSON.stringify(answer)}`),
    (reason) => reason,
  )
  assert.ok(error instanceof FetchError, error)
  const { status, statusText, message } = error
  return { status, statusText, message }
}

/** The 400 of a text. */
export const badRequest = (message) => ({ status: 400, statusText: "Bad Request", message })

/** The 401 of a text. */
export const unauthorized = (message) => ({ status: 401, statusText: "Unauthorized", message })

/** What the shop answers to a POST in full, of whose refusals the SDK keeps only the message: status and body. */
export async function answerOf(path, body) {
  const answer = await fetch(new URL(path, baseUrl), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  })
  return [answer.status, await answer.json()]
}

/** What a forbidden login says in full. */
export async function refusedLogin(body) {
  const [status, said] = await answerOf("/auth/customer/emailpass", body)
  assert.equal(status, 403)
  return said
}

/** What a login refused for want of a verification asks for. */
export async function requiredVerification(body) {
  const { code, customer_id, verification_type } = await refusedLogin(body)
  assert.equal(code, "verification_required")
  return { customer_id, verification_type }
}

/** Every message to an address, newest first. */
export async function inbox(to) {
  const answer = await fetch(new URL(`/inbox/messages?to=${encodeURIComponent(to)}`, baseUrl))
  assert.equal(answer.status, 200)
  return (await answer.json()).messages
}

export const mailedCode = (to) => sent(to, /^ {4}(\d{6})$/m)

export const textedCode = (to) => sent(to, /^(\d{6}) is /)

export const sentCode = (kind, to) => (kind === "email" ? mailedCode(to) : textedCode(to))

/** A code that is not the one. */
export const wrong = (code) => (code[0] === "1" ? "2" : "1") + code.slice(1)

/** The token in the newest message, which links to a page of the storefront. */
export async function linkToken(to, page) {
  return new URL(await sent(to, new RegExp(`(https?://\\S+/${page}\\?\\S+)`))).searchParams.get("token")
}

/** The value in the link of the newest message, mailed or texted. */
export async function mailedLinkValue(to) {
  return new URL(await sent(to, /(https?:\/\/\S+)$/m)).searchParams.get("token")
}

/** What a group of the pattern matches in the newest message to an address or a number, once it arrives. */
export async function sent(to, pattern) {
  const deadline = Date.now() + MAIL_PATIENCE_MS
  for (;;) {
    const [newest] = await inbox(to)
    const found = newest?.text.match(pattern)
    if (found) return found.slice(1).find(Boolean)
    assert.ok(Date.now() < deadline, `no message with ${pattern} for ${to}; the newest: ${newest?.text}`)
    await sleep(50)
  }
}
