// One telephone: whose it is, the chat that is open on it, and all that can be done there.

import { badge, chatAvatar, chatList, markSeen, titleOf, unreadIn } from "./chats.js";
import { makeComposer } from "./composer.js";
import { alertIn, confirmLink, enlarge, menu } from "./dialogs.js";
import { avatar, copy, el, icon, iconButton } from "./dom.js";
import { makeHistory } from "./history.js";
import { n, t } from "./language.js";
import { safe, toBot, hasPayload } from "./links.js";
import { ask } from "./live.js";
import { cut, isOwn, pictured, summary } from "./message.js";
import { addGroup } from "./people.js";
import { reason } from "./reasons.js";
import { chatOf, find, nameOf, now, on, placesOf, state, tell, userOf } from "./store.js";
import { time } from "./times.js";
import { makeToasts } from "./toasts.js";

const EMOJI = ["👍", "❤", "🔥", "🎉", "😢", "🙏"];
const ROLES = { supporter: "role_supporter", writer: "role_writer", coordinator: "role_coordinator", guest: "role_guest" };
const DOING = {
  upload_document: "doing_document", upload_photo: "doing_photo", find_location: "doing_place", record_voice: "doing_voice",
  upload_voice: "doing_voice", choose_sticker: "doing_sticker",
};
const WRITERS = new Set(["creator", "administrator"]);

export function roleOf(telephone) {
  return t(ROLES[telephone.role] ?? "role_guest");
}

