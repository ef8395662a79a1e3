// The input line: text, commands, files, an answer to a message, a change of one's own.

import { el, icon, iconButton } from "./dom.js";
import { makeInline } from "./inline.js";
import { keepText, text as keptText } from "./kept.js";
import { replyKeyboard } from "./keyboard.js";
import { t } from "./language.js";
import { ask, refusal } from "./live.js";
import { cut, isOwn, senderName, summary } from "./message.js";
import { makeOptions } from "./options.js";
import { chatOf, find, state, userOf } from "./store.js";

const GROWS = CSS.supports("field-sizing", "content");

export function makeComposer(phone) {
  const input = el("textarea.input", { rows: 1, placeholder: t("message"), "aria-label": t("message"), dir: "auto", enterkeyhint: "send", autocomplete: "off" });
  const options = makeOptions(input, t("suggestions"));
  const file = el("input", { type: "file", hidden: true, "aria-label": t("attach"), onchange: upload });
  const commands = iconButton("slash", t("commands"), toggleCommands, { class: "commands" });
  const fold = iconButton("keyboard", t("reply_keyboard"), toggleKeyboard, { class: "fold-keyboard", hidden: true });
  const attach = iconButton("attach", t("attach"), choose, { class: "attach" });
  const send = iconButton("send", t("send"), submit, { class: "send" });
  const about = el("div.about", { hidden: true });
  const keyboard = el("div.below");
  const line = el("div.line", {}, commands, input, attach, fold, send, file);
  const node = el("div.composer", {}, options.node, about, line, keyboard);
  const inline = makeInline(phone, options, () => write(""));
  let replyTo = null;
  let editing = null;
  let folded = false;

  const draft = () => `draft:${phone.user}:${phone.chat}`;

  function write(text, focus = true) {
    input.value = text;
    onInput();
    if (focus) input.focus();
    input.setSelectionRange(text.length, text.length);
  }

  function onInput() {
    keepText(draft(), editing ? "" : input.value, "sessionStorage");
    if (!GROWS) grow();
    node.classList.toggle("empty", !input.value.trim());
    if (!inline.onText(input.value)) suggest();
  }

  function grow() {
    input.style.height = "auto";
    if (input.scrollHeight) input.style.height = `${input.scrollHeight}px`;
  }

  // -- commands ------------------------------------------------------------------------------

  function known() {
    const all = state.bot.commands ?? {};
    const own = all[userOf(phone.user)?.language_code] ?? [];
    return own.length ? own : all[""] ?? [];
  }

  function suggest() {
    const begun = /^\/([A-Za-z0-9_]*)$/.exec(input.value);
    if (!begun) return options.hide();
    const fitting = known().filter(({ command }) => command.startsWith(begun[1].toLowerCase()));
    if (fitting.length) options.show(fitting.map(offer));
    else options.hide();
  }

  function offer({ command, description }) {
    const pick = (key) => {
      if (key === "Tab") return write(`/${command} `);
      write("");
      phone.command(`/${command}`);
    };
    return { title: `/${command}`, description, pick };
  }

  function toggleCommands() {
    if (options.isOpen()) return options.hide();
    options.show(known().map(offer), { note: known().length ? "" : t("no_commands") });
    input.focus();
  }

  // -- sending -------------------------------------------------------------------------------

  async function submit() {
    const text = input.value;
    if (!text.trim()) return input.focus();
    const before = { replyTo, editing, draft: draft() };
    quiet();
    write("");
    try {
      if (before.editing) await ask("edit", { as: phone.user, chat: phone.chat, message_id: before.editing.message_id, text });
      else await ask("send", { as: phone.user, chat: phone.chat, text, ...replying(before) });
    } catch (error) {
      takeBack(text, before);
      phone.refused(error);
    }
  }

  const replying = (before) => (before.replyTo ? { reply_to: before.replyTo.message_id } : {});

  // What was refused is there again as it was; what was written since stands below it.
  function takeBack(text, before) {
    if (before.draft !== draft()) return keepText(before.draft, text, "sessionStorage");
    if (input.value) return write(`${text}\n${input.value}`);
    if (before.editing) change(before.editing);
    else if (before.replyTo) answer(before.replyTo);
    write(text);
  }

  // A change of a message has no file, and its text is no caption.
  function choose() {
    if (editing) leave();
    file.click();
  }

  async function upload() {
    const [chosen] = file.files;
    file.value = "";
    if (!chosen) return;
    const body = new FormData();
    body.append("file", chosen);
    const before = { replyTo, draft: draft(), caption: input.value };
    const where = new URLSearchParams({ as: phone.user, chat: phone.chat, caption: before.caption.trim(), ...replying(before) });
    try {
      const answer = await fetch(`/upload?${where}`, { method: "POST", body });
      if (!answer.ok) throw refusal((await answer.json().catch(() => ({}))).error ?? { code: "upload" });
      taken(before);
    } catch (error) {
      phone.refused(error.code ? error : refusal({ code: "offline" }));
    }
  }

  // What was written since the file went stays.
  function taken({ draft: of, caption }) {
    if (of !== draft()) {
      if (keptText(of, "sessionStorage") === caption) keepText(of, "", "sessionStorage");
      return;
    }
    quiet();
    if (input.value === caption) write("");
  }

  // -- answering and changing ----------------------------------------------------------------

  function answer(message) {
    quiet();
    replyTo = message;
    tellAbout("reply", senderName(message), message);
    input.focus();
  }

  function change(message) {
    quiet();
    editing = message;
    tellAbout("edit", t("editing"), message);
    write(message.text ?? "");
  }

  function tellAbout(kind, title, message) {
    about.hidden = false;
    about.replaceChildren(icon(kind), el("span", {}, el("b", {}, title), el("span", {}, cut(summary(message), 120))),
      iconButton("close", t("cancel"), leave));
  }

  function leave() {
    const was = editing;
    quiet();
    if (was) write("");
  }

  function quiet() {
    replyTo = editing = null;
    about.hidden = true;
    about.replaceChildren();
  }

  function changeLast() {
    const mine = (chatOf(phone.chat)?.messages ?? []).filter((message) => isOwn(message, phone) && message.text && !message.via_bot);
    if (mine.length) change(mine.at(-1));
  }

  // -- keys ----------------------------------------------------------------------------------

  function onKey(event) {
    if (event.isComposing || options.onKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "ArrowUp" && !input.value) {
      event.preventDefault();
      changeLast();
    } else if (event.key === "Escape" && (editing || replyTo)) {
      leave();
      event.stopPropagation();
    }
  }

  // -- the keyboard below --------------------------------------------------------------------

  function showKeyboard(markup, forced = false) {
    const has = Boolean(markup?.keyboard?.length);
    if (forced) folded = false;
    fold.hidden = !has;
    fold.setAttribute("aria-expanded", has && !folded);
    keyboard.replaceChildren(...(has && !folded ? [replyKeyboard(markup, phone)] : []));
    input.placeholder = markup?.input_field_placeholder || t("message");
    if (!markup?.force_reply) return;
    const messages = chatOf(phone.chat)?.messages ?? [];
    const asked = messages.findLast((message) => !isOwn(message, phone));
    if (asked) answer(find(chatOf(phone.chat), asked.message_id));
  }

  function toggleKeyboard() {
    folded = !folded;
    showKeyboard(chatOf(phone.chat)?.keyboard);
  }

  function foldKeyboard() {
    folded = true;
    showKeyboard(chatOf(phone.chat)?.keyboard);
  }

  function open() {
    quiet();
    inline.stop();
    folded = false;
    write(keptText(draft(), "sessionStorage") ?? "", false);
    options.hide();
    showKeyboard(chatOf(phone.chat)?.keyboard);
  }

  input.addEventListener("input", onInput);
  input.addEventListener("keydown", onKey);
  node.addEventListener("focusout", ({ relatedTarget }) => { if (relatedTarget && !node.contains(relatedTarget) && !inline.isOn()) options.hide(); });
  node.classList.add("empty");

  return { node, input, open, write, answer, change, showKeyboard, foldKeyboard };
}
