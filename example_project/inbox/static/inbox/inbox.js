// Comfort for the inbox, which reads well without: new messages by themselves, mails that open in place and are as tall
// as they are, codes copied with a click, local times. What is shown always comes rendered from the server; this only
// moves it into place, so that focus, selection and scroll stay where they are.

const LOOK_AGAIN_MS = 1000;
const AFTER_TROUBLE_MS = 5000;
const COPIED_MS = 2000;

const inbox = document.querySelector(".inbox");
const byId = (id) => document.getElementById(id);
const lists = { phone: byId("conversation"), mail: byId("mail-items") };

// Times, as it is now where the reader is

const language = document.documentElement.lang || undefined;
const clock = new Intl.DateTimeFormat(language, { timeStyle: "short" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "short" });
const both = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });

const spellTimes = (within) => {
  for (const time of within.querySelectorAll("time")) {
    const then = new Date(time.dateTime);
    const isToday = then.toDateString() === new Date().toDateString();
    const short = isToday ? clock : day;
    time.textContent = ("long" in time.dataset ? both : short).format(then);
  }
};

// Mails as tall as they are

const fit = (frame) => {
  const root = frame.contentDocument?.documentElement;
  if (root) frame.style.height = `${Math.ceil(root.getBoundingClientRect().height)}px`;
};

const onResize = new ResizeObserver((entries) => entries.forEach(({ target }) => fit(target)));

const measure = (within) => {
  for (const frame of within.querySelectorAll("iframe")) {
    frame.addEventListener("load", () => fit(frame));
    onResize.observe(frame);
  }
};

const settle = (within) => {
  spellTimes(within);
  measure(within);
};

// A page from the server, and its parts put into place

const pageAt = async (url) => {
  const answer = await fetch(url, { headers: { accept: "text/html" } });
  if (!answer.ok) throw new Error(`The inbox answered ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
};

/** Put the mail that another page has open into this one, with the focus where it was. */
const showMail = (page) => {
  const here = byId("open-mail");
  const there = document.importNode(page.getElementById("open-mail"), true);
  const focused = here.contains(document.activeElement) ? document.activeElement.id : "";
  here.replaceWith(there);
  settle(there);
  byId(focused)?.focus();
  for (const link of lists.mail.querySelectorAll("a[data-mail]")) {
    const isOpen = link.dataset.mail === there.dataset.mail;
    if (isOpen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    if (isOpen) link.closest("li").classList.remove("is-new");
  }
};

const added = (page, list) =>
  [...page.getElementById(list.id).children].filter(({ id }) => !byId(id)).map((item) => document.importNode(item, true));

/** Put the messages that another page has and this one lacks in their places: texts below, mails above. */
const showNew = (page) => {
  const screen = byId("screen");
  const wasAtEnd = screen.scrollHeight - screen.scrollTop - screen.clientHeight < 80;
  const texts = added(page, lists.phone);
  const mails = added(page, lists.mail);
  for (const item of [...texts, ...mails]) {
    item.classList.add("is-new");
    spellTimes(item);
  }
  lists.phone.append(...texts);
  lists.mail.prepend(...mails);
  if (texts.length && wasAtEnd) screen.scrollTop = screen.scrollHeight;
  if (mails.length && !byId("open-mail").dataset.mail) showMail(page);
  byId("inbox-addresses").replaceChildren(...page.getElementById("inbox-addresses").children);
  markUnseen("phone", texts.length);
  markUnseen("mail", mails.length);
};

const markUnseen = (pane, count) => {
  const mark = byId(`inbox-show-${pane}`).querySelector(".unseen");
  if (pane === inbox.dataset.show) mark.textContent = "";
  else if (count) mark.textContent = Number(mark.textContent) + count;
};

const say = (words) => {
  byId("inbox-news").textContent = words;
};

// Live, as long as somebody looks

const withQuery = (url, name, value) => {
  const changed = new URL(url, location.href);
  changed.searchParams.set(name, value);
  return changed;
};

const lookForNew = async () => {
  const { messages, newest } = inbox.dataset;
  const answer = await fetch(withQuery(messages, "after", newest));
  if (!answer.ok) throw new Error(`The inbox answered ${answer.status}`);
  if ((await answer.json()).messages.length === 0) return;
  const page = await pageAt(withQuery(location.href, "after", newest));
  showNew(page);
  say(page.getElementById("inbox-news").textContent);
  inbox.dataset.newest = page.querySelector(".inbox").dataset.newest;
};

let next;
const look = async () => {
  clearTimeout(next);
  if (document.hidden) return;
  let wait = LOOK_AGAIN_MS;
  await lookForNew().catch(() => {
    wait = AFTER_TROUBLE_MS;
  });
  clearTimeout(next);
  next = setTimeout(look, wait);
};

document.addEventListener("visibilitychange", look);

// Clicks

const openMail = async (link) => {
  history.replaceState(null, "", link.href);
  const page = await pageAt(link.href);
  showMail(page);
  const isOpen = page.querySelector(".mail-program").classList.contains("is-open");
  document.querySelector(".mail-program").classList.toggle("is-open", isOpen);
  // On small screens the list and the mail take turns, and the focus goes along.
  const current = lists.mail.querySelector("[aria-current]");
  if (isOpen && !current?.checkVisibility()) byId("open-mail").focus();
  if (!isOpen) current?.focus();
};

const showPane = (link) => {
  const { pane } = link.dataset;
  history.replaceState(null, "", withQuery(location.href, "show", pane));
  inbox.dataset.show = pane;
  for (const other of document.querySelectorAll(".inbox-switch a")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  markUnseen(pane, 0);
  byId("screen").scrollTop = byId("screen").scrollHeight;
};

const writeToClipboard = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Pages on plain http have no clipboard but for this, unless they come from this computer.
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
};

const copy = async (button) => {
  await writeToClipboard(button.dataset.code);
  button.focus();
  const label = button.querySelector("span");
  const words = (button.dataset.label ??= label.textContent);
  label.textContent = button.dataset.done;
  button.classList.add("is-done");
  say(button.dataset.done);
  setTimeout(() => {
    label.textContent = words;
    button.classList.remove("is-done");
    say("");
  }, COPIED_MS);
};

const ACTIONS = { ".copy": copy, "[data-pane]": showPane, "[data-mail], .as a, .back": openMail };

inbox.addEventListener("click", (event) => {
  const hasModifier = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  const target = event.target.closest("a, button");
  if (!target || hasModifier) return;
  const act = Object.entries(ACTIONS).find(([selector]) => target.matches(selector))?.[1];
  if (!act) return;
  event.preventDefault();
  act(target);
});

settle(inbox);
byId("screen").scrollTop = byId("screen").scrollHeight;
look();
