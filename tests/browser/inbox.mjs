// What people get from the shop, read from its inbox.

import assert from "node:assert/strict"
import { setTimeout as sleep } from "node:timers/promises"

const PATIENCE_MS = 5_000

/** Reads what a shop sends, each message once. */
export function postOf(baseURL) {
  const read = new Map()

  async function messages(to) {
    const answer = await fetch(new URL(`/inbox/messages?to=${encodeURIComponent(to)}`, baseURL))
    assert.equal(answer.status, 200)
    return (await answer.json()).messages
  }

  /** What the pattern's group matches in the oldest message that was not read yet and has it, once it arrives. */
  async function next(to, pattern) {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const unread = (await messages(to)).filter(({ id }) => id > (read.get(to) ?? 0)).reverse()
      for (const { id, text } of unread) {
        const found = text.match(pattern)
        if (!found) continue
        read.set(to, id)
        return found[1]
      }
      assert.ok(Date.now() < deadline, `no new message with ${pattern} for ${to}; unread: ${JSON.stringify(unread)}`)
      await sleep(50)
    }
  }

  return {
    /** The code of the next message to an address or a number. */
    code: (to) => next(to, /(?<![\w+/=.])(\d{6})(?![\w/])/),
    /** The link of the next message that has one to a page, as a path with its query. */
    link: async (to, page) => {
      const { pathname, search } = new URL(await next(to, new RegExp(`(https?://\\S+/${page}\\?\\S+)`)))
      return pathname + search
    },
  }
}

/** A code that is not the one. */
export const wrong = (code) => (code[0] === "1" ? "2" : "1") + code.slice(1)
