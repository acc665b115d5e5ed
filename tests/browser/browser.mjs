// Chromium, and pages in it that are watched: whatever a page logs as an error, throws, or fails to load fails its test.

import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after } from "node:test"

import { chromium } from "playwright-core"

export const SHOPS = JSON.parse(process.env.SHOPS)

export const SIZES = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
}

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]
const PATIENCE_MS = 8_000

const folder = mkdtempSync(join(tmpdir(), "browser-"))
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH,
  args: FLAGS,
  env: { ...process.env, HOME: folder },
})

after(async () => {
  await browser.close()
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})

/** A page of its own browser profile, in a shop. `size` is a name of SIZES. Its test calls `wentWell()` at the end. */
export async function openPage(baseURL, { size = "desktop", ...options } = {}) {
  const context = await browser.newContext({
    baseURL,
    locale: "en-US",
    timezoneId: "UTC",
    reducedMotion: "reduce",
    permissions: ["clipboard-read", "clipboard-write"],
    ...SIZES[size],
    ...options,
  })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  page.size = size
  page.troubles = []
  context.on("page", watch)
  watch(page)
  page.wentWell = async () => {
    await context.close()
    assert.deepEqual(page.troubles, [])
  }
  return page

  function watch(watched) {
    const note = (trouble) => page.troubles.push(`${new URL(watched.url()).pathname}: ${trouble}`)
    watched.on("pageerror", (error) => note(error.stack))
    watched.on("console", (message) => isTrouble(message) && note(`console: ${message.text()}`))
    watched.on("requestfailed", (request) => wasCutOff(request) || note(`${request.url()} ${request.failure().errorText}`))
    watched.on("response", (response) => isExpected(response) || note(`${response.status()} ${response.url()}`))
  }
}

// A refusal of the API is logged by the browser as an error too; what may be refused is judged where it is answered.
const isTrouble = (message) =>
  ["error", "warning"].includes(message.type()) && !message.text().startsWith("Failed to load resource")

// A page that is left gives up on what it was still asking for.
const wasCutOff = (request) => request.failure().errorText === "net::ERR_ABORTED"

// The API may refuse, which is what stories are about; so may a page that was posted to. Nothing else may be amiss.
function isExpected(response) {
  const status = response.status()
  if (status < 400) return true
  const { pathname } = new URL(response.url())
  const mayRefuse = pathname.startsWith("/auth/") || pathname.startsWith("/store/") || response.request().method() === "POST"
  return status < 500 && mayRefuse
}
