// A page of several steps, `[data-step]`, of which one is shown.

// Shows a step and goes to its heading, so that screen readers read on from there; the first time the focus stays put.
export function showStep(name, { focus = true } = {}) {
  let shown = null;
  for (const step of document.querySelectorAll("[data-step]")) {
    step.hidden = step.dataset.step !== name;
    if (!step.hidden) shown = step;
  }
  if (shown && focus) shown.querySelector("[data-step-heading]")?.focus();
  return shown;
}
