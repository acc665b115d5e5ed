// The login page: a password, or a code; then whatever else the account asks for.

import { post } from "./api.js";
import { CodeEntry } from "./code-entry.js";
import { askForCode } from "./flows.js";
import { FieldError, showError, wire } from "./forms.js";
import { attempt } from "./login.js";
import { recall, remember } from "./state.js";
import { showStep } from "./steps.js";
import { shop, texts } from "./texts.js";

const form = document.querySelector("[data-log-in]");
const entry = new CodeEntry(document.querySelector("[data-code-entry]"));
const key = shop.mode === "both" ? "email_or_phone" : shop.mode;

function start(error) {
  showStep("form");
  if (error) showError(form, error);
}

const byPassword = ({ identifier, password }) => {
  const logIn = () => post(`/auth/customer/${shop.password_provider}`, { [key]: identifier, password });
  return attempt(logIn, { entry, identifier, again: logIn, start });
};

async function byCode({ identifier }) {
  let flow = null;
  const kind = identifier.includes("@") ? "email" : "phone";
  const send = async (options) => {
    const asked = askForCode("/auth/customer/otp/generate", { identifier }, shop.resend_seconds[kind], options);
    flow = await asked.catch((error) => {
      throw error.status === 404 ? new FieldError("identifier", texts.no_account) : error;
    });
    return flow.wait;
  };
  const wait = await send();
  entry.open({
    lead: shop.conceals ? texts.code.maybe_sent : texts.code.sent,
    contact: identifier,
    ...shop.login_code,
    wait,
    resend: () => send({ again: true }),
    back: () => start(),
    verify: (otp) => {
      const logIn = () => post("/auth/customer/otp/verify", { identifier, otp, token: flow.token });
      return attempt(logIn, { entry, identifier, start });
    },
  });
}

const fieldOf = ({ message }) => (message.startsWith("Invalid request: Invalid ") ? "identifier" : null);

wire(
  form,
  (values, button) => {
    remember("identifier", values.identifier);
    return button.matches("[data-by-code]") ? byCode(values) : byPassword(values);
  },
  { fieldOf },
);

const { identifier } = form.elements;
if (!identifier.value) identifier.value = recall("identifier") ?? "";
