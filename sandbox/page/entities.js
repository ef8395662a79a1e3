// Text and its entities as elements. Offsets are UTF-16 units, which is what JavaScript counts.

import { copy, el, icon } from "./dom.js";
import { t } from "./language.js";
import { safe } from "./links.js";
import { full, isMoment, styled } from "./times.js";

// Of entities over the same characters, which one is outside.
const ORDER = ["blockquote", "expandable_blockquote", "pre", "code", "text_link", "text_mention"];
const rank = (entity) => (ORDER.indexOf(entity.type) + 1 || ORDER.length + 1);
const end = (entity) => entity.offset + entity.length;
// These stand on lines of their own: the line break after them is theirs.
const BLOCKS = new Set(["blockquote", "expandable_blockquote", "pre"]);
const after = (entity, text) => end(entity) + (BLOCKS.has(entity.type) && text[end(entity)] === "\n" ? 1 : 0);
const byPlace = (one, other) => one.offset - other.offset || other.length - one.length || rank(one) - rank(other);

export function formatted(text, entities, phone) {
  const fragment = document.createDocumentFragment();
  const known = (entities ?? []).filter((entity) => entity.length > 0 && entity.offset >= 0 && end(entity) <= text.length);
  fill(fragment, text, 0, text.length, [...known].sort(byPlace), phone);
  return fragment;
}

function fill(parent, text, from, to, entities, phone) {
  let at = from;
  const rest = [...entities];
  while (rest.length) {
    const entity = rest.shift();
    parent.append(text.slice(at, entity.offset));
    const inside = takeInside(rest, end(entity));
    const node = element(entity, text.slice(entity.offset, end(entity)), phone);
    fill(node.querySelector("[data-inside]") ?? node, text, entity.offset, end(entity), inside, phone);
    parent.append(node);
    at = after(entity, text);
  }
  parent.append(text.slice(at, to));
}

// Those before `limit` go inside; what reaches over it is cut in two, so that elements nest.
function takeInside(rest, limit) {
  const inside = [];
  while (rest.length && rest[0].offset < limit) {
    const entity = rest.shift();
    if (end(entity) <= limit) inside.push(entity);
    else {
      inside.push({ ...entity, length: limit - entity.offset });
      rest.unshift({ ...entity, offset: limit, length: end(entity) - limit });
      rest.sort(byPlace);
    }
  }
  return inside;
}

function element(entity, inner, phone) {
  const make = ELEMENTS[entity.type];
  return make ? make(entity, inner, phone) : el("span", { data: { entity: entity.type } });
}

const marked = (entity, tag, properties = {}) => el(tag, { data: { entity: entity.type }, ...properties });
const simple = (tag) => (entity) => marked(entity, tag);

const ELEMENTS = {
  bold: simple("strong"),
  italic: simple("em"),
  underline: simple("u"),
  strikethrough: simple("s"),
  spoiler: (entity) => spoiler(entity),
  blockquote: simple("blockquote"),
  expandable_blockquote: (entity) => folded(entity),
  code: (entity, inner, phone) => pressable(entity, "code", t("copy"), () => phone.copy(inner)),
  pre: (entity, inner, phone) => listing(entity, inner, phone),
  url: (entity, inner, phone) => link(entity, inner, phone),
  text_link: (entity, inner, phone) => link(entity, entity.url, phone, inner),
  email: (entity, inner, phone) => link(entity, `mailto:${inner}`, phone),
  phone_number: (entity, inner, phone) => link(entity, `tel:${inner.replace(/[^\d+]/g, "")}`, phone),
  mention: (entity, inner, phone) => pressable(entity, "span.link", inner, () => phone.mention(inner)),
  text_mention: (entity, inner, phone) => pressable(entity, "span.link", inner, () => phone.mention(inner)),
  hashtag: (entity, inner, phone) => pressable(entity, "span.link", inner, () => phone.hashtag(inner)),
  cashtag: (entity, inner, phone) => pressable(entity, "span.link", inner, () => phone.hashtag(inner)),
  bot_command: (entity, inner, phone) => pressable(entity, "span.link", inner, () => phone.command(inner)),
  bank_card_number: (entity, inner, phone) => pressable(entity, "span.link", inner, () => phone.copy(inner)),
  custom_emoji: simple("span.custom-emoji"),
  date_time: (entity, inner, phone) => moment(entity, phone),
};

// A part of the text that acts like a button, also by keyboard, and still wraps like text.
function pressable(entity, tag, title, act) {
  const press = (event) => {
    event.preventDefault();
    event.stopPropagation();
    act(event.currentTarget);
  };
  const onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") press(event); };
  return marked(entity, tag, { role: "button", tabindex: 0, title, onclick: press, onkeydown });
}

function link(entity, address, phone, shown = null) {
  const href = safe(address);
  if (!href && !/^tg:/i.test(address)) return marked(entity, "span");
  const node = marked(entity, "a", { href: href ?? "#", target: "_blank", rel: "noopener noreferrer", title: shown === null ? null : address });
  node.addEventListener("click", (event) => {
    if (phone.openLink(address, { hidden: shown !== null && shown !== address })) event.preventDefault();
  });
  return node;
}

function spoiler(entity) {
  const node = pressable(entity, "span.spoiler", t("spoiler"), () => {
    node.classList.toggle("open");
    node.setAttribute("aria-expanded", node.classList.contains("open"));
  });
  node.setAttribute("aria-expanded", "false");
  node.append(el("span", { data: { inside: "" } }));
  return node;
}

function folded(entity) {
  const toggle = el("button.fold", { type: "button", "aria-expanded": "false", title: t("unfold"), "aria-label": t("unfold") }, icon("down"));
  const node = marked(entity, "blockquote.folded", {}, );
  node.append(el("span", { data: { inside: "" } }), toggle);
  const turn = (event) => {
    event.stopPropagation();
    const open = !node.classList.toggle("folded");
    toggle.setAttribute("aria-expanded", open);
    toggle.title = t(open ? "fold" : "unfold");
    toggle.setAttribute("aria-label", toggle.title);
  };
  toggle.addEventListener("click", turn);
  return node;
}

function listing(entity, inner, phone) {
  const label = el("span", {}, entity.language ?? "");
  const button = el("button.copy", { type: "button", "aria-label": t("copy"), title: t("copy"), onclick: () => phone.copy(inner) }, icon("copy"));
  const node = marked(entity, "div.listing");
  node.append(el("div.listing-head", {}, label, button), el("pre", { tabindex: 0 }, el("code", { data: { inside: "" } })));
  return node;
}

// With a format, clients write the moment in their own zone; without, they tell it on a tap.
function moment(entity, phone) {
  const told = full(entity.unix_time, phone.zone);
  const node = pressable(entity, "time", told, () => phone.toast(told));
  if (isMoment(entity.unix_time)) node.setAttribute("datetime", new Date(entity.unix_time * 1000).toISOString());
  if (!entity.date_time_format) return node;
  node.append(styled(entity.unix_time, entity.date_time_format, phone.zone));
  node.append(el("span", { hidden: true, data: { inside: "" } }));
  return node;
}

export { copy };
