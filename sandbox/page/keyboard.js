// Keyboards: buttons under a message, and those below the input line.

import { el, icon } from "./dom.js";
import { t } from "./language.js";
import { ask } from "./live.js";
import { on } from "./store.js";

const PATIENCE = 30_000;
// What each button does, by the field that the Bot API gives it.
const ACTIONS = {
  callback_data: { press: (press) => call(press) },
  url: { icon: "link", press: ({ phone, value }) => phone.openLink(value, { button: true }) },
  login_url: { icon: "link", press: ({ phone, value }) => phone.openLink(value.url, { button: true }) },
  copy_text: { icon: "copy", press: ({ phone, value }) => phone.copy(value.text) },
  switch_inline_query: { icon: "inline", press: ({ phone, value }) => phone.chooseChat(value, {}) },
  switch_inline_query_current_chat: { icon: "inline", press: ({ phone, value }) => phone.askInline(value) },
  switch_inline_query_chosen_chat: { icon: "inline", press: ({ phone, value }) => phone.chooseChat(value.query ?? "", value) },
  web_app: { icon: "app", press: ({ phone }) => phone.toast(t("no_web_apps")) },
  pay: { icon: "coin", press: ({ phone }) => phone.toast(t("no_payments")) },
  callback_game: { icon: "app", press: ({ phone }) => phone.toast(t("no_games")) },
};

// Pressed and not yet answered: the button's place -> the query's id (null until the server tells it).
const turning = new Map();
const answered = new Set();

export function listen() {
  on("toast", ({ query }) => {
    const found = [...turning].find(([, id]) => id === query);
    if (found) stop(found[0]);
    else answered.add(query);
  });
  on("state", () => [...turning.keys()].forEach(stop));
}

export function inlineKeyboard(message, phone) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  return el("div.keyboard", { role: "group", "aria-label": t("buttons") },
    rows.map((row, y) => el("div.keys", {}, row.map((button, x) => key(button, message, y, x, phone)))));
}

function key(button, message, row, column, phone) {
  const kind = Object.keys(ACTIONS).find((name) => button[name] !== undefined && button[name] !== false);
  const action = ACTIONS[kind] ?? { press: () => phone.toast(t("unknown_button")) };
  const place = `${phone.user}:${message.chat.id}:${message.message_id}:${row}:${column}`;
  const press = () => action.press({ phone, message, row, column, place, value: button[kind] });
  return el("button.key", { type: "button", onclick: press, data: { place, kind: kind ?? "unknown" }, class: [button.style ?? "", turning.has(place) ? "turning" : ""].join(" "), "aria-busy": turning.has(place) ? "true" : null },
    el("span", { dir: "auto" }, button.text), action.icon ? icon(action.icon) : null);
}

async function call({ phone, message, row, column, place }) {
  if (turning.has(place)) return;
  turning.set(place, null);
  mark(place, true);
  setTimeout(() => stop(place), PATIENCE);
  try {
    const { query } = await ask("press", { as: phone.user, chat: message.chat.id, message_id: message.message_id, row, column });
    if (!query || answered.delete(query)) stop(place);
    else if (turning.has(place)) turning.set(place, query);
  } catch (error) {
    stop(place);
    phone.refused(error);
  }
}

function stop(place) {
  turning.delete(place);
  mark(place, false);
}

function mark(place, busy) {
  for (const node of document.querySelectorAll(`[data-place="${CSS.escape(place)}"]`)) {
    node.classList.toggle("turning", busy);
    node.setAttribute("aria-busy", busy);
  }
}

// The keyboard below the input line.
export function replyKeyboard(markup, phone) {
  const rows = markup?.keyboard ?? [];
  return el("div.reply-keyboard", { role: "group", "aria-label": t("reply_keyboard"), class: markup?.resize_keyboard ? "" : "tall" },
    rows.map((row) => el("div.keys", {}, row.map((button) => replyKey(typeof button === "string" ? { text: button } : button, markup, phone)))));
}

function replyKey(button, markup, phone) {
  return el("button.key", { type: "button", onclick: () => pressReply(button, markup, phone) }, el("span", { dir: "auto" }, button.text));
}

function pressReply(button, markup, phone) {
  if (button.request_contact) phone.share("contact", t("share_contact"));
  else if (button.request_location) phone.share("location", t("share_location"));
  else if (button.web_app) phone.toast(t("no_web_apps"));
  else if (button.request_poll || button.request_users || button.request_chat) phone.toast(t("unknown_button"));
  else phone.say(button.text);
  if (markup.one_time_keyboard) phone.foldKeyboard();
}
