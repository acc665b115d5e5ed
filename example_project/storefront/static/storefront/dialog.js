// The dialog of the account page, whose steps are what the rows' buttons open; and the rows, drawn anew by the server.

import { call } from "./api.js";
import { clearErrors } from "./forms.js";
import { leave } from "./login.js";
import { showStep } from "./steps.js";

const dialog = document.querySelector("[data-dialog]");
const news = document.querySelector("[data-news]");
const NEWS_MS = 8000;

let opener = null;
let isLocked = false;
let newsTimer = null;

// Shows a step, in the dialog, and goes to its first field, or to its heading where there is none.
export function show(name) {
  const step = showStep(name, { focus: false });
  label(step.querySelector("[data-step-heading]").textContent);
  (step.querySelector("form input:not([type=hidden], [readonly], :disabled)") ?? step.querySelector("[data-step-heading]")).focus();
}

// Opens the step in which a code is entered.
export function askFor(entry, options) {
  label(options.heading);
  entry.open(options);
}

function label(text) {
  dialog.setAttribute("aria-label", text);
  if (dialog.open) return;
  opener = document.activeElement;
  news.replaceChildren();
  dialog.showModal();
}

export const close = () => dialog.close();

// A dialog that shows what is shown once stays open until it is unlocked.
export function lock(locked) {
  isLocked = locked;
  dialog.setAttribute("closedby", locked ? "none" : "closerequest");
  dialog.classList.toggle("is-locked", locked);
}

const keep = (event) => isLocked && event.preventDefault();
dialog.addEventListener("cancel", keep);
window.addEventListener("beforeunload", keep);
dialog.addEventListener("click", (event) => event.target.closest("[data-close]") && close());
dialog.addEventListener("close", () => {
  // Browsers that know no `closedby` close it at the second press of Escape, whatever the page says.
  if (isLocked) return dialog.showModal();
  for (const form of dialog.querySelectorAll("form")) {
    form.reset();
    clearErrors(form);
  }
  focusAgain();
});

// Goes back to the button that opened the dialog, or where a change has taken it away, to what is in its place.
function focusAgain() {
  const row = opener?.closest("[data-row]")?.dataset.row;
  const place = document.getElementById(opener?.id) ?? document.querySelector(`[data-row="${row}"] :is(button, a)`);
  (place ?? document.getElementById("main")).focus();
}

// Says what was done, where screen readers hear it, and takes it away when it has been read.
export function say(text, { isError = false } = {}) {
  clearTimeout(newsTimer);
  const toast = document.createElement("p");
  toast.className = isError ? "toast toast-error" : "toast";
  toast.textContent = text;
  news.replaceChildren(toast);
  newsTimer = setTimeout(() => news.replaceChildren(), NEWS_MS);
}

// After a change: the rows say how things are now, the dialog goes, and the page tells.
export async function finish(text) {
  await redraw();
  close();
  say(text);
}

// Asks the server for the page again and puts what it draws by the account's state in place.
export async function redraw() {
  const response = await fetch(location.pathname, { cache: "no-store" }).catch(() => null);
  if (!response?.ok) return location.reload();
  if (response.redirected) return leave(response.url);
  const drawn = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of drawn.querySelectorAll("[data-drawn]")) {
    document.querySelector(`[data-drawn="${part.dataset.drawn}"]`).replaceWith(part);
  }
}

export const logIn = () => leave(`/log-in?next=${encodeURIComponent(location.pathname)}`);

// Waits for an answer of the API; where the session was ended elsewhere meanwhile, the login comes first.
export async function alive(answer) {
  try {
    return await answer;
  } catch (error) {
    if (error.status === 401 && !error.body.type) return logIn();
    throw error;
  }
}

export const ask = (...request) => alive(call(...request));
