// Look at a state of a page as axe does, light and dark, and keep pictures of it.

import assert from "node:assert/strict"
import { mkdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")
const PICTURES = process.env.TEST_BROWSER_SCREENSHOTS

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
// In the other scheme nothing but colours is different.
const COLOURS = ["color-contrast", "link-in-text-block"]
const EVERYTHING = { runOnly: { type: "tag", values: TAGS } }
const COLOURS_ALONE = { runOnly: { type: "rule", values: COLOURS } }

/**
 * Fail if a state of a page has anything that axe calls a violation, in light or in dark, or does not fit its width.
 * `name` is the picture's. `within` limits axe to a part, where the rest of the page is not ours. A page that says it
 * `isSeenInDarkElsewhere` is looked at in light alone, unless pictures are asked for.
 */
export async function look(page, name, { within = null } = {}) {
  const schemes = page.isSeenInDarkElsewhere && !PICTURES ? ["light"] : ["light", "dark"]
  await page.waitForLoadState()
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)
  assert.ok(!isWide, `${name} is wider than a ${page.size}'s screen`)
  for (const [index, scheme] of schemes.entries()) {
    await page.emulateMedia({ colorScheme: scheme })
    await settle(page)
    assert.deepEqual(await violations(page, within, index ? COLOURS_ALONE : EVERYTHING), [], `${name}, ${page.size}, ${scheme}`)
    await keep(page, name, scheme)
  }
  await page.emulateMedia({ colorScheme: schemes[0] })
}

async function settle(page) {
  await page.waitForLoadState()
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity)
    await Promise.all(ending.map(({ finished }) => finished.catch(() => null)))
  })
}

async function violations(page, within, options) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE)
  const found = await page.evaluate(
    ([part, given]) => window.axe.run(part ?? document, { ...given, resultTypes: ["violations"], iframes: false }),
    [within, options],
  )
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(" ")}: ${failureSummary}`),
  )
}

/** Keep a picture of what is seen, if pictures are asked for. The hour is always the same, so that pictures are, too. */
export async function keep(page, name, scheme = "light") {
  if (!PICTURES) return
  const folder = join(PICTURES, page.pictures ?? "")
  mkdirSync(folder, { recursive: true })
  await page.evaluate(() => {
    if (document.activeElement.matches(".inbox a")) document.activeElement.blur()
    for (const time of document.querySelectorAll(".inbox time:not([data-long])")) time.textContent = "9:41 AM"
    for (const time of document.querySelectorAll(".inbox time[data-long]")) time.textContent = "Today, 9:41 AM"
  })
  if ((await page.locator("iframe").count()) > 0) await page.waitForTimeout(300) // frames of their own process paint late
  const fullPage = (await page.locator("dialog[open]").count()) === 0 // which is in the middle of what is seen
  await page.screenshot({ path: join(folder, `${name}.${page.size}.${scheme}.png`), fullPage, caret: "hide" })
}
