// The second factor on the account page: set up, removed, provided against its loss; and shown where the API asks for it.

import { call } from "./api.js";
import { ask, askFor, finish, lock, redraw, show } from "./dialog.js";
import { wireButton } from "./forms.js";
import { shop, texts } from "./texts.js";

const APP_CODE = { length: 6, numeric: true, isSent: false };
const RECOVERY_CODE = { length: null, numeric: false, isSent: false };
const find = (selector) => document.querySelector(selector);
const alertOf = (name) => find(`[data-step="${name}"] [data-form-error]`);

export class SecondFactor {
  #app = null;
  #messages = null;
  #codes = [];

  // `logInAgain(task)` asks for a fresh login, after which the task is opened again; `renew(token)` keeps a new login.
  constructor(entry, { logInAgain, renew }) {
    this.entry = entry;
    this.logInAgain = logInAgain;
    this.renew = renew;
    wireButton(find("[data-app-next]"), () => this.#confirmApp());
    for (const button of document.querySelectorAll("[data-remove]")) {
      const name = `remove-${button.dataset.remove}`;
      wireButton(button, () => this.#remove(button.dataset.remove, name), alertOf(name));
    }
    wireButton(find("[data-make-codes]"), () => this.withCode((proof) => this.#makeCodes(proof), "recovery"), alertOf("recovery"));
    wireButton(find("[data-kept]"), () => this.#kept());
    wireButton(find("[data-download]"), () => this.#download());
    wireButton(find("[data-print]"), () => window.print());
    for (const button of document.querySelectorAll("[data-copy]")) wireButton(button, () => this.#copy(button));
  }

  // Sets one up

  async setUpApp() {
    const { mfa_factor, secret, otpauth_url, qr_svg } = await ask("POST", "/auth/mfa/factors", { provider: "totp" });
    this.#app = mfa_factor.id;
    find("[data-qr]").src = `data:image/svg+xml,${encodeURIComponent(qr_svg)}`;
    find("[data-secret]").textContent = secret.replace(/(.{4})(?=.)/g, "$1 ");
    find("[data-app-link]").href = otpauth_url;
    // A phone cannot scan what it shows itself.
    find("[data-by-hand]").open = matchMedia("(pointer: coarse)").matches;
    show("app");
  }

  #confirmApp() {
    const said = texts.account.factor;
    askFor(this.entry, {
      heading: said.heading.totp,
      lead: texts.factor.lead.totp,
      ...APP_CODE,
      back: () => show("app"),
      verify: (code) => this.#enable(this.#app, code, "totp"),
    });
  }

  async setUpMessages() {
    const send = async ({ again = false } = {}) => {
      try {
        const { mfa_factor } = await ask("POST", "/auth/mfa/factors", { provider: "otp" });
        this.#messages = mfa_factor.id;
        return shop.resend_seconds[mfa_factor.metadata.entity_type];
      } catch (error) {
        // Opened once more too soon for another code: the one before is still good.
        if (again || error.status !== 429 || !this.#messages) throw error;
        return error.retryAfter;
      }
    };
    const wait = await send();
    askFor(this.entry, {
      heading: texts.account.factor.heading.otp,
      lead: texts.code.sent,
      contact: find('[data-row="otp"]').dataset.value,
      ...shop.code,
      wait,
      resend: () => send({ again: true }),
      verify: (code) => this.#enable(this.#messages, code, "otp"),
    });
  }

  async #enable(id, code, provider) {
    try {
      await ask("POST", `/auth/mfa/factors/${id}/verify`, { code });
    } catch (error) {
      if (error.code === "reauthentication_required") return this.logInAgain(`set-up-${provider}`);
      throw error;
    }
    await redraw();
    this.openRecovery(texts.account.factor.on[provider]);
  }

  // Removes one

  #remove(provider, task) {
    const { id } = find(`[data-row="${provider}"]`).dataset;
    const remove = async (proof) => {
      await ask("DELETE", `/auth/mfa/factors/${id}`, proof);
      await finish(texts.account.factor.removed[provider]);
    };
    return this.withCode(remove, task);
  }

  // Recovery codes, which are shown once

  openRecovery(done = "") {
    const news = find("[data-recovery-news]");
    news.textContent = done;
    news.hidden = !done;
    show("recovery");
  }

  async #makeCodes(proof) {
    const { recovery_codes } = await ask("POST", "/auth/mfa/recovery-codes", proof);
    this.#codes = recovery_codes;
    const items = recovery_codes.map((code) => Object.assign(document.createElement("li"), { textContent: code }));
    find("[data-codes]").replaceChildren(...items);
    lock(true);
    show("codes");
  }

  #kept() {
    lock(false);
    this.#codes = [];
    find("[data-codes]").replaceChildren();
    return finish(texts.account.codes.kept);
  }

  async #copy(button) {
    const text = button.dataset.copy === "codes" ? this.#codes.join("\n") : find("[data-secret]").textContent.replaceAll(" ", "");
    await navigator.clipboard.writeText(text);
    const before = button.textContent;
    button.textContent = texts.account.codes.copied;
    setTimeout(() => (button.textContent = before), 2000);
  }

  #download() {
    const text = `${texts.account.codes.title}\n\n${this.#codes.join("\n")}\n`;
    const href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    Object.assign(document.createElement("a"), { href, download: "recovery-codes.txt" }).click();
    setTimeout(() => URL.revokeObjectURL(href), 1000);
  }

  // Shows one, where the API asks for it: `reauthentication_required`

  // Runs `act(proof)`, where `proof` is a code of the app or a recovery code if it takes one.
  async withCode(act, task) {
    try {
      return await act({});
    } catch (error) {
      if (error.code !== "reauthentication_required") throw error;
    }
    const { mfa_factors } = await ask("GET", "/auth/mfa/factors");
    const hasApp = mfa_factors.some(({ provider, status }) => provider === "totp" && status === "enabled");
    return hasApp ? this.#askForCode(act, "totp") : this.#challenge(() => act({}), task);
  }

  #askForCode(act, method) {
    const other = method === "totp" ? "recovery_code" : "totp";
    const said = texts.account.proof;
    askFor(this.entry, {
      heading: said.heading,
      lead: said[method],
      ...(method === "totp" ? APP_CODE : RECOVERY_CODE),
      ways: [{ text: texts.factor.instead[other], go: () => this.#askForCode(act, other) }],
      verify: (code) => act({ method, code }),
    });
  }

  // Runs `act()`, which takes a session that has shown a factor.
  async proven(act, task) {
    try {
      return await act();
    } catch (error) {
      if (error.code !== "reauthentication_required") throw error;
      return this.#challenge(act, task);
    }
  }

  // A session that has shown no factor yet is asked for one by refreshing it; one that has must log in again.
  async #challenge(act, task) {
    const given = await ask("POST", "/auth/token/refresh");
    if (!given.mfa_required) return this.logInAgain(task);
    return this.#answer({ given, act, task }, given.mfa_challenge.methods[0]);
  }

  #answer(step, method) {
    const said = texts.account.proof;
    const shape = { totp: APP_CODE, otp: shop.code, recovery_code: RECOVERY_CODE }[method];
    const others = step.given.mfa_challenge.methods.filter((other) => other !== method);
    const isSent = method === "otp";
    askFor(this.entry, {
      heading: said.heading,
      lead: said[method],
      ...shape,
      isSent,
      wait: isSent ? shop.resend_seconds.phone : 0,
      resend: isSent ? () => this.#sendAgain(step) : null,
      ways: others.map((other) => ({ text: texts.factor.instead[other], go: () => this.#answer(step, other) })),
      verify: async (code) => {
        try {
          const { mfa_challenge: challenge, token } = step.given;
          const answer = await call("POST", `/auth/mfa/challenges/${challenge.id}/verify`, { method, code }, { token });
          await this.renew(answer.token);
        } catch (error) {
          if (error.status === 404 || error.status === 401) return this.logInAgain(step.task);
          throw error;
        }
        return step.act();
      },
    });
  }

  // Another challenge, and with it another code, if the one before has been waiting for long enough.
  async #sendAgain(step) {
    step.given = await ask("POST", "/auth/token/refresh");
    return shop.resend_seconds.phone;
  }
}
