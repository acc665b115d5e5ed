// Comfort for the inbox, which reads well without: mails as tall as they are, local times, word of new messages.

const LOOK_AGAIN_MS = 5000;

const fit = (frame) => {
  const root = frame.contentDocument?.documentElement;
  if (root) frame.style.height = `${Math.ceil(root.getBoundingClientRect().height)}px`;
};

const onResize = new ResizeObserver((entries) => entries.forEach(({ target }) => fit(target)));
for (const frame of document.querySelectorAll("iframe")) {
  frame.addEventListener("load", () => fit(frame));
  onResize.observe(frame);
}

const spelled = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
for (const time of document.querySelectorAll("time")) {
  time.textContent = spelled.format(new Date(time.dateTime));
}

const main = document.querySelector("main");
const notice = document.querySelector(".notice");

const lookForNew = async () => {
  if (document.hidden) return;
  const answer = await fetch(main.dataset.messages).catch(() => null);
  if (!answer?.ok) return;
  const { messages } = await answer.json();
  const fresh = messages.filter(({ id }) => id > Number(main.dataset.newest)).length;
  if (fresh === 0 || notice.dataset.count === String(fresh)) return;
  notice.dataset.count = String(fresh);
  const button = document.createElement("button");
  button.className = "button";
  button.type = "button";
  button.textContent = fresh === 1 ? "Show 1 new message" : `Show ${fresh} new messages`;
  button.addEventListener("click", () => location.reload());
  notice.replaceChildren(button);
};

setInterval(lookForNew, LOOK_AGAIN_MS);
document.addEventListener("visibilitychange", lookForNew);
