// The page of docs/tutorial.md: somebody signs up, brings the code that the server has printed, and orders.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"

import { openPage, SHOPS } from "./browser.mjs"

const printedCodes = () => [...readFileSync(process.env.LOG, "utf8").matchAll(/^Subject: (\d{6}) /gm)]

test("somebody signs up on the page of the tutorial and orders tea", async () => {
  const page = await openPage(SHOPS.tea)
  const says = (text) => page.getByText(text).waitFor()
  const before = printedCodes().length

  await page.goto("/")
  await page.getByPlaceholder("E-mail").fill("joe@example.com")
  await page.getByPlaceholder("Password").fill("correct horse")
  await page.getByRole("button", { name: "Sign up" }).click()
  await says("We have sent you a code.")
  while (printedCodes().length === before) await page.waitForTimeout(50)

  await page.getByPlaceholder("Code").fill(printedCodes().at(-1)[1])
  await page.getByRole("button", { name: "Confirm" }).click()
  await says("Welcome!")

  await page.getByPlaceholder("Which tea?").fill("black tea")
  await page.getByRole("button", { name: "Order" }).click()
  await says("Your orders: black tea")

  await page.goto("/orders")
  assert.match(await page.textContent("body"), /black tea/)
  await page.wentWell()
})
