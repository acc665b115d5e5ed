// One story through a client whose types come from docs/openapi.yaml alone.

import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"

import createClient, { type Middleware } from "openapi-fetch"

import type { components, operations, paths } from "./build/api.js"

type Customer = components["schemas"]["CustomerObject"]
type Refusal = operations["verifyCode"]["responses"][400]["content"]["application/json"]

const baseUrl = process.env.BASE_URL
assert.ok(baseUrl, "BASE_URL names the shop")
const password = "correct horse battery"
const provider = { path: { actor: "customer", provider: "emailpass" } } as const

let token: string | null = null
const bearer: Middleware = {
  onRequest({ request }) {
    if (token) request.headers.set("authorization", `Bearer ${token}`)
    return request
  },
}
const client = createClient<paths>({ baseUrl })
client.use(bearer)

/** The code of the newest message to an address, as a person would read it in the shop's inbox. */
async function codeFor(to: string): Promise<string> {
  for (let waited = 0; waited < 5_000; waited += 100) {
    const answer = await fetch(`${baseUrl}/inbox/messages?to=${encodeURIComponent(to)}`)
    const { messages } = (await answer.json()) as { messages: { text: string }[] }
    const code = messages[0]?.text.match(/^ {4}(\d{6})$/m)?.[1]
    if (code) return code
    await sleep(100)
  }
  throw new Error(`no code came to ${to}`)
}

test("register, prove the address, look, change, log in, log out", async () => {
  const email = `${randomUUID()}@example.com`
  const credentials = { email, password }

  const registered = await client.POST("/auth/{actor}/{provider}/register", { params: provider, body: credentials })
  assert.ok(registered.data)
  token = registered.data.token

  const created = await client.POST("/store/customers", { body: { first_name: "Jane" } })
  assert.ok(created.data)
  const customer: Customer = created.data.customer
  assert.equal(customer.email_verified, false)

  const early = await client.POST("/auth/{actor}/{provider}", { params: provider, body: credentials })
  assert.ok(early.error && "code" in early.error && early.error.code === "verification_required")
  assert.equal(early.error.customer_id, customer.id)
  const type: "email_verification" | "phone_verification" = early.error.verification_type

  const sent = await client.POST("/store/customers/otp/send", { body: { customer_id: customer.id, type } })
  assert.ok(sent.data)
  assert.ok(new Date(sent.data.expires_at).getTime() > Date.now())
  const code = await codeFor(email)

  const guess = code === "000000" ? "111111" : "000000"
  const wrong = await client.POST("/store/customers/otp/verify", { body: { token: sent.data.token, code: guess } })
  assert.equal(wrong.response.status, 400)
  const refusal = wrong.error as Refusal
  assert.ok("code" in refusal && refusal.code === "otp_invalid")
  const left: number | undefined = refusal.attempts_remaining
  assert.equal(left, 4)

  const proven = await client.POST("/store/customers/otp/verify", { body: { token: sent.data.token, code } })
  assert.ok(proven.data)
  assert.equal(proven.data.customer?.email_verified, true)
  token = proven.data.token

  const me = await client.GET("/store/customers/me")
  assert.equal(me.data?.customer.first_name, "Jane")

  const changed = await client.POST("/store/customers/me", { body: { last_name: "Doe", metadata: { size: 42 } } })
  assert.equal(changed.data?.customer.last_name, "Doe")
  const cleared = await client.PATCH("/store/customers/me", { body: { last_name: null } })
  assert.equal(cleared.data?.customer.last_name, null)

  const login = await client.POST("/auth/{actor}/{provider}", { params: provider, body: credentials })
  assert.ok(login.data)
  if ("mfa_required" in login.data) assert.fail(login.data.mfa_challenge.methods.join(", "))
  if ("verification_required" in login.data) assert.fail(login.data.verification?.entity_type)
  token = login.data.token

  const out = await client.POST("/store/customers/me/logout-all")
  assert.equal(out.data?.success, true)
  const after = await client.GET("/store/customers/me")
  assert.equal(after.response.status, 401)
  assert.deepEqual(after.error, { message: "Unauthorized" })
})
