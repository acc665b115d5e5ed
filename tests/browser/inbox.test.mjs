// The inbox: what the shop sends appears by itself, takes nobody's place away, and its code is a click away.

import assert from "node:assert/strict"
import { test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"

import { openPage, SHOPS, SIZES } from "./browser.mjs"
import { look } from "./looks.mjs"

const [MAIL, OTHER_MAIL, NUMBER] = ["jane@example.com", "lee@example.com", "+14155552671"]

/** Make the shop send a code: to sign up with, since nobody has an account here. */
async function send(identifier) {
  const answer = await fetch(new URL("/auth/customer/otp/pre-register", SHOPS.inbox), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ identifier }),
  })
  assert.equal(answer.status, 200)
}

const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText())

test("a phone beside a mail program, live", async () => {
  const page = await openPage(SHOPS.inbox)
  page.pictures = "inbox"
  await page.goto("/inbox")
  await look(page, "empty")

  await send(MAIL)
  const mails = page.locator(".mail-list li")
  await mails.first().waitFor()
  const opened = page.locator("#open-mail")
  await opened.locator("iframe").waitFor()
  assert.equal(await page.getByRole("status").first().textContent(), "1 new message")
  const copy = opened.getByRole("button", { name: /^Copy \d{6}$/ })
  const [, code] = (await copy.textContent()).match(/(\d{6})/)
  await copy.click()
  assert.equal(await clipboard(page), code)
  await opened.getByRole("button", { name: "Copied" }).waitFor()

  await send(NUMBER)
  const bubble = page.locator(".conversation li")
  await bubble.first().waitFor()
  assert.ok((await bubble.first().textContent()).includes(NUMBER))
  await bubble.getByRole("button", { name: /^Copy/ }).press("Enter")
  assert.ok((await bubble.first().textContent()).includes(await clipboard(page)), "by keyboard, too")

  await opened.getByRole("link", { name: "Formatted" }).focus()
  await send(OTHER_MAIL)
  await mails.nth(1).waitFor()
  assert.ok((await mails.first().textContent()).includes(OTHER_MAIL), "the newest is on top")
  assert.ok((await opened.textContent()).includes(MAIL), "and the open one stays open")
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Formatted", "the focus is where it was")
  await opened.getByRole("link", { name: "Plain text" }).press("Enter")
  await opened.locator("pre").waitFor()
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Plain text", "although it is another one")
  await look(page, "plain")
  await mails.first().getByRole("link").press("Enter")
  await opened.getByText(OTHER_MAIL).waitFor()
  await opened.locator("iframe").waitFor()
  await look(page, "full")

  await page.getByLabel("Messages to").fill(MAIL)
  await page.getByRole("button", { name: "Show", exact: true }).click()
  await page.getByRole("link", { name: "Show all" }).waitFor()
  assert.deepEqual([await mails.count(), await bubble.count()], [1, 0])
  await look(page, "one-address")
  await page.wentWell()
})

test("nobody is asked while nobody looks", async () => {
  const page = await openPage(SHOPS.inbox)
  let asked = 0
  page.on("request", (request) => (asked += request.url().includes("/inbox/messages") ? 1 : 0))
  await page.goto("/inbox")
  const turn = (hidden) =>
    page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { value, configurable: true })
      document.dispatchEvent(new Event("visibilitychange"))
    }, hidden)
  await turn(true)
  await sleep(200)
  const before = asked
  await sleep(1300)
  assert.equal(asked, before)
  await Promise.all([page.waitForRequest(/inbox\/messages/), turn(false)])
  await page.wentWell()
})

test("one at a time on a phone", async () => {
  const page = await openPage(SHOPS.inbox, { size: "phone" })
  page.pictures = "inbox"
  await Promise.all([send(`phone-${MAIL}`), send("+14155552672")])
  await page.goto("/inbox?show=phone")
  const [phone, list, opened] = [".screen", ".mail-list", "#open-mail"].map((part) => page.locator(part))
  assert.ok(await phone.isVisible())
  assert.ok(!(await list.isVisible()))
  await look(page, "phone")
  await page.getByRole("link", { name: "E-mails" }).click()
  assert.ok(await list.isVisible())
  assert.ok(!(await phone.isVisible()))
  assert.ok(!(await opened.isVisible()))
  await look(page, "list")
  await list.getByRole("link").first().press("Enter")
  await opened.locator("iframe").waitFor()
  assert.ok(!(await list.isVisible()))
  assert.equal(await page.evaluate(() => document.activeElement.id), "open-mail")
  await look(page, "mail")
  await opened.getByRole("link", { name: "All e-mails" }).press("Enter")
  await list.waitFor()
  await page.wentWell()
})

for (const size of Object.keys(SIZES)) {
  test(`from right to left, on a ${size}`, async () => {
    await send(`arabic-${size}@example.com`)
    const page = await openPage(SHOPS.inbox, { size, locale: "ar" })
    page.pictures = "rtl"
    await page.goto("/inbox")
    assert.equal(await page.locator("html").getAttribute("dir"), "rtl")
    await look(page, "inbox")
    await page.wentWell()
  })
}
