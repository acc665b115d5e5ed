// From a proof to a session: what a login answers, and what may stand between it and the account.

import { ApiError, keepLogin, post } from "./api.js";
import { askForCode } from "./flows.js";
import { remember } from "./state.js";
import { shop, texts } from "./texts.js";

// Takes a login's answer as far as it goes.
//   identifier: what the person logged in with; again: logs in once more, where that needs nothing of them; start: goes
//   back to the form, with an error to show.
export async function goOn(answer, { entry, identifier, again = null, start }) {
  const more = { entry, identifier, again, start };
  if (answer.mfa_required) return askForFactor(answer, more);
  if (answer.verification_required) return verifyByRequest(answer, more);
  const { user } = await keepLogin(answer.token);
  if (user.actor_id) return leave(shop.next);
  return createCustomer(more);
}

// Runs a login, and takes its refusals where they lead.
export async function attempt(logIn, more) {
  try {
    return await goOn(await logIn(), more);
  } catch (error) {
    if (error.code === "verification_required") return verify(error.body, more);
    if (error.code === "account_deletion_pending") {
      remember("identifier", more.identifier);
      remember("deletion", error.body.scheduled_at);
      return leave("/keep-account");
    }
    throw error;
  }
}

// The page stays busy until the next one is there.
export function leave(path) {
  location.assign(path);
  return new Promise(() => {});
}

// The address was never confirmed: a code is sent to it, and then the login goes on.
async function verify({ customer_id, verification_type }, more) {
  const kind = verification_type.replace("_verification", "");
  let flow = null;
  const send = async (options) => {
    flow = await askForCode("/store/customers/otp/send", { customer_id, type: verification_type }, shop.resend_seconds[kind], options);
    return flow.wait;
  };
  await openWith(more, send, async (code) => {
    const { token } = await post("/store/customers/otp/verify", { token: flow.token, code });
    return token ? goOn({ token }, more) : attempt(more.again, more);
  });
}

// The same, where the shop answers logins as the SDK does (LOGIN.UNVERIFIED_RESPONSE = "challenge").
async function verifyByRequest({ token, verification }, more) {
  const kind = verification?.entity_type ?? (more.identifier.includes("@") ? "email" : "phone");
  const entity = { entity_id: verification?.entity_id ?? more.identifier, entity_type: kind };
  const send = async (options) => {
    const body = { ...entity, code_provider: "otp" };
    const { wait } = await askForCode("/auth/verification/request", body, shop.resend_seconds[kind], { token, ...options });
    return wait;
  };
  await openWith(more, send, async (code) => {
    await post("/auth/verification/confirm", { code, code_provider: "otp" }, { token });
    return attempt(more.again, more);
  });
}

async function openWith({ entry, identifier, start }, send, verify) {
  const wait = await send();
  const resend = () => send({ again: true });
  entry.open({ lead: texts.code.sent, contact: identifier, ...shop.code, wait, verify, resend, back: () => start() });
}

// The second factor: the first method that the challenge offers, and the others as a way out.
function askForFactor(answer, more, method = answer.mfa_challenge.methods[0]) {
  const { mfa_challenge: challenge, token } = answer;
  const others = challenge.methods.filter((other) => other !== method);
  const shape = { totp: { length: 6, numeric: true }, otp: shop.code, recovery_code: { length: null, numeric: false } };
  const resends = method === "otp" && more.again;
  let left = challenge.max_attempts - challenge.attempts;
  more.entry.open({
    heading: texts.factor.heading,
    lead: texts.factor.lead[method],
    ...shape[method],
    isSent: method === "otp",
    wait: resends ? shop.resend_seconds.phone : 0,
    resend: resends ? () => attempt(more.again, more).then(() => shop.resend_seconds.phone) : null,
    ways: others.map((other) => ({ text: texts.factor.instead[other], go: () => askForFactor(answer, more, other) })),
    back: () => more.start(),
    verify: async (code) => {
      try {
        return await goOn(await post(`/auth/mfa/challenges/${challenge.id}/verify`, { method, code }, { token }), more);
      } catch (error) {
        if (error.status === 404 || error.status === 401) return more.start(error);
        if (error.code === "otp_invalid") error.body.attempts_remaining ??= left = Math.max(0, left - 1);
        throw error;
      }
    },
  });
}

// Somebody registered and went away before the customer was made: it is made now, or where more is needed, on its page.
async function createCustomer(more) {
  try {
    await post("/store/customers");
  } catch (error) {
    if (error instanceof ApiError && error.status === 400) return leave("/sign-up");
    throw error;
  }
  return attempt(more.again ?? (() => post("/auth/token/refresh")), more);
}
