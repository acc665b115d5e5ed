// On every page: passwords that can be shown, and a language menu that closes like one.

import { texts } from "./texts.js";

for (const button of document.querySelectorAll("[data-reveal]")) {
  const input = document.getElementById(button.dataset.reveal);
  const show = (isShown) => {
    input.type = isShown ? "text" : "password";
    button.textContent = isShown ? texts.hide : texts.show;
    button.setAttribute("aria-label", isShown ? texts.hide_password : texts.show_password);
  };
  button.addEventListener("click", () => show(input.type === "password"));
  // A password is not to stand readable in what the browser remembers of the form.
  input.form?.addEventListener("submit", () => show(false), true);
  show(false);
  button.hidden = false;
}

for (const menu of document.querySelectorAll("details.languages")) {
  const close = () => menu.removeAttribute("open");
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    close();
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => menu.contains(event.target) || close());
}
