import assert from "node:assert/strict"
import { test } from "node:test"

import {
  badRequest,
  browser,
  claims,
  logIn,
  PASSWORD,
  post,
  refusal,
  signUp,
  someone,
  UNAUTHORIZED,
  verifyByCode,
} from "./support.mjs"

const KEY = "pk_test"
const OURS = [
  "/store/customers/otp/send",
  "/store/customers/otp/verify",
  "/store/customers/me/contact",
  "/store/customers/me/contact/verify",
  "/store/customers/contact/undo",
  "/store/customers/me/password",
  "/store/customers/me/logout-all",
]
const MISSING = badRequest(
  "Publishable API key required in the request header: x-publishable-api-key. " +
    "You can manage your keys in settings in the dashboard.",
)
const UNKNOWN = badRequest("A valid publishable key is required to proceed with the request")

test("a storefront with the key signs a customer up and in", async () => {
  const sdk = browser({ publishableKey: KEY })
  const email = someone()
  const { customer } = await signUp(sdk, email)
  await verifyByCode(sdk, customer)
  assert.equal(claims(await logIn(sdk, email)).actor_id, customer.id)
  assert.equal((await sdk.store.customer.retrieve()).customer.id, customer.id)
})

for (const [which, publishableKey, answer] of [
  ["no key", undefined, MISSING],
  ["an unknown key", "pk_other", UNKNOWN],
  ["part of the key", "pk_tes", UNKNOWN],
]) {
  test(`${which} is told so on every route under /store, whoever asks`, async () => {
    const sdk = browser({ publishableKey })
    const email = someone()
    const routes = [
      () => sdk.store.customer.create({ email }),
      () => sdk.store.customer.create({ nonsense: true }),
      () => sdk.store.customer.retrieve(),
      () => sdk.store.customer.update({ nonsense: true }),
      ...OURS.map((path) => () => post(sdk, path, {})),
      () => sdk.client.fetch("/store/no/such/path"),
    ]
    for (const ask of routes) assert.deepEqual(await refusal(ask()), answer)

    await sdk.auth.register("customer", "emailpass", { email, password: PASSWORD })
    for (const ask of routes) assert.deepEqual(await refusal(ask()), answer)
  })
}

test("routes under /auth ask for no key", async () => {
  const sdk = browser()
  const email = someone()
  const token = await sdk.auth.register("customer", "emailpass", { email, password: PASSWORD })
  assert.equal(claims(await logIn(sdk, email)).auth_identity_id, claims(token).auth_identity_id)
  assert.equal(claims((await sdk.auth.refresh()).token).actor_id, "")
  assert.ok((await sdk.auth.listProviders("customer")).providers.length > 0)
})

test("with the key the guard has its say", async () => {
  assert.deepEqual(await refusal(browser({ publishableKey: KEY }).store.customer.retrieve()), UNAUTHORIZED)
})
