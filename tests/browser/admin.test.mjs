// The desk of the staff: find a customer, help them, read what the shop says and how it fares. Axe looks at our own
// parts; the rest of a page is Django's.

import assert from "node:assert/strict"
import { test } from "node:test"

import { openPage, SHOPS, SIZES } from "./browser.mjs"
import { button } from "./entry.mjs"
import { postOf } from "./inbox.mjs"
import { look } from "./looks.mjs"

const [USERNAME, PASSWORD] = JSON.parse(process.env.STAFF)
const SHOP = SHOPS.both

/** Make a customer with two contacts, neither of them proven yet. */
async function makeCustomer(email, phone) {
  const ask = async (path, body, token) => {
    const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) }
    const answer = await fetch(new URL(path, SHOP), { method: "POST", headers, body: JSON.stringify(body) })
    assert.equal(answer.status, 200, path)
    return answer.json()
  }
  const { token } = await ask("/auth/customer/emailpass/register", { email, password: "correct horse battery" })
  const { customer } = await ask("/store/customers", { phone, first_name: "Robin", last_name: "Reed" }, token)
  await ask("/store/customers/otp/send", { customer_id: customer.id, type: "email_verification" })
}

for (const [number, size] of Object.keys(SIZES).entries()) {
  test(`staff help a customer, on a ${size}`, async () => {
    const [email, phone] = [`robin.${size}@example.com`, `+1415555270${number}`]
    await makeCustomer(email, phone)
    const post = postOf(SHOP)
    await post.code(email)
    const page = await openPage(SHOP, { size })
    page.pictures = "admin"
    await page.goto("/django-admin/")
    await page.getByLabel("Username").fill(USERNAME)
    await page.getByLabel("Password").fill(PASSWORD)
    await button(page, "Log in").click()

    await page.goto("/django-admin/customer_registration/customer/")
    await page.locator("#searchbar").fill(`(${phone.slice(2, 5)}) ${phone.slice(5, 8)}-${phone.slice(8)}`)
    await page.locator("#searchbar").press("Enter")
    await page.waitForURL(/q=/)
    assert.equal(await page.locator("#result_list tbody tr").count(), 1, "found by the number as people write it")
    await look(page, "customers", { within: "#result_list" })
    await page.locator("#result_list tbody a").first().click()
    await page.waitForURL(/\/change\//)
    await look(page, "customer", { within: ".cr-deeds, .cr-card" })
    await button(page, "Send the confirmation again").click()
    await page.locator(".cr-ask").waitFor()
    await look(page, "customer-question", { within: ".cr-ask" })
    await page.locator(".cr-ask .cr-yes").click()
    await page.locator(".messagelist").waitFor()
    assert.match(await post.code(email), /^\d{6}$/, "what was sent went to the customer")
    await look(page, "customer-helped", { within: ".cr-deeds, .cr-card" })

    await page.goto("/django-admin/customer_registration/dailyfigure/")
    await button(page, "Update now").click()
    await page.getByText("Counted just now").waitFor()
    await look(page, "insights", { within: ".insights" })

    await page.goto("/django-admin/customer_registration/outboxmessage/")
    await page.getByRole("link", { name: "Previews of messages" }).click()
    await page.locator(".cr-previews").waitFor()
    await look(page, "previews", { within: ".cr-previews" })
    await page.locator(".cr-tabs a:not([aria-current])").click()
    await page.locator(".cr-bubble").waitFor()
    await look(page, "previews-sms", { within: ".cr-previews" })
    await page.wentWell()
  })
}
