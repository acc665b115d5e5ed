// How people come in: sign up, log in with a password or a code, choose a new password. Steps of stories.

import assert from "node:assert/strict"

import { wrong } from "./inbox.mjs"
import { look } from "./looks.mjs"

export const KINDS = { email: ["email"], phone: ["phone"], both: ["email", "phone"] }
export const LABELS = {
  email: { identifier: "E-mail address" },
  phone: { identifier: "Phone number" },
  both: { identifier: "E-mail address or phone number" },
}
export const FIELDS = { email: "E-mail address", phone: "Phone number" }

export const button = (page, name) => page.getByRole("button", { name, exact: true })
export const field = (page, label) => page.getByLabel(label, { exact: true })
export const at = (page, path) => page.waitForURL((url) => url.pathname === path)

/** Fill fields in, by their labels. */
export async function fill(page, values) {
  for (const [label, value] of Object.entries(values)) {
    await page.getByRole("textbox", { name: label }).or(page.getByLabel(label, { exact: true })).fill(value)
  }
}

/** Type a code in the step that is open. It sends itself. */
export async function enter(page, code) {
  await field(page, "Code").fill(code)
}

/** Bring a code from the clipboard, as message programs show it. */
async function paste(page, code) {
  await page.evaluate((text) => navigator.clipboard.writeText(text), `${code.slice(0, 3)} ${code.slice(3)}`)
  await field(page, "Code").press("ControlOrMeta+v")
}

/** Create an account and confirm everything that the shop's mode asks for: first with a wrong code, then a new one. */
export async function signUp({ page, mode, person, post }) {
  await page.goto("/")
  await look(page, "home")
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Sign up" }).click()
  await at(page, "/sign-up")
  await look(page, "sign-up")
  await button(page, "Create account").click()
  await page.getByText("Please fill in this field.").first().waitFor()
  await look(page, "sign-up-empty")
  await fill(page, { "First name": person.firstName, "Last name": person.lastName, Password: person.password })
  await fill(page, Object.fromEntries(KINDS[mode].map((kind) => [FIELDS[kind], person[kind]])))
  await button(page, "Create account").click()
  for (const kind of KINDS[mode]) await confirm({ page, post, to: person[kind], name: `sign-up-${kind}` })
  await at(page, "/account")
}

async function confirm({ page, post, to, name }) {
  await page.getByText(to).first().waitFor()
  const again = button(page, "Send a new code")
  assert.ok(await again.isDisabled(), "not so soon")
  await look(page, name)
  const first = await post.code(to)
  await enter(page, wrong(first))
  await page.getByText("4 attempts left").waitFor()
  await look(page, `${name}-wrong`)
  await page.waitForFunction((it) => !it.disabled, await again.elementHandle())
  await again.click()
  const second = await post.code(to)
  assert.notEqual(first, second)
  await paste(page, second)
  await page.locator("[data-code-lead]").getByText(to).waitFor({ state: "detached" })
}

/** Fill the login form in, and send it. */
export async function typeLogin({ page, mode, person }) {
  await page.goto("/log-in")
  await fill(page, { [LABELS[mode].identifier]: person.by, Password: person.password })
  await button(page, "Log in").click()
}

export async function logIn(story) {
  await typeLogin(story)
  await at(story.page, "/account")
}

/** Log in with the password, after a wrong one. */
export async function logInByPassword({ page, mode, person, by = person.by }) {
  await page.goto("/log-in")
  await look(page, "log-in")
  await fill(page, { [LABELS[mode].identifier]: by, Password: `not ${person.password}` })
  await button(page, "Log in").click()
  await page.getByRole("alert").getByText("This does not match.").waitFor()
  await look(page, "log-in-wrong")
  await fill(page, { Password: person.password })
  await button(page, "Log in").click()
  await at(page, "/account")
}

/** Log in with a code. */
export async function logInByCode({ page, mode, post, person, by = person.by }) {
  await page.goto("/log-in?next=/account")
  await fill(page, { [LABELS[mode].identifier]: by })
  await button(page, "Log in with a code").click()
  await page.getByText(by).first().waitFor()
  await look(page, "log-in-code")
  const code = await post.code(by)
  await enter(page, wrong(code))
  await page.getByText("This code is not right.").waitFor()
  await enter(page, code)
  await at(page, "/account")
}

/** Forget the password, and choose another one by the link that comes. */
export async function resetPassword({ page, mode, person, post }) {
  await page.goto("/log-in")
  await page.getByRole("link", { name: "Forgot your password?" }).click()
  await at(page, "/forgot-password")
  await look(page, "forgot-password")
  await fill(page, { [LABELS[mode].identifier]: person.by })
  await button(page, "Send the link").click()
  await page.getByText("a link is on its way").waitFor()
  await look(page, "forgot-password-sent")
  await page.goto(await post.link(person.by, "reset-password"))
  await look(page, "reset-password")
  await fill(page, { "New password": "12345" })
  await button(page, "Save").click()
  await page.getByText(/too short/).first().waitFor()
  await look(page, "reset-password-refused")
  person.password = `${person.password}, a new one`
  await fill(page, { "New password": person.password })
  await button(page, "Save").click()
  await page.getByText("Your new password is saved.").waitFor()
  await look(page, "reset-password-done")
}
