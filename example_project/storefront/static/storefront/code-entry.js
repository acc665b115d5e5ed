// The step in which a code is entered: templates/storefront/_code.html. It takes "123 456" from the clipboard, sends
// itself when it is complete, counts the attempts that are left, and asks for a new code when it is time.
//
//   const entry = new CodeEntry(document.querySelector("[data-code-entry]"));
//   entry.open({ lead: texts.code.sent, contact, length: 6, wait: 60, verify: async (code) => …, resend: async () => 60 });
//
// `verify` throws what the API throws. `resend` returns the seconds until the next one may be asked for; without it
// there is no button. `length` is null for codes that do not send themselves (recovery codes). `ways` are other ways to
// go on, [{ text, go }]; `back` is the way back; `isSent` is false where the code comes from an app.

import { clearErrors, setBusy, showAlert, textOf, wire, wireButton } from "./forms.js";
import { showStep } from "./steps.js";
import { clock, texts, write } from "./texts.js";

export class CodeEntry {
  #timer = null;
  #options = {};

  constructor(step) {
    this.step = step;
    this.form = step.querySelector("form");
    this.input = this.form.elements.code;
    this.again = step.querySelector("[data-code-again]");
    this.button = step.querySelector("[data-code-resend]");
    this.countdown = step.querySelector("[data-code-countdown]");
    this.news = step.querySelector("[data-code-news]");
    this.attempts = step.querySelector("[data-code-attempts]");
    this.back = step.querySelector("[data-step-back]");
    this.ways = step.querySelector("[data-code-ways]");
    this.inbox = step.querySelector("[data-code-inbox]");
    this.heading = step.querySelector("[data-step-heading]");
    this.defaultHeading = this.heading.textContent;
    wire(this.form, () => this.#verify(), { fieldOf: (error) => (error.status === 400 ? "code" : null) });
    this.input.addEventListener("input", () => this.#sendWhenComplete());
    this.button.addEventListener("click", () => this.#resend());
    this.back.addEventListener("click", () => this.#options.back?.());
  }

  open({ lead, contact = "", length, numeric = true, wait = 0, verify, resend = null, back = null, ways = [], ...more }) {
    const { heading = this.defaultHeading, isSent = true } = more;
    this.#options = { length, verify, resend, back };
    this.heading.textContent = heading;
    write(this.step.querySelector("[data-code-lead]"), lead, { contact });
    clearErrors(this.form);
    this.#clear();
    this.input.inputMode = numeric ? "numeric" : "text";
    this.input.classList.toggle("code-long", length === null || length > 8);
    this.again.hidden = !resend;
    this.back.hidden = !back;
    if (this.inbox) this.inbox.hidden = !isSent;
    this.#offer(ways);
    this.#wait(wait);
    showStep(this.step.dataset.step, { focus: false });
    this.input.focus();
  }

  #offer(ways) {
    this.ways.hidden = ways.length === 0;
    const items = ways.map(({ text, go }) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: text });
      wireButton(button, go, this.form.querySelector("[data-form-error]"));
      const item = document.createElement("li");
      item.append(button);
      return item;
    });
    this.ways.replaceChildren(...items);
  }

  get code() {
    return this.input.value.replace(/[\s-]/g, "");
  }

  #clear() {
    this.input.value = "";
    this.attempts.textContent = "";
  }

  #sendWhenComplete() {
    if (this.code.length === this.#options.length) this.form.requestSubmit();
  }

  async #verify() {
    this.news.textContent = texts.code.checking;
    try {
      await this.#options.verify(this.#options.length === null ? this.input.value.trim() : this.code);
    } catch (error) {
      const left = error.body?.attempts_remaining;
      this.attempts.textContent = left === undefined ? "" : (texts.code.attempts[left] ?? "");
      throw error;
    } finally {
      this.news.textContent = "";
    }
  }

  async #resend() {
    if (this.button.getAttribute("aria-busy") === "true") return;
    setBusy(this.button, true);
    try {
      const wait = await this.#options.resend();
      this.#clear();
      clearErrors(this.form);
      this.news.textContent = texts.code.sent_again;
      this.#wait(wait);
      this.input.focus();
    } catch (error) {
      showAlert(this.form.querySelector("[data-form-error]"), textOf(error));
      this.#wait(error.retryAfter ?? 0);
    } finally {
      setBusy(this.button, false);
    }
  }

  // By the clock, not by counting ticks: phones stop the timers of pages that nobody looks at.
  #wait(seconds) {
    clearInterval(this.#timer);
    const end = Date.now() + seconds * 1000;
    const tick = () => {
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      this.button.disabled = left > 0;
      write(this.countdown, left > 0 ? texts.code.resend_in : "", { time: clock(left) });
      if (left === 0) clearInterval(this.#timer);
    };
    this.#timer = setInterval(tick, 1000);
    tick();
  }
}
