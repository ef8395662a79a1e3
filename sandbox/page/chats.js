// The list of somebody's chats, and the choice of one to send something to.

import { avatar, el, icon } from "./dom.js";
import { keepObject, object } from "./kept.js";
import { t } from "./language.js";
import { cut, isOwn, senderName, summary } from "./message.js";
import { chatOf, indexOf, placesOf, state } from "./store.js";
import { brief } from "./times.js";

const KEPT = "seen";
const SHOWN_UNREAD = 99;
let seen = object(KEPT);

// Of this run of the sandbox alone: the next one numbers its people and messages from the start.
function marks() {
  if (seen.run !== state.run) seen = { run: state.run };
  return seen;
}

export function titleOf(chat) {
  return chat?.type === "private" ? state.bot.name : chat?.title ?? "";
}

export function chatAvatar(chat) {
  return avatar(chat?.type === "private" ? state.bot.id : chat?.id ?? 0, titleOf(chat));
}

export function markSeen(user, chatId) {
  const last = chatOf(chatId)?.messages.at(-1)?.message_id ?? 0;
  if (marks()[`${user}:${chatId}`] === last) return;
  marks()[`${user}:${chatId}`] = last;
  keepObject(KEPT, marks());
}

export function unread(user, chat) {
  const upTo = marks()[`${user}:${chat.id}`];
  if (!Number.isInteger(upTo)) {
    markSeen(user, chat.id);
    return 0;
  }
  const fresh = chat.messages.slice(indexOf(chat.messages, upTo + 1));
  return fresh.filter((message) => !isOwn(message, { user })).length;
}

export function unreadIn(user, except = null) {
  return placesOf(user).filter((chat) => chat.id !== except).reduce((sum, chat) => sum + unread(user, chat), 0);
}

export function badge(number) {
  return number ? el("span.badge", {}, number > SHOWN_UNREAD ? `${SHOWN_UNREAD}+` : String(number)) : null;
}

const latest = (chat) => chat.messages.at(-1)?.date ?? 0;

// `choose(chat)` is called with what was pressed; `filter` says which chats may be.
export function chatList(phone, { title, choose, close, fits = () => true, more = null }) {
  const places = placesOf(phone.user).filter(fits).sort((one, other) => latest(other) - latest(one));
  const node = el("div.chats", { role: "dialog", "aria-label": title, tabindex: -1 },
    el("header", {}, el("button.icon-button", { type: "button", "aria-label": t("close"), title: t("close"), onclick: close }, icon("back")), el("h3", {}, title)),
    el("div.chats-list", {}, places.map((chat) => entry(phone, chat, choose)), places.length ? null : el("p.note", {}, t("no_chats"))),
    more ? el("button.button.wide-button", { type: "button", onclick: more }, icon("add"), t("add_group")) : null);
  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.stopPropagation(); close(); }
  });
  return node;
}

function entry(phone, chat, choose) {
  const last = chat.messages.at(-1);
  const who = !last || chat.type === "private" ? "" : `${isOwn(last, phone) ? t("you") : senderName(last)}: `;
  return el("button.chat", { type: "button", onclick: () => choose(chat), "aria-current": chat.id === phone.chat ? "true" : null, data: { chat: chat.id } },
    chatAvatar(chat),
    el("span.chat-words", {},
      el("span.chat-line", {}, el("b", { dir: "auto" }, titleOf(chat)), last ? el("time", {}, brief(last.date, phone.zone)) : null),
      el("span.chat-line", {}, el("span.preview", { dir: "auto" }, last ? cut(who + summary(last), 80) : t("no_messages")), chat.id === phone.chat ? null : badge(unread(phone.user, chat)))));
}
