// What the page says, translated by the server: its JSON data blocks "texts" and "shop".

const read = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "{}");

export const texts = read("texts");
export const shop = read("shop");

const language = document.documentElement.lang || "en";

// "2 minutes", "45 seconds": whole minutes from one minute and a half on, rounded up, as nobody wants to come too early.
export function spellOut(seconds) {
  const [size, unit] = seconds < 90 ? [1, "second"] : seconds < 5400 ? [60, "minute"] : [3600, "hour"];
  const count = Math.ceil(seconds / size);
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count);
}

// "1:05": for countdowns, which change too often to be spelled out.
export const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

// Writes a text with {names} into an element; what stands for a name keeps its own direction.
export function write(element, text, values = {}) {
  const parts = text.split(/\{(\w+)\}/).map((part, index) => {
    if (index % 2 === 0) return part;
    const isolated = document.createElement("bdi");
    isolated.textContent = values[part] ?? "";
    return isolated;
  });
  element.replaceChildren(...parts);
}
