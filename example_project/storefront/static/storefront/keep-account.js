// Keeping an account that is to be deleted: logging in is blocked, so a code does it. Whether there is one is not told.

import { post } from "./api.js";
import { CodeEntry } from "./code-entry.js";
import { countDown, dateOf } from "./countdown.js";
import { askForCode } from "./flows.js";
import { wire } from "./forms.js";
import { forget, recall, remember } from "./state.js";
import { showStep } from "./steps.js";
import { shop, texts, write } from "./texts.js";

const form = document.querySelector("[data-keep]");
const entry = new CodeEntry(document.querySelector("[data-code-entry]"));
const key = shop.mode === "both" ? "email_or_phone" : shop.mode;
const { identifier } = form.elements;

async function request(values) {
  const kind = values.identifier.includes("@") ? "email" : "phone";
  let flow = null;
  const send = async (options) => {
    flow = await askForCode("/store/customers/account-deletion/cancel-request", { [key]: values.identifier }, shop.resend_seconds[kind], options);
    return flow.wait;
  };
  const wait = await send();
  remember("identifier", values.identifier);
  entry.open({
    heading: texts.keep.heading,
    lead: texts.code.maybe_sent,
    contact: values.identifier,
    ...shop.code,
    wait,
    resend: () => send({ again: true }),
    back: () => showStep("form"),
    verify: async (code) => {
      await post("/store/customers/account-deletion/cancel-confirm", { token: flow.token, code });
      forget("deletion");
      showStep("done");
    },
  });
}

wire(form, request, { fieldOf: ({ message }) => (message.startsWith("Invalid request: Invalid ") ? "identifier" : null) });

identifier.value ||= recall("identifier") ?? "";
const due = recall("deletion");
if (due && new Date(due) > new Date()) {
  write(document.querySelector("[data-date]"), texts.keep.date, { date: dateOf(due) });
  countDown(document.querySelector("[data-countdown]"), due);
  document.querySelector("[data-due]").hidden = false;
}
