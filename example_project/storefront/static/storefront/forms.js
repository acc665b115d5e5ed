// Forms that send themselves once, say that they are busy, and tell what went wrong where it went wrong.

import { ApiError } from "./api.js";
import { texts, write } from "./texts.js";

// An error of one field, for `submit` to throw; `text` is shown under it.
export class FieldError extends Error {
  constructor(field, text) {
    super(text);
    this.field = field;
    this.text = text;
  }
}

// Runs `submit(values, submitter)` when the form is sent. While it runs the button is busy and nothing is sent twice.
// `fieldOf(error)` may name the field that an ApiError is about; other errors stand above the form.
export function wire(form, submit, { fieldOf = () => null } = {}) {
  let isBusy = false;
  form.noValidate = true;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy) return;
    clearErrors(form);
    const button = event.submitter ?? form.querySelector("button:not([type=button])");
    if (!complete(form, button.dataset.without?.split(" "))) return;
    if (!navigator.cookieEnabled) {
      showAlert(form.querySelector("[data-form-error]"), texts.cookies);
      return;
    }
    isBusy = true;
    setBusy(button, true);
    try {
      await submit(valuesOf(form), button);
    } catch (error) {
      showError(form, error, fieldOf);
    } finally {
      isBusy = false;
      setBusy(button, false);
    }
  });
  form.addEventListener("input", (event) => clearField(event.target.closest("[data-field]")));
  for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = false;
}

// Runs `act()` when a button outside of a form is pressed, with the same care; errors go to `alert`, an `.alert` element.
export function wireButton(button, act, alert) {
  button.disabled = false;
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-busy") === "true") return;
    setBusy(button, true);
    if (alert) alert.hidden = true;
    try {
      await act(button);
    } catch (error) {
      showAlert(alert, textOf(error));
    } finally {
      setBusy(button, false);
    }
  });
}

// The values of the form's fields; what was left empty is left out. Passwords are exactly as typed, the rest is trimmed.
export function valuesOf(form) {
  const values = {};
  for (const [name, value] of new FormData(form)) {
    const isPassword = /password/.test(form.elements[name].autocomplete);
    const typed = isPassword ? value : value.trim();
    if (typed !== "") values[name] = typed;
  }
  return values;
}

export function setBusy(button, isBusy) {
  if (!button) return;
  if (isBusy) button.setAttribute("aria-busy", "true");
  else button.removeAttribute("aria-busy");
}

export const textOf = (error) => error.text ?? texts.statuses.other;

export function showError(form, error, fieldOf = () => null) {
  if (!(error instanceof ApiError) && !(error instanceof FieldError)) console.error(error);
  const field = error.field ?? fieldOf(error);
  if (field && showFieldError(form, field, textOf(error))) return;
  showAlert(form.querySelector("[data-form-error]"), textOf(error));
}

export function showFieldError(form, name, text) {
  const field = form.querySelector(`[data-field="${name}"]`);
  if (!field) return false;
  const input = field.querySelector("input, select, textarea");
  const error = field.querySelector("[data-field-error]");
  field.classList.add("has-error");
  input.setAttribute("aria-invalid", "true");
  error.textContent = text;
  error.hidden = false;
  input.focus();
  input.select?.();
  return true;
}

export function showAlert(alert, text, values) {
  if (!alert) return;
  write(alert, text, values);
  alert.hidden = false;
  alert.focus();
}

export function clearErrors(form) {
  const alert = form.querySelector("[data-form-error]");
  if (alert) alert.hidden = true;
  for (const field of form.querySelectorAll("[data-field]")) clearField(field);
}

function clearField(field) {
  if (!field) return;
  field.classList.remove("has-error");
  field.querySelector("input, select, textarea")?.removeAttribute("aria-invalid");
  const error = field.querySelector("[data-field-error]");
  if (error) error.hidden = true;
}

// Tells of every required field that is empty, and goes to the first. A button may do without some: data-without.
function complete(form, without = []) {
  const isNeeded = (input) => input.required && !input.disabled && !without.includes(input.name);
  const empty = [...form.elements].filter((input) => isNeeded(input) && !input.value.trim());
  for (const input of empty.reverse()) showFieldError(form, input.name, texts.required);
  return empty.length === 0;
}
