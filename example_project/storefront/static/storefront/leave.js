// Leaving the shop: what becomes of the account, a code, and how long there is to think again.

import { post } from "./api.js";
import { CodeEntry } from "./code-entry.js";
import { countDown, dateOf } from "./countdown.js";
import { askForCode } from "./flows.js";
import { wire } from "./forms.js";
import { leave } from "./login.js";
import { remember } from "./state.js";
import { showStep } from "./steps.js";
import { shop, texts, write } from "./texts.js";

const form = document.querySelector("[data-leave]");
const entry = new CodeEntry(document.querySelector("[data-code-entry]"));

let flow = null;

async function request(values) {
  const send = async (options) => {
    flow = await askForCode("/store/customers/account-deletion/request", values, shop.resend_seconds[shop.kind], options);
    return flow.wait;
  };
  const wait = await send().catch((error) => {
    if (error.status === 401 && !error.body.type) return leave(`/log-in?next=${encodeURIComponent(location.pathname)}`);
    // Somebody has gone back to say why: the code that they have is good for that too.
    if (error.status === 429 && flow) return error.retryAfter;
    throw error;
  });
  entry.open({
    heading: texts.leave.heading,
    lead: texts.code.sent,
    contact: shop.contact,
    ...shop.code,
    wait,
    resend: () => send({ again: true }),
    back: () => showStep("form"),
    verify: (code) => confirm(flow.token, code),
  });
}

async function confirm(token, code) {
  const { request } = await post("/store/customers/account-deletion/confirm", { token, code });
  remember("identifier", shop.contact);
  remember("deletion", request.scheduled_at);
  const isDue = new Date(request.scheduled_at) <= new Date();
  write(document.querySelector("[data-date]"), isDue ? texts.leave.due : texts.leave.date, { date: dateOf(request.scheduled_at) });
  countDown(document.querySelector("[data-countdown]"), request.scheduled_at);
  await forgetLogin();
  showStep("done");
}

// Every session has ended; the head of the page is not to say otherwise.
async function forgetLogin() {
  const page = await fetch("/keep-account", { cache: "no-store" }).then((response) => response.text()).catch(() => "");
  const nav = new DOMParser().parseFromString(page, "text/html").querySelector(".nav");
  if (nav) document.querySelector(".nav").replaceWith(nav);
}

wire(form, request);
