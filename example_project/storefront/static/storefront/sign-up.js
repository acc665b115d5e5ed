// The sign-up page: register with a password or a code, create the customer, confirm every address, log in.
//
// The registration is kept in the session cookie, and what is left to confirm in the tab, so a reload goes on where the
// person was. A registration is made once: where accounts are concealed, a second one for the address is another one.

import { keepLogin, post } from "./api.js";
import { CodeEntry } from "./code-entry.js";
import { askForCode } from "./flows.js";
import { showError, wire } from "./forms.js";
import { goOn, leave } from "./login.js";
import { forget, recall, remember } from "./state.js";
import { showStep } from "./steps.js";
import { shop, texts } from "./texts.js";

const form = document.querySelector("[data-sign-up]");
const entry = new CodeEntry(document.querySelector("[data-code-entry]"));
const first = shop.mode === "phone" || shop.password_provider === "phonepass" ? "phone" : "email";
const KINDS = ["email", "phone"];

let withPassword = shop.password_provider !== null;
let registered = null;

function start(error) {
  forget("sign-up");
  progress("form");
  showStep("form");
  if (error) showError(form, error, fieldOf);
}

function progress(current) {
  const steps = [...document.querySelectorAll("[data-progress-step]")];
  const index = steps.findIndex((step) => step.dataset.progressStep === current);
  for (const [position, step] of steps.entries()) {
    step.classList.toggle("is-done", position < index);
    if (position === index) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  }
}

function fieldOf({ code, message }) {
  if (code === "password_rejected") return "password";
  if (/\bphone\b/i.test(message)) return "phone";
  return /\bemail\b/i.test(message) ? "email" : null;
}

// Registers

async function submit(values) {
  if (registered?.identifier === values[first] && registered.password === values.password) {
    return registered.state ? confirmNext(registered.state) : create(values);
  }
  if (!withPassword) return registerByCode(values);
  const { token } = await post(`/auth/customer/${shop.password_provider}/register`, { [first]: values[first], password: values.password });
  registered = { identifier: values[first], password: values.password, token, isProven: false };
  return create(values);
}

async function registerByCode(values) {
  const identifier = values[first];
  let flow = null;
  const send = async (options) => {
    flow = await askForCode("/auth/customer/otp/pre-register", { identifier }, shop.resend_seconds[first], options);
    return flow.wait;
  };
  const wait = await send();
  progress(first);
  entry.open({
    heading: texts.sign_up.heading[first],
    lead: texts.code.sent,
    contact: identifier,
    ...shop.login_code,
    wait,
    resend: () => send({ again: true }),
    back: () => start(),
    verify: async (otp) => {
      const { token } = await post("/auth/customer/otp/register", { identifier, otp, token: flow.token });
      registered = { identifier, token, isProven: true };
      return create(values).catch(start);
    },
  });
}

async function create(values) {
  const { token, isProven } = registered;
  const { password, ...profile } = values;
  const { customer } = await post("/store/customers", profile, { token });
  await keepLogin(token);
  const left = shop.require_verification ? KINDS.filter((kind) => values[kind] && !(isProven && kind === first)) : [];
  const contacts = { email: values.email, phone: values.phone };
  return confirmNext({ customerId: customer.id, contacts, left, flow: null, isConfirmed: isProven });
}

// Confirms one address after the other

async function confirmNext(state) {
  remember("sign-up", state);
  if (registered) registered.state = state;
  const [kind] = state.left;
  if (!kind) return finish();
  const send = () => sendCode(state, kind);
  const wait = state.flow ? waitOf(state) : await send();
  if (wait === null) return confirmNext(without(state, kind));
  progress(kind);
  return entry.open({
    heading: texts.sign_up.heading[kind],
    lead: texts.code.sent,
    contact: state.contacts[kind],
    ...shop.code,
    wait,
    resend: send,
    back: () => start(),
    // Whoever has confirmed one address can log in by it, and need not be held up by the other.
    ways: state.isConfirmed ? [{ text: texts.sign_up.later, go: finish }] : [],
    verify: async (code) => {
      await confirm(state, code);
      return confirmNext(without(state, kind));
    },
  });
}

function without(state, kind) {
  return { ...state, left: state.left.filter((other) => other !== kind), flow: null, isConfirmed: true };
}

const waitOf = ({ flow, left }) => Math.max(0, Math.ceil(shop.resend_seconds[left[0]] - (Date.now() - flow.sentAt) / 1000));

// Sends a code and returns the seconds to the next; `null` if the address is confirmed already, by a link perhaps.
async function sendCode(state, kind) {
  try {
    const { token } = await post("/store/customers/otp/send", { customer_id: state.customerId, type: `${kind}_verification` });
    state.flow = { token, sentAt: Date.now() };
  } catch (error) {
    if (error.code === "already_verified") return null;
    // The shop has sent the first code by itself, right after the registration: the session cookie says whose it is.
    if (error.status !== 429 || state.flow || !shop.sends_first_code[kind]) throw error;
    state.flow = { token: null, sentAt: Date.now() };
  }
  remember("sign-up", state);
  return shop.resend_seconds[kind];
}

function confirm({ flow }, code) {
  if (flow.token) return post("/store/customers/otp/verify", { token: flow.token, code });
  return post("/auth/verification/confirm", { code, code_provider: "otp" });
}

// Turns the registration in the session cookie into a login.
async function finish() {
  forget("sign-up");
  try {
    return await goOn(await post("/auth/token/refresh"), { entry, identifier: "", start });
  } catch (error) {
    if (error.status === 401 || error.status === 403) return leave("/log-in");
    throw error;
  }
}

// Password, or a code

const toggle = document.querySelector("[data-without-password]");
function usePassword(isUsed) {
  withPassword = isUsed;
  form.querySelector('[data-field="password"]').hidden = !isUsed;
  form.elements.password.disabled = !isUsed;
  toggle.textContent = isUsed ? texts.sign_up.with_code : texts.sign_up.with_password;
  toggle.hidden = false;
}
if (toggle) {
  usePassword(true);
  toggle.addEventListener("click", () => usePassword(!withPassword));
}

wire(form, submit, { fieldOf });

const state = recall("sign-up");
if (state?.left?.length) confirmNext(state).catch(start);
