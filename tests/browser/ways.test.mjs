// Other ways to come to the shop: with nothing but a keyboard, and from right to left.

import assert from "node:assert/strict"
import { test } from "node:test"

import { at, button } from "./entry.mjs"
import { openPage, SHOPS, SIZES } from "./browser.mjs"
import { postOf } from "./inbox.mjs"
import { look } from "./looks.mjs"

const PATIENCE_IN_TABS = 40

/** Press Tab until an element has the focus, every one on the way being seen to have it. */
async function tabTo(page, locator) {
  const wanted = await locator.elementHandle()
  for (let pressed = 0; pressed < PATIENCE_IN_TABS; pressed++) {
    await page.keyboard.press("Tab")
    const [isThere, isSeen, name] = await page.evaluate((element) => {
      const focused = document.activeElement
      const { outlineStyle, outlineWidth } = getComputedStyle(focused)
      const { width, height } = focused.getBoundingClientRect()
      const isMarked = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2
      return [focused === element, focused === document.body || (isMarked && width > 0 && height > 0), focused.outerHTML]
    }, wanted)
    assert.ok(isSeen, `the focus cannot be seen: ${name}`)
    if (isThere) return
  }
  assert.fail(`not reached with Tab: ${locator}`)
}

test("somebody signs up with nothing but a keyboard", async () => {
  const [page, post] = [await openPage(SHOPS.both), postOf(SHOPS.both)]
  const type = async (label, text) => {
    await tabTo(page, page.getByLabel(label, { exact: label === "Password" }))
    await page.keyboard.type(text)
  }
  await page.goto("/")
  await page.keyboard.press("Tab")
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("href")), "#main", "the content is one key away")
  await tabTo(page, page.getByRole("link", { name: "Sign up" }).first())
  await page.keyboard.press("Enter")
  await at(page, "/sign-up")
  const [email, phone] = ["keys@example.com", "+14155552690"]
  await type("First name", "Kay")
  await type("E-mail address", email)
  await type("Phone number", phone)
  await type("Password", "correct horse battery")
  await page.keyboard.press("Enter")
  for (const contact of [email, phone]) {
    await page.getByText(contact).first().waitFor()
    assert.equal(await page.evaluate(() => document.activeElement.name), "code", "the focus waits where the code goes")
    await page.keyboard.type(await post.code(contact))
  }
  await at(page, "/account")
  await page.wentWell()
})

for (const size of Object.keys(SIZES)) {
  test(`from right to left, on a ${size}`, async () => {
    const [page, post] = [await openPage(SHOPS.email, { size }), postOf(SHOPS.email)]
    page.pictures = "rtl"
    await page.goto("/")
    await page.locator(".languages summary").click()
    await look(page, "languages")
    await button(page, "العربية").click()
    await page.locator("html[lang=ar][dir=rtl]").waitFor()
    await look(page, "home")
    for (const path of ["log-in", "forgot-password", "sign-up"]) {
      await page.goto(`/${path}`)
      await page.locator("html[lang=ar][dir=rtl]").waitFor()
      await look(page, path)
    }
    const email = `layla.${size}@example.com`
    await page.locator("[name=email]").fill(email)
    await page.locator("[name=password]").fill("correct horse battery")
    await page.locator("[data-sign-up] button.button").click()
    await page.getByText(email).waitFor()
    await look(page, "sign-up-email")
    await page.locator("[name=code]").fill(await post.code(email))
    await at(page, "/account")
    await look(page, "account")
    await page.wentWell()
  })
}
