// An authenticator app: time-based codes as RFC 6238 has them, SHA-1, 30 seconds, six digits.

import assert from "node:assert/strict"
import { createHmac } from "node:crypto"

const STEP_MS = 30_000
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

/** Read base32 (RFC 4648) as it is shown to people who type it. */
function base32(text) {
  const bits = [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0")).join("")
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
}

/** The code of a step: the HOTP of RFC 4226, section 5.3, with the step as its counter. */
function codeAt(key, step) {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const digest = createHmac("sha1", key).update(counter).digest()
  const number = digest.readUInt32BE(digest.at(-1) & 0xf) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, "0")
}

/** What the app knows once it has read an `otpauth://` URL. */
export function authenticator(url) {
  const { protocol, host, pathname, searchParams } = new URL(url)
  assert.equal(`${protocol}//${host}`, "otpauth://totp")
  const secret = searchParams.get("secret")
  assert.match(secret, /^[A-Z2-7]{32}$/)
  const key = base32(secret)
  let last = -1
  return {
    secret,
    account: decodeURIComponent(pathname.slice(1)),
    issuer: searchParams.get("issuer"),
    /**
     * A code that was not shown before. Each step works once, and the shop allows a clock that is one step fast: so the
     * second of two codes in a row is the next step's, and no test waits for it. A third one would be refused.
     */
    code() {
      last = Math.max(last + 1, Math.floor(Date.now() / STEP_MS))
      return codeAt(key, last)
    },
    /** The code that was shown last. */
    lastCode: () => codeAt(key, last),
  }
}

/** A code that the app shows at no time near this one. */
export function notShown(app) {
  const now = Math.floor(Date.now() / STEP_MS)
  const near = [-2, -1, 0, 1, 2, 3].map((skew) => codeAt(base32(app.secret), now + skew))
  return ["123456", "234567", "345678", "456789", "567890", "678901", "789012"].find((code) => !near.includes(code))
}

// The test vector of RFC 6238, appendix B, for SHA-1 at 59 seconds, cut to six digits.
assert.equal(codeAt(Buffer.from("12345678901234567890"), 1), "287082")
