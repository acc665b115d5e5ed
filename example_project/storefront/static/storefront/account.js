// The account page: every row's button opens a step of the dialog, or does what it says.

import { ApiError, keepLogin } from "./api.js";
import { CodeEntry } from "./code-entry.js";
import { alive, ask, askFor, finish, logIn, say, show } from "./dialog.js";
import { askForCode } from "./flows.js";
import { setBusy, textOf, wire, wireButton } from "./forms.js";
import { leave } from "./login.js";
import { SecondFactor } from "./second-factor.js";
import { forget, recall, remember } from "./state.js";
import { shop, texts } from "./texts.js";

const entry = new CodeEntry(document.querySelector("[data-code-entry]"));
const factor = new SecondFactor(entry, { logInAgain, renew });
const form = (name) => document.querySelector(`[data-form="${name}"]`);
const row = (name) => document.querySelector(`[data-row="${name}"]`);
const FRESH = "account.again";

// Rows

const TASKS = {
  "log-out": () => ask("DELETE", "/auth/session").then(() => leave("/")),
  "log-out-everywhere": () => ask("POST", "/store/customers/me/logout-all").then(() => leave("/log-in")),
  "confirm-email": () => confirm("email"),
  "confirm-phone": () => confirm("phone"),
  recovery: () => factor.openRecovery(),
  "set-up-totp": () => factor.setUpApp(),
  "set-up-otp": () => factor.setUpMessages(),
  password: openPassword,
};

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-open]");
  if (!button || button.getAttribute("aria-busy") === "true") return;
  const name = button.dataset.open;
  button.focus(); // not every browser does it, and the focus comes back here
  setBusy(button, true);
  try {
    await (TASKS[name] ?? show)(name);
  } catch (error) {
    if (error.code === "reauthentication_required") return logInAgain(name);
    if (!(error instanceof ApiError)) console.error(error);
    say(textOf(error), { isError: true });
  } finally {
    setBusy(button, false);
  }
});

// What takes a fresh login is opened again after it.

let asked = null;
function logInAgain(name) {
  asked = name;
  show("again");
}
wireButton(
  document.querySelector("[data-log-in-again]"),
  async () => {
    await ask("DELETE", "/auth/session");
    remember(FRESH, asked);
    return logIn();
  },
  document.querySelector('[data-step="again"] [data-form-error]'),
);

// A change has ended every session: the answer's token goes on, and where there is none, the person logs in.
async function renew(token) {
  if (!token) return logIn();
  return keepLogin(token);
}

// Details

function wireProfile(name) {
  wire(form(name), async (values) => {
    const fields = [...form(name).elements].filter((input) => input.name);
    const profile = Object.fromEntries(fields.map((input) => [input.name, values[input.name] ?? ""]));
    await ask("POST", "/store/customers/me", profile);
    for (const input of fields) input.defaultValue = profile[input.name];
    await finish(texts.account.saved);
  });
}

// Contacts

function wireContact(kind) {
  const fieldOf = ({ status }) => (status === 400 || status === 422 ? kind : null);
  wire(form(kind), ({ [kind]: value }) => factor.proven(() => change(kind, value), kind), { fieldOf });
}

async function change(kind, value) {
  const said = texts.account.contact[kind];
  let flow = null;
  const send = async (options) => {
    flow = await alive(askForCode("/store/customers/me/contact", { [kind]: value }, shop.resend_seconds[kind], options));
    return flow.wait;
  };
  const wait = await send();
  askFor(entry, {
    heading: said.heading,
    lead: texts.code.sent,
    contact: value,
    ...shop.code,
    wait,
    resend: () => send({ again: true }),
    back: () => show(kind),
    verify: async (code) => {
      const { token } = await ask("POST", "/store/customers/me/contact/verify", { token: flow.token, code });
      await renew(token);
      await finish(said.changed);
    },
  });
}

// Confirms a contact that was never confirmed.
async function confirm(kind) {
  const said = texts.account.contact[kind];
  const body = { customer_id: shop.customer_id, type: `${kind}_verification` };
  let flow = null;
  const send = async (options) => {
    flow = await alive(askForCode("/store/customers/otp/send", body, shop.resend_seconds[kind], options));
    return flow.wait;
  };
  const wait = await send();
  askFor(entry, {
    heading: said.heading,
    lead: texts.code.sent,
    contact: row(kind).dataset.value,
    ...shop.code,
    wait,
    resend: () => send({ again: true }),
    verify: async (code) => {
      const { token } = await ask("POST", "/store/customers/otp/verify", { token: flow.token, code });
      if (token) await keepLogin(token);
      await finish(said.confirmed);
    },
  });
}

// Password

function openPassword() {
  const isFirst = document.querySelector('[data-drawn="rows"]').dataset.hasPassword !== "true";
  const old = form("password").elements.old_password;
  old.disabled = isFirst;
  old.closest("[data-field]").hidden = isFirst;
  show("password");
}

function wirePassword() {
  const fields = { wrong_password: "old_password", password_rejected: "password" };
  const submit = async (values) => {
    try {
      const { token } = await ask("POST", "/store/customers/me/password", values);
      await renew(token);
    } catch (error) {
      if (error.code === "reauthentication_required") return logInAgain("password");
      throw error;
    }
    return finish(texts.account.password_saved);
  };
  wire(form("password"), submit, { fieldOf: ({ code }) => fields[code] });
}

wireProfile("name");
wireProfile("company");
wireContact("email");
wireContact("phone");
if (form("password")) wirePassword();

const again = recall(FRESH);
forget(FRESH);
if (again) document.querySelector(`[data-open="${again}"]`)?.click();
