// Asks for a link to choose a new password. Known and unknown people are answered alike.

import { post } from "./api.js";
import { wire } from "./forms.js";
import { recall, remember } from "./state.js";
import { showStep } from "./steps.js";
import { shop, texts, write } from "./texts.js";

const form = document.querySelector("[data-forgot-password]");
const { identifier } = form.elements;
identifier.value ||= recall("identifier") ?? "";

wire(
  form,
  async (values) => {
    await post(`/auth/customer/${shop.password_provider}/reset-password`, values);
    remember("identifier", values.identifier);
    write(document.querySelector("[data-sent]"), texts.link_sent, { contact: values.identifier });
    showStep("sent");
  },
  { fieldOf: (error) => (error.status === 400 ? "identifier" : null) },
);

document.querySelector("[data-again]").addEventListener("click", () => showStep("form"));
