// Counts down to a day: days, hours and minutes, in tiles for those who see and in words for those who hear.

const language = document.documentElement.lang || "en";
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
const formats = new Map(UNITS.map(([unit]) => [unit, new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" })]));

export const dateOf = (moment) => new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" }).format(new Date(moment));

export function countDown(element, moment) {
  const end = new Date(moment).getTime();
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 60_000) * 60;
    element.hidden = left <= 0;
    if (left > 0) draw(element, left);
    else clearInterval(timer);
  };
  const timer = setInterval(tick, 1000);
  tick();
}

function draw(element, seconds) {
  let left = seconds;
  const counts = UNITS.map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return { unit, count };
  });
  const shown = counts.slice(counts.findIndex(({ count }) => count > 0));
  const words = new Intl.ListFormat(language, { type: "unit", style: "long" }).format(shown.map(spellOut));
  const spoken = element.querySelector("[data-countdown-words]");
  if (spoken.textContent === words) return;
  spoken.textContent = words;
  element.querySelector("[data-countdown-tiles]").replaceChildren(...shown.map(tile));
}

const spellOut = ({ unit, count }) => formats.get(unit).format(count);

// The number above its unit, whatever order the language has them in.
function tile({ unit, count }) {
  const parts = formats.get(unit).formatToParts(count);
  const item = document.createElement("li");
  for (const [tag, isOf] of [["b", (type) => type === "integer"], ["span", (type) => type === "unit"]]) {
    const text = parts.filter(({ type }) => isOf(type)).map(({ value }) => value).join("").trim();
    item.append(Object.assign(document.createElement(tag), { textContent: text }));
  }
  return item;
}
