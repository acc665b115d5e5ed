// What a storefront does beside the SDK: read the mail and the texts, look into a token, read an error.

import assert from "node:assert/strict"
import { randomInt, randomUUID } from "node:crypto"
import { createRequire } from "node:module"
import { setTimeout as sleep } from "node:timers/promises"

// Bundlers take the package's ES modules; node before 20.19 refuses them, as no package.json calls them modules.
const { default: Medusa, FetchError } = createRequire(import.meta.url)("@medusajs/js-sdk")

export const baseUrl = process.env.BASE_URL
assert.ok(baseUrl, "BASE_URL names the shop")

export const PASSWORD = "correct horse battery"
export const ANOTHER_PASSWORD = "another password, just as long"
export const UNAUTHORIZED = { status: 401, statusText: "Unauthorized", message: "Unauthorized" }
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

/** Prove a customer's e-mail or phone by the code that was sent to it, over our own routes. */
export async function verifyByCode(sdk, customer, kind = "email") {
  const { token } = await sdk.client.fetch("/store/customers/otp/send", {
    method: "POST",
    body: { customer_id: customer.id, type: `${kind}_verification` },
  })
  const code = await (kind === "email" ? mailedCode(customer.email) : textedCode(customer.phone))
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

/** What a login refused for want of a verification says; the SDK keeps only the message of it. */
export async function requiredVerification(body) {
  const answer = await fetch(new URL("/auth/customer/emailpass", baseUrl), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  })
  assert.equal(answer.status, 403)
  const { code, customer_id, verification_type } = await answer.json()
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

export const textedCode = (to) => sent(to, /code is (\d{6})\b/)

/** The value in the link of the newest message, mailed or texted. */
export async function mailedLinkValue(to) {
  return new URL(await sent(to, /^(https?:\/\/\S+)$/m)).searchParams.get("token")
}

async function sent(to, pattern) {
  const deadline = Date.now() + MAIL_PATIENCE_MS
  for (;;) {
    const [newest] = await inbox(to)
    const found = newest?.text.match(pattern)
    if (found) return found[1]
    assert.ok(Date.now() < deadline, `no message with ${pattern} for ${to}; the newest: ${newest?.text}`)
    await sleep(50)
  }
}
