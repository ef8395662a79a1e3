// One message as Telegram shows it: bubble, text, media, keyboard; or a line that tells what happened.

import { avatar, el, icon, iconButton } from "./dom.js";
import { formatted } from "./entities.js";
import { inlineKeyboard } from "./keyboard.js";
import { t } from "./language.js";
import { media, mediaKind } from "./media.js";
import { chatOf, nameOf, state } from "./store.js";
import { day, dayKey, full, time } from "./times.js";

const GROUP_WITHIN = 600;

export function row(message, phone) {
  const said = service(message);
  const node = el("div.row", { data: { id: message.message_id } });
  if (said) node.append(el("p.service", {}, said));
  else node.append(article(message, phone));
  node.classList.toggle("own", isOwn(message, phone));
  return node;
}

export function isOwn(message, phone) {
  return message.from?.id === phone.user && !message.sender_chat;
}

// What depends on the neighbours: the day above, and which bubbles stand together.
export function arrange(node, message, previous, next, phone) {
  const newDay = !previous || dayKey(previous.date, phone.zone) !== dayKey(message.date, phone.zone);
  node.querySelector(":scope > .day")?.remove();
  if (newDay) node.prepend(el("p.day", { data: { at: message.date } }, el("span", {}, day(message.date, phone.zone))));
  node.classList.toggle("first", newDay || !together(previous, message));
  node.classList.toggle("last", !next || dayKey(next.date, phone.zone) !== dayKey(message.date, phone.zone) || !together(message, next));
}

function together(one, other) {
  if (!one || service(one) || service(other)) return false;
  return sender(one).id === sender(other).id && other.date - one.date < GROUP_WITHIN && !one.reply_markup?.inline_keyboard;
}

function sender(message) {
  return message.sender_chat ?? message.from ?? message.chat ?? { id: 0 };
}

export function senderName(message) {
  const who = sender(message);
  return who.title ?? (nameOf(who) || t("somebody"));
}

// What is read aloud, and shown in lists of chats.
export function summary(message) {
  const kind = mediaKind(message);
  const text = message.text ?? message.caption ?? service(message) ?? "";
  return [kind ? t(kind.word) : "", kind?.detail ?? "", text].filter(Boolean).join(" · ") || t("message_unknown");
}

function article(message, phone) {
  const own = isOwn(message, phone);
  const label = `${own ? t("you") : senderName(message)}, ${time(message.date, phone.zone)}`;
  const group = chatOf(message.chat.id)?.type !== "private";
  return el("article.message", { "aria-label": label, class: jumbo(message) ? "jumbo" : "" },
    group && !own ? avatar(sender(message).id, senderName(message)) : null,
    bubble(message, phone, group && !own),
    inlineKeyboard(message, phone),
    actions(message, phone));
}

function bubble(message, phone, named) {
  const who = sender(message);
  const shownMedia = media(message, phone);
  const above = message.show_caption_above_media;
  const when = meta(message, phone);
  const flows = !(above && shownMedia) && !message.reactions;
  const text = words(message, phone, flows ? when : null);
  return el("div.bubble", { class: [shownMedia ? "with-media" : "", text ? "with-text" : ""].join(" ") },
    named ? el("p.sender", { class: `hue-${Math.abs(who.id) % 7}` }, senderName(message)) : null,
    forwarded(message), via(message, phone), reply(message, phone),
    above ? text : null, shownMedia, above ? null : text,
    reactions(message), text && flows ? null : when);
}

// The time floats at the end of the last line if there is room.
function words(message, phone, when) {
  const text = message.text ?? message.caption;
  if (!text) return null;
  const entities = message.entities ?? message.caption_entities;
  return el("div.text", {}, el("span.words", { dir: "auto" }, formatted(text, entities, phone)), when);
}

function meta(message, phone) {
  const edited = message.edit_date ? `${t("edited")} ` : "";
  const title = full(message.date, phone.zone) + (message.edit_date ? `\n${t("edited")}: ${full(message.edit_date, phone.zone)}` : "");
  const ticks = isOwn(message, phone) ? el("span.ticks", { "aria-hidden": "true" }, icon("check")) : null;
  return el("span.meta", { title }, edited, el("time", { datetime: new Date(message.date * 1000).toISOString() }, time(message.date, phone.zone)), ticks);
}