export function makeTelephone(told) {
  const phone = { user: told.user, chat: told.chat, zone: told.zone };
  const name = nameOf(userOf(told.user)) || String(told.user);
  const owner = el("header.owner", {});
  const head = el("div.chat-head", {});
  const pinned = el("button.pinned-bar", { type: "button", hidden: true, onclick: () => phone.goTo(latestPin()) });
  const toasts = makeToasts();
  const below = el("div.bottom", {});
  const history = makeHistory(Object.assign(phone, { seen }));
  const screen = el("div.screen", {}, head, pinned, history.node, toasts.node, below);
  const node = el("section.telephone", { "aria-label": t("telephone_of", { name }), data: { user: told.user } }, owner, screen);
  let composer = null;
  let typingEnds = 0;

  const place = () => chatOf(phone.chat);
  const person = () => userOf(phone.user) ?? {};
  const latestPin = () => place()?.pinned?.at(-1);

  // -- what is drawn -------------------------------------------------------------------------

  function drawOwner() {
    const words = [roleOf(told), person().language_code?.toUpperCase()].filter(Boolean).join(" · ");
    const button = iconButton("more", t("telephone_menu"), () => ownerMenu(button), { "aria-haspopup": "menu" });
    owner.replaceChildren(avatar(phone.user, name),
      el("span.owner-words", {}, el("b", { dir: "auto" }, name), el("span", {}, words)),
      el("time.local", { title: `${t("local_time")}: ${phone.zone}` }), button);
    tick();
  }

  function tick() {
    const local = owner.querySelector(".local");
    if (local) local.textContent = time(now(), phone.zone);
    history.redate();
    if (typingEnds && performance.now() > typingEnds) drawStatus();
  }

  function drawHead() {
    const several = placesOf(phone.user).length > 1 || phone.chat !== phone.user;
    const elsewhere = badge(unreadIn(phone.user, phone.chat));
    const button = iconButton("more", t("chat_menu"), () => chatMenu(button), { "aria-haspopup": "menu" });
    const list = several ? el("button.icon-button.to-chats", { type: "button", "aria-label": t("chats"), title: t("chats"), onclick: showChats }, icon("back"), elsewhere) : null;
    head.replaceChildren(...[list, chatAvatar(place()),
      el("div.chat-title", {}, el("h2", { dir: "auto" }, titleOf(place())), el("p.status", { "aria-live": "off" })), button].filter(Boolean));
    drawStatus();
    drawPin();
  }

  function drawStatus() {
    const status = head.querySelector(".status");
    if (!status) return;
    typingEnds = place()?.typing > performance.now() ? place().typing : 0;
    status.classList.toggle("typing", Boolean(typingEnds));
    status.replaceChildren(typingEnds ? t(DOING[place().action] ?? "typing") : quietStatus());
  }

  function quietStatus() {
    const chat = place();
    if (!chat || chat.type === "private") return t("bot");
    const inside = Object.values(chat.members ?? {}).filter((status) => !["left", "kicked"].includes(status)).length;
    return n(chat.type === "channel" ? "subscribers" : "members", inside);
  }

  function drawPin() {
    const message = latestPin() && find(place(), latestPin());
    pinned.hidden = !latestPin();
    pinned.replaceChildren(icon("pinned"), el("span", {}, el("b", {}, t("pinned")), el("span", {}, message ? cut(summary(message), 80) : t("pinned_message"))));
  }

  // What stands below the messages: the input line, or the one button that there is instead.
  function drawBottom(anew = false) {
    const kind = bottomKind();
    if (kind === below.dataset.kind && !anew) return;
    const focused = below.contains(document.activeElement);
    below.dataset.kind = kind;
    composer = kind === "composer" ? makeComposer(phone) : null;
    below.replaceChildren(composer?.node ?? instead(kind));
    composer?.open();
    if (focused) focus();
  }

  function bottomKind() {
    const privately = place()?.type === "private";
    if (privately && person().blocked) return "unblock";
    if (privately && !person().started) return "start";
    return place() && !mayWrite(place()) ? "cannot_write" : "composer";
  }

  function instead(kind) {
    if (kind === "cannot_write") return el("p.muted", {}, t("cannot_write"));
    const button = el("button.only", { type: "button", onclick: () => once(button, kind), data: { do: kind } }, t(kind));
    return button;
  }

  // A second press, before the first is answered, would say the same again. Not `disabled`, which
  // would lose the focus that goes on to the input line.
  async function once(button, kind) {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", true);
    await act(kind);
    button.setAttribute("aria-disabled", false);
  }

  function focus() {
    (composer?.input ?? below.querySelector("button"))?.focus({ preventScroll: true });
  }

  function drawEmpty() {
    screen.querySelector(".hello")?.remove();
    const chat = place();
    if (!chat || chat.messages.length) return;
    const about = state.bot.texts?.[person().language_code] ?? state.bot;
    const words = chat.type !== "private" ? el("p", {}, t("no_messages"))
      : [el("h3", {}, t("what_can_it_do")), el("p", { dir: "auto" }, about.description || state.bot.description || t("no_description"))];
    history.node.append(el("div.hello", {}, el("div.hello-box", {}, words)));
  }

  function open() {
    drawOwner();
    drawHead();
    drawBottom(true);
    drawEmpty();
    history.open();
  }

  // The server told everything anew: nothing that is looked at or written may be lost by that.
  function refresh() {
    drawOwner();
    drawHead();
    drawBottom();
    drawEmpty();
    history.refresh();
  }

  function seen() {
    if (node.offsetParent !== null) markSeen(phone.user, phone.chat);
    tell("seen");
  }

  // -- what can be done ----------------------------------------------------------------------

  async function act(what, fields = {}) {
    try {
      return await ask(what, { as: phone.user, ...fields });
    } catch (error) {
      phone.refused(error);
      return null;
    }
  }

  Object.assign(phone, {
    node,
    history,
    say: (text) => act("send", { chat: phone.chat, text }),
    share: (what, question) => confirmShare(what, question),
    goTo: (id) => history.goTo(id),
    enlarge,
    toast: toasts.toast,
    refused: (error) => phone.toast(reason(error), true),
    foldKeyboard: () => composer?.foldKeyboard(),

    async copy(text) {
      phone.toast(await copy(text) ? t("copied") : t("not_copied"));
    },

    command(text) {
      const addressed = place()?.type === "private" || text.includes("@") ? text : `${text}@${state.bot.username}`;
      return phone.say(addressed);
    },

    mention(name) {
      if (name.toLowerCase() === `@${state.bot.username}`.toLowerCase()) showChat(phone.user);
      else phone.toast(t("profile_of", { name }));
    },

    hashtag(tag) {
      phone.toast(t("search_of", { tag }));
    },

    // True if it is done here; else the browser follows the link.
    openLink(address, { hidden = false, button = false } = {}) {
      if (toBot(address, state.bot.username)) {
        if (hasPayload(address)) act("follow", { url: address });
        else showChat(phone.user);
        return true;
      }
      const href = safe(address);
      if (!href) phone.toast(t("no_such_link"));
      else if (hidden || button) confirmLink(href);
      return !href || hidden || button;
    },

    askInline(query) {
      if (composer) composer.write(`@${state.bot.username} ${query}`);
      else phone.toast(t("cannot_write"));
    },

    chooseChat(query, wanted) {
      const fits = (chat) => allowed(chat, wanted) && mayWrite(chat);
      const go = async (chat) => {
        closeChats();
        if (chat.id !== phone.chat) await showChat(chat.id);
        phone.askInline(query);
      };
      openList({ title: t("choose_chat"), choose: go, fits, more: () => addGroup([phone.user]) });
    },

    messageMenu: (message, button) => messageMenu(message, button),
  });

  function allowed(chat, wanted) {
    const fields = { private: "allow_bot_chats", group: "allow_group_chats", supergroup: "allow_group_chats", channel: "allow_channel_chats" };
    return !Object.keys(wanted).some((key) => key.startsWith("allow_")) || Boolean(wanted[fields[chat.type]]);
  }

  function mayWrite(chat) {
    if (chat.type === "private") return person().started && !person().blocked;
    return chat.type !== "channel" || WRITERS.has(chat.members?.[phone.user]);
  }

  async function showChat(id) {
    closeChats();
    if (id === phone.chat) return;
    await act("show", { chat: id });
    turnTo(id);
  }

  function turnTo(id) {
    if (id === phone.chat) return;
    phone.chat = id;
    open();
  }

  function confirmShare(what, question) {
    menu(screen, below, [{ label: question, act: () => act("share", { chat: phone.chat, what }) }]);
  }

  // -- menus ---------------------------------------------------------------------------------

  function showChats() {
    openList({ title: t("chats"), choose: (chat) => showChat(chat.id), more: () => addGroup([phone.user]) });
  }

  function openList(what) {
    closeChats();
    const back = document.activeElement;
    const close = () => { closeChats(); if (back?.isConnected) back.focus(); };
    const more = what.more && (() => { closeChats(); what.more(); });
    const list = chatList(phone, { ...what, close, more });
    screen.append(list);
    cover(true);
    (list.querySelector(".chat") ?? list.querySelector("button")).focus({ preventScroll: true });
  }

  function closeChats() {
    screen.querySelector(".chats")?.remove();
    cover(false);
  }

  // What lies under the list of chats cannot be reached; what is said there is still heard.
  function cover(inert) {
    for (const part of screen.children) if (!part.matches(".chats, .toasts")) part.inert = inert;
  }

  function chatMenu(button) {
    const privately = place()?.type === "private";
    const items = [{ label: t("search_inline"), icon: icon("inline"), act: () => phone.askInline("") }];
    if (privately && person().blocked) items.push({ label: t("unblock"), act: () => act("unblock") });
    else if (privately) items.push({ label: t("block"), icon: icon("close"), act: () => act("block"), danger: true });
    items.unshift({ label: t("about_bot"), icon: icon("person"), act: aboutBot });
    menu(screen, button, items);
  }

  function aboutBot() {
    const about = state.bot.texts?.[person().language_code] ?? state.bot;
    alertIn(screen, about.short_description || about.description || t("no_description"), `${about.name ?? state.bot.name} · @${state.bot.username}`);
  }

  function ownerMenu(button) {
    menu(node, button, [
      { label: t("chats"), icon: icon("chats"), act: showChats },
      { label: t("add_group"), icon: icon("add"), act: () => addGroup([phone.user]) },
      { label: t("hide_telephone"), icon: icon("close"), act: () => act("hide", { chat: phone.chat }), danger: true },
    ]);
  }

  function messageMenu(message, button) {
    const own = isOwn(message, phone) && message.text && !message.via_bot;
    const items = [
      composer && { label: t("reply"), icon: icon("reply"), act: () => composer.answer(message) },
      own && composer && { label: t("edit"), icon: icon("edit"), act: () => composer.change(message) },
      { label: t("copy_text"), icon: icon("copy"), act: () => phone.copy(message.text ?? message.caption ?? "") },
    ].filter(Boolean);
    const close = menu(screen, button, items, el("div.emojis", {}, EMOJI.map((emoji) => el("button", {
      type: "button", "aria-label": t("react", { emoji }), onclick: () => { close(); react(message, emoji); },
    }, pictured(emoji)))));
  }

  function react(message, emoji) {
    const mine = message.reactions?.[phone.user];
    act("react", { chat: message.chat.id, message_id: message.message_id, emoji: mine === emoji ? "" : emoji });
  }

  // -- what the server tells -----------------------------------------------------------------

  const here = (listener) => (event) => { if (event.chat === phone.chat) listener(event); };

  on("message", (event) => {
    if (event.chat !== phone.chat) return drawHead();
    history.append(event.message);
    drawStatus();
    if (place().messages.length === 1) drawEmpty();
  });
  on("edited", here(({ message }) => { history.edited(message); drawPin(); }));
  on("deleted", here(({ message_id }) => { history.deleted(message_id); drawEmpty(); drawPin(); }));
  on("reaction", here(({ message_id }) => { const message = find(place(), message_id); if (message) history.edited(message); }));
  on("typing", here(drawStatus));
  on("keyboard", here(({ keyboard }) => composer?.showKeyboard(keyboard, true)));
  on("toast", ({ user, text, alert, url }) => {
    if (user !== phone.user) return;
    if (alert && text) alertIn(screen, text, state.bot.name);
    else if (text) phone.toast(text);
    if (url) phone.openLink(url, { button: true });
  });
  on("user", ({ user }) => { if (user.id === phone.user) { drawOwner(); drawBottom(); } });
  on("chat", ({ chat }) => {
    drawHead();
    if (chat.id === phone.chat) drawBottom();
  });
  on("joined", ({ title, users }) => { if (users.includes(phone.user)) phone.toast(t("joined", { title })); });
  on("bot", () => { drawHead(); drawEmpty(); });
  for (const event of ["clock", "tick"]) on(event, tick);

  screen.addEventListener("contextmenu", (event) => {
    const bubble = event.target.closest(".bubble");
    if (!bubble || event.target.closest("a, input, textarea")) return;
    event.preventDefault();
    bubble.closest(".message").querySelector(".actions").click();
  });

  return { phone, node, open, refresh, turnTo };
}
