// More people, groups and channels, through small windows.

import { modal } from "./dialogs.js";
import { el, icon } from "./dom.js";
import { language, t } from "./language.js";
import { ask } from "./live.js";
import { reason } from "./reasons.js";
import { nameOf, state, tell } from "./store.js";

const LANGUAGES = ["en", "ru", "de", "uk"];

export function add() {
  const problem = problemLine();
  const dialog = modal(t("add_more"), el("div.choices", {},
    choice("person", t("add_person"), t("add_person_why"), then(addPerson)),
    hidden().map((user) => choice("person", nameOf(user), t("show_again"), () => finish(dialog, problem, () => showAgain(user.id)))),
    choice("chats", t("add_group"), t("add_group_why"), then(addGroup)),
    choice("send", t("add_channel"), t("add_channel_why"), then(addChannel)),
    problem));

  function choice(picture, title, why, act) {
    return el("button.choice", { type: "button", onclick: act }, icon(picture), el("span", {}, el("b", {}, title), el("span", {}, why)));
  }

  function then(open) {
    return () => { dialog.close(); open(); };
  }
}

async function showAgain(user) {
  await ask("show", { as: user, chat: user });
  tell("added", { user });
}

function hidden() {
  const shown = new Set(state.telephones.map(({ user }) => user));
  return [...state.users.values()].filter((user) => !shown.has(user.id));
}

function addPerson() {
  const name = field(t("name"), el("input", { required: true, maxlength: 64, autocomplete: "off" }));
  const tongue = field(t("their_language"), el("select", {}, LANGUAGES.map((code) => el("option", { value: code, selected: code === language() }, languageName(code)))));
  const zone = field(t("their_zone"), el("input", { required: true, list: "zones", value: Intl.DateTimeFormat().resolvedOptions().timeZone, autocomplete: "off" }));
  const zones = el("datalist", { id: "zones" }, (Intl.supportedValuesOf?.("timeZone") ?? []).map((value) => el("option", { value })));
  form(t("add_person"), [name, tongue, zone, zones], async () =>
    tell("added", await ask("add_person", { name: value(name), language: value(tongue), zone: value(zone) })));
}

// `members`: on whose telephones it opens; on the others what is looked at stays.
export function addGroup(members = null) {
  place("add_group", t("add_group"), t("group_title"), members);
}

function addChannel() {
  place("add_channel", t("add_channel"), t("channel_title"), null);
}

function place(action, heading, example, members) {
  const title = field(t("title"), el("input", { required: true, maxlength: 128, value: example, autocomplete: "off" }));
  const boxes = [...state.users.values()].map((user) => el("label.check", {},
    el("input", { type: "checkbox", value: user.id, checked: !members || members.includes(user.id) }), nameOf(user)));
  const people = el("fieldset", {}, el("legend", {}, t("members_title")), boxes);
  form(heading, [title, people, el("p.hint", {}, t("bot_is_member"))], async () => {
    const chosen = [...people.querySelectorAll("input:checked")].map((box) => Number(box.value));
    const inside = members ? [...members, ...chosen.filter((id) => !members.includes(id))] : chosen;
    const { chat } = await ask(action, { title: value(title), members: inside });
    await Promise.all((members ?? []).map((user) => ask("show", { as: user, chat })));
    tell("joined", { title: value(title), users: inside.filter((user) => !members?.includes(user)) });
  });
}

const problemLine = () => el("p.problem", { role: "alert", hidden: true });

// The window closes when it is done, and says why when it is refused.
async function finish(dialog, problem, act) {
  try {
    await act();
    dialog.close();
  } catch (error) {
    Object.assign(problem, { hidden: false, textContent: reason(error) });
  }
}

function form(heading, fields, submit) {
  const problem = problemLine();
  const ok = el("button.button.primary", { type: "submit" }, t("add"));
  const node = el("form", {}, fields, problem, el("footer", {}, ok));
  const dialog = modal(heading, node);
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    ok.disabled = true;
    await finish(dialog, problem, submit);
    ok.disabled = false;
  });
  node.querySelector("input")?.select();
}

function field(label, input) {
  return el("label.field", {}, el("span", {}, label), input);
}

function value(label) {
  return label.querySelector("input, select").value.trim();
}

function languageName(code) {
  const name = new Intl.DisplayNames(code, { type: "language" }).of(code);
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
}