function forwarded(message) {
  const origin = message.forward_origin;
  if (!origin) return null;
  const from = origin.sender_user ? nameOf(origin.sender_user) : origin.sender_user_name ?? (origin.sender_chat ?? origin.chat)?.title;
  return el("p.forwarded", {}, t("forwarded", { name: from || t("somebody") }));
}

function via(message, phone) {
  if (!message.via_bot) return null;
  const name = `@${message.via_bot.username}`;
  return el("p.via", {}, t("via"), " ", el("button.plain", { type: "button", onclick: () => phone.askInline("") }, name));
}

function reply(message, phone) {
  const to = message.reply_to_message;
  if (!to && !message.external_reply) return null;
  const show = () => to && phone.goTo(to.message_id);
  return el("button.quoted", { type: "button", onclick: show, class: `hue-${Math.abs(sender(to ?? message).id) % 7}` },
    el("b", {}, to ? senderName(to) : t("another_chat")),
    el("span", {}, message.quote?.text ?? (to ? summary(to) : "")));
}

function reactions(message) {
  const counted = new Map();
  for (const emoji of Object.values(message.reactions ?? {})) counted.set(emoji, (counted.get(emoji) ?? 0) + 1);
  if (!counted.size) return null;
  return el("p.reactions", { "aria-label": t("reactions") }, [...counted].map(([emoji, number]) => el("span", {}, `${pictured(emoji)} ${number}`)));
}

// The oldest signs are drawn in black unless a picture is asked for.
export function pictured(emoji) {
  return emoji.length === 1 ? `${emoji}\uFE0F` : emoji;
}

function actions(message, phone) {
  const button = iconButton("more", t("message_actions"), () => phone.messageMenu(message, button), { class: "actions", "aria-haspopup": "menu" });
  return button;
}

const EMOJI_ONLY = /^(?:\p{Extended_Pictographic}(?:\uFE0F|\u200D\p{Extended_Pictographic}|[\u{1F3FB}-\u{1F3FF}])*){1,3}$/u;

function jumbo(message) {
  return Boolean(message.text && message.text.length < 24 && EMOJI_ONLY.test(message.text) && !message.reply_to_message);
}

// What happened in a chat, or null if somebody said something.
export function service(message) {
  const found = Object.keys(SERVICE).find((name) => message[name] !== undefined);
  return found ? SERVICE[found](message) : null;
}

const actor = (message) => senderName(message);

const SERVICE = {
  new_chat_members: (message) => {
    const names = message.new_chat_members.map(nameOf).join(", ");
    const self = message.new_chat_members.length === 1 && message.new_chat_members[0].id === message.from?.id;
    return self ? t("service_joined", { name: names }) : t("service_added", { name: actor(message), names });
  },
  left_chat_member: (message) => {
    const self = message.left_chat_member.id === message.from?.id;
    const name = nameOf(message.left_chat_member);
    return self ? t("service_left", { name }) : t("service_removed", { name: actor(message), names: name });
  },
  new_chat_title: (message) => t("service_title", { name: actor(message), title: message.new_chat_title }),
  group_chat_created: (message) => t("service_created", { name: actor(message), title: message.chat.title ?? "" }),
  supergroup_chat_created: (message) => t("service_created", { name: actor(message), title: message.chat.title ?? "" }),
  channel_chat_created: () => t("service_channel"),
  migrate_to_chat_id: () => t("service_upgraded"),
  migrate_from_chat_id: () => t("service_upgraded"),
  pinned_message: (message) => t("service_pinned", { name: actor(message), text: cut(summary(message.pinned_message)) }),
  message_auto_delete_timer_changed: () => t("service_timer"),
  write_access_allowed: () => t("service_write_access", { bot: state.bot.name }),
};

export function cut(text, length = 60) {
  return text.length > length ? `${text.slice(0, length).trimEnd()}…` : text;
}
