// What must not compile: each line below is a mistake, and one that compiles is reported as an unused directive.

import createClient from "openapi-fetch"

import type { components, paths } from "./build/api.js"

const client = createClient<paths>({ baseUrl: "http://localhost" })
const params = { path: { actor: "customer", provider: "emailpass" } } as const
const token = "eyJ"

export async function mistakes(): Promise<void> {
  // @ts-expect-error  a body without its password
  await client.POST("/auth/{actor}/{provider}/register", { params, body: { email: "jane@example.com" } })
  // @ts-expect-error  a path without its parameters
  await client.POST("/auth/{actor}/{provider}", { body: { password: "correct horse battery" } })
  // @ts-expect-error  a provider that there is not
  await client.POST("/auth/{actor}/{provider}", { params: { path: { actor: "customer", provider: "github" } }, body: { password: "x" } })
  // @ts-expect-error  a route that there is not
  await client.POST("/store/customers/otp/sent", { body: { customer_id: "cus_1", type: "email_verification" } })
  // @ts-expect-error  a method that a route does not know
  await client.DELETE("/store/customers/me")
  // @ts-expect-error  a value that is none of the few
  await client.POST("/store/customers/otp/send", { body: { customer_id: "cus_1", type: "email" } })
  // @ts-expect-error  a key that is refused
  const body: components["schemas"]["OtpVerifyBody"] = { token, code: "424242", otp: "424242" }
  // @ts-expect-error  a number for a text
  await client.POST("/store/customers/otp/verify", { body: { token, code: 424242 } })
  // @ts-expect-error  a challenge is answered by a method that there is
  const challenge: components["schemas"]["ChallengeCodeBody"] = { method: "sms", code: "424242" }

  const { data, error } = await client.POST("/auth/{actor}/{provider}", { params, body: { password: "x" } })
  // @ts-expect-error  a login may have failed
  console.log(data.token)
  // @ts-expect-error  a login may wait for a second factor, or not
  console.log(data?.mfa_challenge)
  // @ts-expect-error  a code that no login answers
  if (error && "code" in error && error.code === "otp_expired") console.log(challenge, body)
}
