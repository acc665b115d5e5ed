// Asks for codes. The answer's token belongs to the code, and opens nothing without it.

import { post } from "./api.js";
import { recall, remember } from "./state.js";

// Returns { token, wait }: what the code is brought back with, and the seconds until a new one may be asked for.
// Inside that time the shop refuses to send another; the one before, if this tab has asked for it, is still good. Not for
// who asks `again`: they are to be told that they must wait.
export async function askForCode(path, body, seconds, { again = false, ...options } = {}) {
  const name = `flow ${path} ${JSON.stringify(body)}`;
  try {
    const { token } = await post(path, body, options);
    remember(name, { token });
    return { token, wait: seconds };
  } catch (error) {
    const flow = recall(name);
    if (again || error.status !== 429 || !flow) throw error;
    return { ...flow, wait: error.retryAfter ?? seconds };
  }
}
