// What people do with their accounts, up to leaving and coming back. Steps of stories.

import assert from "node:assert/strict"

import { authenticator } from "../js_sdk/authenticator.mjs"
import { at, button, enter, field, fill, FIELDS, KINDS, LABELS, typeLogin } from "./entry.mjs"
import { look } from "./looks.mjs"

const dialog = (page) => page.getByRole("dialog")
const said = (page, text) => page.getByRole("status").getByText(text).waitFor()
const row = (page, name) => page.locator(`[data-row="${name}"]`)

/** Go to the account, unless that is where the step before has ended. */
async function toAccount(page) {
  if (new URL(page.url()).pathname !== "/account") await page.goto("/account")
}

/** Look at the account, and change one's name. */
export async function editProfile({ page, person }) {
  await toAccount(page)
  await look(page, "account")
  await button(page, "Change Name").click()
  await look(page, "account-name")
  person.firstName = `${person.firstName}-Ann`
  await fill(page, { "First name": person.firstName })
  await button(dialog(page), "Save").click()
  await said(page, "Saved.")
  assert.ok((await row(page, "name").textContent()).includes(`${person.firstName} ${person.lastName}`))
  assert.equal(await page.evaluate(() => document.activeElement.dataset.open), "name", "back where the dialog came from")
}

/** Change an address, and take the change back by the link that the old one gets. */
export async function changeContactAndBack({ page, mode, person, post }) {
  const kind = KINDS[mode].at(-1)
  const [label, before, after] = [FIELDS[kind], person[kind], person[`other_${kind}`]]
  await toAccount(page)
  await button(page, `Change ${label}`).click()
  await look(page, "account-contact")
  await fill(dialog(page), { [label]: after })
  await button(dialog(page), "Send code").click()
  await dialog(page).getByText(after).waitFor()
  await look(page, "account-contact-code")
  await enter(page, await post.code(after))
  await said(page, /is in place/)
  assert.ok((await row(page, kind).textContent()).includes(after))
  const told = mode === "both" ? person.email : before
  await page.goto(await post.link(told, "contact-change/undo"))
  await look(page, "undo")
  await button(page, "Take it back").click()
  await page.getByText("The earlier address is yours again.").waitFor()
  await look(page, "undo-done")
  await page.goto("/account")
  await at(page, "/log-in")
}

/** Choose another password, after a wrong current one. */
export async function changePassword({ page, person }) {
  await toAccount(page)
  await button(page, "Change Password").click()
  const password = `${person.password}, changed`
  await fill(dialog(page), { "Current password": "not it at all", "New password": password })
  await button(dialog(page), "Save").click()
  await page.getByText("This is not your current password.").waitFor()
  await look(page, "account-password-wrong")
  await fill(dialog(page), { "Current password": person.password })
  await button(dialog(page), "Save").click()
  await said(page, "Your new password is saved.")
  person.password = password
}

/** Set an authenticator app up by the key behind the QR code, and keep it for the next logins. */
export async function setUpApp({ page, person }) {
  await toAccount(page)
  await button(page, "Set up Authenticator app").click()
  await page.getByRole("img", { name: "QR code for your authenticator app" }).waitFor()
  await look(page, "account-app")
  const secret = (await page.locator("[data-secret]").textContent()).replaceAll(" ", "")
  person.app = authenticator(`otpauth://totp/Osier?secret=${secret}`)
  await button(dialog(page), "Continue").click()
  await look(page, "account-app-code")
  await enter(page, person.app.code())
  await page.getByRole("heading", { name: "Recovery codes" }).waitFor()
  await look(page, "account-recovery")
  await button(dialog(page), "Not now").click()
  assert.ok((await row(page, "totp").textContent()).includes("On"))
}

/** Log in with the app's code as the second step, and make recovery codes. */
export async function logInWithApp(story) {
  const { page, person } = story
  await typeLogin(story)
  await page.getByRole("heading", { name: "One more step" }).waitFor()
  await look(page, "log-in-factor")
  await enter(page, person.app.code())
  await at(page, "/account")
  await button(page, "Make new codes Recovery codes").click()
  await button(dialog(page), "Make recovery codes").click()
  await page.getByRole("heading", { name: "Keep these codes" }).waitFor()
  await look(page, "account-recovery-codes")
  person.codes = await page.locator("[data-codes] li").allTextContents()
  assert.equal(new Set(person.codes).size, 10)
  await button(dialog(page), "I have kept them").click()
  await said(page, "Your new recovery codes are in place.")
  await look(page, "account-with-app")
}

/** Log in with a recovery code as the second step, and take the app away. */
export async function logInWithRecoveryCode(story) {
  const { page, person } = story
  await typeLogin(story)
  await button(page, "Use a recovery code").click()
  await page.getByText("Enter one of your recovery codes.").waitFor()
  await look(page, "log-in-recovery")
  await enter(page, person.codes[0])
  await button(page, "Continue").click()
  await at(page, "/account")
  assert.ok((await row(page, "recovery").textContent()).includes("9 codes left"))
  await button(page, "Remove Authenticator app").click()
  await look(page, "account-app-remove")
  await button(dialog(page), "Remove").click()
  await said(page, "Your authenticator app is removed.")
}

export async function logOut({ page }) {
  await toAccount(page)
  await button(page, "Log out").click()
  await at(page, "/")
  await page.getByRole("link", { name: "Log in" }).first().waitFor()
}

/** Log out everywhere: another device, which has the same session, is sent to the login page. */
export async function logOutEverywhere({ page }) {
  await toAccount(page)
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ")
  const account = page.url()
  const elsewhere = () => fetch(account, { headers: { cookie }, redirect: "manual" }).then(({ status }) => status)
  assert.equal(await elsewhere(), 200)
  await button(page, "Log out everywhere").click()
  await at(page, "/log-in")
  assert.equal(await elsewhere(), 302)
}

/** Leave: a code, a countdown, a login that leads to the way back, and the way back. */
export async function leaveAndStay(story) {
  const { page, mode, person, post } = story
  const told = KINDS[mode].includes("email") ? person.email : person.phone
  await toAccount(page)
  await page.getByRole("link", { name: "Leave the shop" }).click()
  await at(page, "/account/leave")
  await look(page, "leave")
  await page.getByLabel("Why are you leaving?").fill("There is no room left for another basket.")
  await button(page, "Delete my account").click()
  await page.getByText(told).waitFor()
  await look(page, "leave-code")
  await enter(page, await post.code(told))
  await page.getByRole("heading", { name: "Goodbye, and thank you" }).waitFor()
  await page.getByRole("timer").getByText(/7 days|6 days/).waitFor({ state: "attached" })
  await look(page, "leave-done")
  await typeLogin(story)
  await at(page, "/keep-account")
  await page.getByRole("timer").waitFor()
  await look(page, "keep-account")
  assert.equal(await field(page, LABELS[mode].identifier).inputValue(), person.by, "nobody types it twice")
  await button(page, "Send code").click()
  await page.getByText(person.by).first().waitFor()
  await look(page, "keep-account-code")
  await enter(page, await post.code(person.by))
  await page.getByRole("heading", { name: "Your account stays" }).waitFor()
  await look(page, "keep-account-done")
  await typeLogin(story)
  await at(page, "/account")
}
