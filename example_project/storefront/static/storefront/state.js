// What a page remembers until the tab is closed, so that a reload loses no step. Never a password, a code or a login.

export function remember(name, value) {
  try {
    sessionStorage.setItem(`shop.${name}`, JSON.stringify(value));
  } catch {
    // Where nothing can be kept, a reload begins anew.
  }
}

export function recall(name) {
  try {
    return JSON.parse(sessionStorage.getItem(`shop.${name}`));
  } catch {
    return null;
  }
}

export function forget(name) {
  try {
    sessionStorage.removeItem(`shop.${name}`);
  } catch {
    // There is nothing to forget, then.
  }
}
