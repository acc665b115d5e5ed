// The shop's API, as any storefront would call it: JSON, and the login in a session cookie.

import { shop, spellOut, texts } from "./texts.js";

// What the API refused. `text` is what to tell the person; `code`, `status` and `body` are for the page to decide by.
export class ApiError extends Error {
  constructor(status, body, retryAfter) {
    super(body.message ?? `HTTP ${status}`);
    this.status = status;
    this.body = body;
    this.code = body.code ?? null;
    this.retryAfter = retryAfter;
  }

  get text() {
    if (this.status === 0) return texts.offline;
    if (this.retryAfter && this.status === 429) return texts.wait.replace("{time}", spellOut(this.retryAfter));
    return texts.errors[this.code] ?? texts.messages[this.message] ?? texts.statuses[this.status] ?? texts.statuses.other;
  }
}

// Returns the answer's JSON. `token` is a bearer, for the steps before there is a session; without one the cookie counts.
export async function call(method, path, body, { token } = {}) {
  const headers = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (token) headers.authorization = `Bearer ${token}`;
  if (shop.publishable_key) headers["x-publishable-api-key"] = shop.publishable_key;
  let response;
  try {
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body), credentials: "same-origin", cache: "no-store" });
  } catch {
    throw new ApiError(0, {}, null);
  }
  const text = await response.text();
  let answer = {};
  try {
    answer = JSON.parse(text);
  } catch {
    // Resetting a password is answered in plain text, and a broken proxy by anything.
  }
  if (!response.ok) throw new ApiError(response.status, answer, Number(response.headers.get("retry-after")) || null);
  return answer;
}

export const get = (path, options) => call("GET", path, undefined, options);
export const post = (path, body = {}, options = {}) => call("POST", path, body, options);

// Keeps a login: from here on the cookie counts, on every page.
export const keepLogin = (token) => post("/auth/session", {}, { token });
