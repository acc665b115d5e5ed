// The whole story of a customer in a mode of the shop, on a phone and on a desktop.

import { test } from "node:test"

import {
  changeContactAndBack,
  changePassword,
  editProfile,
  leaveAndStay,
  logInWithApp,
  logInWithRecoveryCode,
  logOut,
  logOutEverywhere,
  setUpApp,
} from "./account.mjs"
import { openPage, SHOPS, SIZES } from "./browser.mjs"
import { KINDS, logIn, logInByCode, logInByPassword, resetPassword, signUp } from "./entry.mjs"
import { postOf } from "./inbox.mjs"
import { keep } from "./looks.mjs"

const PEOPLE = {
  desktop: {
    firstName: "Jane",
    lastName: "Doe",
    email: "jane@example.com",
    phone: "+14155552671",
    other_email: "jane.doe@example.com",
    other_phone: "+14155552681",
  },
  phone: {
    firstName: "Kim",
    lastName: "Lee",
    email: "kim@example.com",
    phone: "+14155552672",
    other_email: "kim.lee@example.com",
    other_phone: "+14155552682",
  },
}

/** Tell the story in a mode of the shop, once a size. */
export function tellIn(mode) {
  for (const size of Object.keys(SIZES)) {
    test(`a customer who comes by ${mode}, on a ${size}`, async () => {
      const page = await openPage(SHOPS[mode], { size })
      page.pictures = mode
      // The pages of one kind of address are those of both kinds with fewer fields, so their colours are the same.
      page.isSeenInDarkElsewhere = mode !== "both"
      const person = { ...PEOPLE[size], password: "correct horse battery" }
      person.by = person[KINDS[mode][0]]
      await follow({ page, mode, person, post: postOf(SHOPS[mode]) })
      await page.wentWell()
    })
  }
}

const STEPS = [
  signUp,
  editProfile,
  logOut,
  logInByPassword,
  logOut,
  logInByCode,
  changeContactAndBack,
  logIn,
  changePassword,
  setUpApp,
  logOut,
  logInWithApp,
  logOut,
  logInWithRecoveryCode,
  logOutEverywhere,
  resetPassword,
  logIn,
  leaveAndStay,
]

async function follow(story) {
  const { page } = story
  for (const step of STEPS) {
    await step(story).catch(async (error) => {
      await keep(page, `failed-${step.name}`).catch(() => null)
      throw new Error([`${step.name}, at ${page.url()}`, ...page.troubles].join("\n"), { cause: error })
    })
  }
}
