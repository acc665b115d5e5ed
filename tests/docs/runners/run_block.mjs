// Run a block of a page as a storefront would: BLOCK, against BASE_URL, with the SDK, logged in by SDK or LOGIN, if there is one.
//
// What an example takes for granted is looked up when it is used: `code`, `otp` and `nextCode` are the newest code that
// was sent, or the app's; `location` is the page that the newest link leads to. NAMES holds the page's other values.

import { execFileSync } from "node:child_process"
import { createHmac } from "node:crypto"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"

const { BASE_URL, SDK, BLOCK, NAMES } = process.env
const { default: Medusa } = createRequire(SDK)("@medusajs/js-sdk")
const SHOP = "http://localhost:8000"
const names = JSON.parse(NAMES)
const cookies = new Map()
let secret

// The address of the examples is the shop's. Node keeps no cookies, and what an app shows is in the answer's secret.
const plainFetch = globalThis.fetch
globalThis.fetch = async (input, init = {}) => {
  const headers = new Headers(init.headers)
  if (init.credentials === "include" && cookies.size) {
    headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "))
  }
  const answer = await plainFetch(String(input).replace(SHOP, BASE_URL), { ...init, headers })
  for (const header of answer.headers.getSetCookie()) {
    const [, name, value] = header.match(/^([^=]+)=([^;]*)/)
    if (init.credentials === "include") cookies.set(name, value)
  }
  const text = await answer.clone().text()
  secret = text.match(/"secret":"([A-Z2-7]+)"/)?.[1] ?? secret
  return answer
}

const curl = (...options) => JSON.parse(execFileSync("curl", ["-s", ...options], { encoding: "utf8" }))

/** The newest message's text, subject first. */
function newest(pattern) {
  for (const { subject, text } of curl(`${BASE_URL}/inbox/messages`).messages) {
    const found = `${subject}\n${text}`.match(pattern)
    if (found) return found[0]
  }
  throw new Error(`no message has ${pattern}`)
}

/** What an authenticator app shows (RFC 6238), half a minute after it last did, for each code serves once. */
function shownByApp() {
  const { seconds } = curl("-d", '{"seconds": 30}', `${BASE_URL}/-/later`)
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"))
  const key = Buffer.from(bits.join("").match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor((Date.now() / 1000 + seconds) / 30)))
  const digest = createHmac("sha1", key).update(step).digest()
  return String((digest.readUInt32BE(digest[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0")
}

const code = () => (secret ? shownByApp() : newest(/(?<![\w#+])\d{6}\b/))
const sdk = new Medusa({ baseUrl: SHOP, auth: { type: "jwt", jwtTokenStorageMethod: "memory" } })
if (names.SDK || names.LOGIN) await sdk.client.setToken(names.SDK || names.LOGIN)
const lookups = { code, otp: code, nextCode: code, location: () => new URL(newest(/https?:\/\/\S+\?\S+/)) }

const scope = new Proxy(
  {},
  {
    has: (_, name) => typeof name === "string" && (name in lookups || name in names || ["sdk", "Medusa"].includes(name)),
    get: (_, name) => lookups[name]?.() ?? names[name] ?? { sdk, Medusa }[name],
  },
)
const source = readFileSync(BLOCK, "utf8").replace(/^import Medusa from "@medusajs\/js-sdk";?$/m, "")
// Blocks are what modules are, strict; `with` lends them names, which only loose functions have.
await new Function("scope", `with (scope) { return (async () => {\n${source}\n})() }`)(scope)
