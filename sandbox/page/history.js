// The messages of the open chat. Only a window of them is in the document, however many there are.

import { el, icon } from "./dom.js";
import { n, t } from "./language.js";
import { ask } from "./live.js";
import { arrange, isOwn, row } from "./message.js";
import { addOlder, chatOf, find, indexOf, now } from "./store.js";
import { day, dayKey } from "./times.js";

export const SHOWN = 120;
const STEP = 40;
const NEAR = 700;
const AT_END = 48;
const SEVERAL = 24;

export function makeHistory(phone) {
  const list = el("div.messages", { role: "log", "aria-live": "off", "aria-label": t("messages"), tabindex: 0 });
  const pill = el("button.pill", { type: "button", hidden: true, onclick: () => toEnd(true) }, el("span"), icon("down"));
  const node = el("div.history", {}, list, pill);
  let rows = [];
  let missed = 0;
  let stuck = true;
  let asking = false;
  let planned = false;
  let waiting = [];
  let today = "";

  const chat = () => chatOf(phone.chat);
  const messages = () => chat()?.messages ?? [];
  const first = () => indexOf(messages(), rows[0]?.id ?? Infinity);
  const last = () => (rows.length ? indexOf(messages(), rows.at(-1).id) : -1);
  // Those that wait to be drawn do not count: whoever looks at the end still does.
  const complete = () => last() >= (waiting.length ? indexOf(messages(), waiting[0]) : messages().length) - 1;

  function open() {
    rows = [];
    waiting = [];
    list.replaceChildren();
    add(messages().slice(-SHOWN / 2), "end");
    toEnd();
  }

  function refresh() {
    if (stuck || !rows.length) return open();
    const kept = rows.map(({ id }) => id).filter((id) => find(chat(), id));
    if (!kept.length) return open();
    for (const { id } of [...rows]) if (!kept.includes(id)) deleted(id);
    for (const id of kept) if (!same(id)) edited(find(chat(), id));
    onScroll();
  }

  function same(id) {
    return rows.find((item) => item.id === id).told === JSON.stringify(find(chat(), id));
  }

  // A telephone that was hidden has no height; now it has.
  function shown() {
    if (stuck) toEnd();
  }

  function make(message) {
    return { id: message.message_id, node: row(message, phone), told: JSON.stringify(message) };
  }

  function add(more, where) {
    const made = more.map(make);
    if (where === "end") {
      list.append(...made.map((item) => item.node));
      rows.push(...made);
    } else {
      list.prepend(...made.map((item) => item.node));
      rows.unshift(...made);
    }
    for (const { id } of [...made, where === "end" ? rows.at(-made.length - 1) : rows[made.length]].filter(Boolean)) settle(id);
  }

  // A row's day and tail follow from what stands before and after it.
  function settle(id) {
    const at = indexOf(messages(), id);
    const item = rows.find((other) => other.id === id);
    if (item && messages()[at]?.message_id === id) arrange(item.node, messages()[at], messages()[at - 1], messages()[at + 1], phone);
  }

  // "Today" is another day when the clock was moved, or at midnight.
  function redate() {
    const key = dayKey(now(), phone.zone);
    if (key === today) return;
    today = key;
    for (const line of list.querySelectorAll(".day")) line.firstChild.textContent = day(Number(line.dataset.at), phone.zone);
  }

  function drop(where) {
    while (rows.length > SHOWN) (where === "end" ? rows.pop() : rows.shift()).node.remove();
  }

  // What is looked at stays where it is, whatever comes or goes above it.
  function keepPlace(change) {
    const top = list.getBoundingClientRect().top;
    const anchor = rows.find((item) => item.node.getBoundingClientRect().bottom > top)?.node;
    const before = anchor?.getBoundingClientRect().top;
    change();
    if (anchor?.isConnected) list.scrollTop += anchor.getBoundingClientRect().top - before;
  }

  async function upwards() {
    const from = first();
    if (from > 0) keepPlace(() => { add(messages().slice(Math.max(0, from - STEP), from), "start"); drop("end"); });
    else await fetchOlder();
  }

  async function fetchOlder() {
    const place = chat();
    if (asking || !place || place.begun || !place.messages.length) return;
    asking = true;
    try {
      const told = await ask("older", { chat: place.id, before: place.messages[0].message_id, limit: STEP * 2 });
      addOlder(place, told.messages);
      if (place === chat() && told.messages.length) await upwards();
    } catch {
      // The next scroll asks again.
    } finally {
      asking = false;
    }
  }

  function downwards() {
    const from = last() + 1;
    if (from < messages().length) keepPlace(() => { add(messages().slice(from, from + STEP), "end"); drop("start"); });
  }

  function onScroll() {
    stuck = complete() && list.scrollHeight - list.scrollTop - list.clientHeight < AT_END;
    if (stuck) { missed = 0; phone.seen(); }
    showPill();
    if (list.scrollTop < NEAR) upwards();
    if (list.scrollHeight - list.scrollTop - list.clientHeight < NEAR) downwards();
  }

  function showPill() {
    pill.hidden = stuck;
    pill.firstChild.textContent = missed ? n("new_messages", missed) : "";
    pill.setAttribute("aria-label", missed ? n("new_messages", missed) : t("to_end"));
  }

  function toEnd(focus = false) {
    if (last() < messages().length - 1) {
      rows = [];
      list.replaceChildren();
      add(messages().slice(-SHOWN / 2), "end");
    }
    list.scrollTop = list.scrollHeight;
    stuck = true;
    missed = 0;
    showPill();
    phone.seen();
    if (focus) list.focus({ preventScroll: true });
  }

  // Many messages at once are drawn at once; a timer runs in hidden pages, too.
  function append(message) {
    waiting.push(message.message_id);
    if (planned) return;
    planned = true;
    setTimeout(flush, SEVERAL);
  }

  function flush() {
    planned = false;
    // Until now it may have been edited or deleted.
    const come = waiting.map((id) => chat() && find(chat(), id)).filter((message) => message && !rows.some((item) => item.id === message.message_id));
    waiting = [];
    if (!come.length) return;
    const own = come.some((message) => isOwn(message, phone));
    const following = stuck || own;
    if (following) follow(come);
    else missed += come.length;
    if (!following && rows.length + come.length <= SHOWN && last() === messages().length - 1 - come.length) add(come, "end");
    showPill();
  }

  function follow(come) {
    const behind = messages().length - 1 - last();
    if (behind > SHOWN / 2 || behind !== come.length) return toEnd();
    add(come, "end");
    for (const { node: one } of rows.slice(-come.length)) one.classList.add("new");
    drop("start");
    toEnd();
  }

  function edited(message) {
    const item = rows.find((other) => other.id === message.message_id);
    if (!item) return;
    const focused = item.node.contains(document.activeElement) ? document.activeElement.dataset.place : null;
    const fresh = row(message, phone);
    fresh.classList.add("changed");
    keepPlace(() => { item.node.replaceWith(fresh); Object.assign(item, { node: fresh, told: JSON.stringify(message) }); settle(item.id); });
    if (stuck) list.scrollTop = list.scrollHeight;
    if (focused) (fresh.querySelector(`[data-place="${CSS.escape(focused)}"]`) ?? fresh.querySelector(".key"))?.focus({ preventScroll: true });
  }

  function deleted(id) {
    const at = rows.findIndex((other) => other.id === id);
    if (at < 0) return;
    keepPlace(() => rows.splice(at, 1)[0].node.remove());
    for (const item of [rows[at - 1], rows[at]].filter(Boolean)) settle(item.id);
  }

  function goTo(id) {
    const message = chat() && find(chat(), id);
    if (!message) return phone.toast(t("not_here"));
    if (!rows.some((item) => item.id === id)) {
      const at = indexOf(messages(), id);
      rows = [];
      list.replaceChildren();
      add(messages().slice(Math.max(0, at - STEP), at + STEP), "end");
    }
    const found = rows.find((item) => item.id === id).node;
    found.scrollIntoView({ block: "center" });
    found.classList.remove("changed");
    requestAnimationFrame(() => found.classList.add("changed"));
    onScroll();
  }

  list.addEventListener("scroll", onScroll, { passive: true });
  // A picture has its height only when it has come.
  const stay = () => { if (stuck) list.scrollTop = list.scrollHeight; };
  list.addEventListener("load", stay, true);
  new ResizeObserver(stay).observe(list);

  return { node, list, open, refresh, shown, redate, append, edited, deleted, goTo, toEnd, isAtEnd: () => stuck };
}
