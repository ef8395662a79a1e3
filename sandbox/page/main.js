// The page: three telephones, the clock, the troubles, the wire, the tour.

import { badge, unreadIn } from "./chats.js";
import { avatar, el, icon, iconButton } from "./dom.js";
import { makeClock } from "./clock.js";
import { listen } from "./keyboard.js";
import { choose, language, languages, t } from "./language.js";
import { connect, connection } from "./live.js";
import { senderName, summary } from "./message.js";
import { add } from "./people.js";
import { forgetListeners, nameOf, on, state, tell, userOf } from "./store.js";
import { makeTelephone } from "./telephone.js";
import { nextTheme, theme } from "./theme.js";
import { makeToasts } from "./toasts.js";
import { makeTour } from "./tour.js";
import { LIGHTS, makeTroubles } from "./troubles.js";
import { makeWire } from "./wire.js";

const TICK = 500;
const BESIDE = 1380; // as in the style sheet: from here on nothing is covered
const GLIMPSE = 100;
const PANELS = { clock: "clock", troubles: "trouble", wire: "wire" };

let telephones = [];
let shown = null;
let tour = null;

function build() {
  forgetListeners();
  document.documentElement.lang = language();
  document.title = t("page_title");
  listen();
  telephones = [];
  const heard = el("p.unseen", { "aria-live": "polite", id: "heard" });
  const banner = el("p.banner", { role: "status", hidden: true });
  const places = el("main.telephones", { "aria-label": t("telephones") });
  const none = el("div.no-telephones", { hidden: true }, el("p", {}, t("no_telephones")),
    el("button.button.primary", { type: "button", onclick: add }, icon("add"), t("bring_back")));
  places.append(none);
  const tabs = el("nav.tabs", { "aria-label": t("telephones"), onscroll: hint });
  new ResizeObserver(hint).observe(tabs);
  const panel = el("aside.panel", { "aria-label": t("panel") }, el("div.sheet-head", {}, iconButton("close", t("close"), () => openSheet(null))));
  tour = makeTour(reveal);
  const header = makeHeader(tour);
  const toasts = makeToasts("over-page");
  const say = (text) => toasts.toast(text, true);
  panel.append(makeClock(say), makeTroubles(say), makeWire());
  document.body.replaceChildren(header, banner, tour.node, tabs, places, panel, toasts.node, heard);

  function reveal(place) {
    if (place in PANELS) openSheet(place);
    else {
      openSheet(null);
      showTelephone(place);
    }
  }

  function arrange() {
    for (const [at, told] of state.telephones.entries()) {
      const known = telephones.find(({ phone }) => phone.user === told.user);
      if (known) known.turnTo(told.chat);
      else addTelephone(told, at);
    }
    const gone = telephones.filter(({ phone }) => !state.telephones.some(({ user }) => user === phone.user));
    for (const { node } of gone) node.remove();
    telephones = telephones.filter((one) => !gone.includes(one));
    none.hidden = telephones.length > 0 || !state.ready;
    if (!telephones.some(({ phone }) => phone.user === shown)) shown = telephones[0]?.phone.user ?? null;
    showTelephone(shown);
  }

  function addTelephone(told, at) {
    const made = makeTelephone(told);
    telephones.splice(at, 0, made);
    places.insertBefore(made.node, places.children[at] ?? null);
    made.open();
    if (document.body.classList.contains("ready")) bringIntoView(made.node);
  }

  // Whoever added somebody wants to see them.
  function goTo({ user }) {
    openSheet(null);
    showTelephone(user);
    const found = telephones.find(({ phone }) => phone.user === user);
    if (found) bringIntoView(found.node);
  }

  function showTelephone(user) {
    shown = user;
    for (const { phone, node } of telephones) node.classList.toggle("shown", phone.user === user);
    telephones.find(({ phone }) => phone.user === user)?.phone.history.shown();
    drawTabs();
    bringIntoView(tabs.querySelector("[aria-pressed=true]"));
    hint();
  }

  function drawTabs() {
    const focused = tabs.contains(document.activeElement);
    tabs.replaceChildren(...telephones.map(({ phone }) => {
      const name = nameOf(userOf(phone.user));
      const fresh = phone.user === shown ? 0 : unreadIn(phone.user);
      return el("button.tab", { type: "button", "aria-pressed": phone.user === shown, onclick: () => showTelephone(phone.user) },
        avatar(phone.user, name), el("span.tab-name", { dir: "auto" }, name), badge(fresh));
    }));
    if (focused) tabs.querySelector("[aria-pressed=true]")?.focus({ preventScroll: true });
  }

  // Where there are more tabs than are seen, the row fades.
  function hint() {
    tabs.classList.toggle("more-before", tabs.scrollLeft > 1);
    tabs.classList.toggle("more-after", tabs.scrollWidth - tabs.clientWidth - tabs.scrollLeft > 1);
  }

  function drawBanner(what = connection) {
    banner.hidden = what !== "lost";
    banner.textContent = t("no_connection");
    document.body.classList.toggle("lost", what === "lost");
  }

  // Read aloud: who said what to whom, whichever telephone it was; shown where a sheet covers it.
  function hear({ chat, message }) {
    const user = telephones.find(({ phone }) => phone.chat === chat)?.phone.user;
    if (!user || message.from?.id === user) return;
    heard.textContent = `${nameOf(userOf(user))}: ${senderName(message)}: ${summary(message)}`;
    if (document.body.dataset.sheet && innerWidth < BESIDE && !tour.isOpen()) toasts.toast(`${nameOf(userOf(user))}: ${headline(message)}`);
  }

  on("state", () => {
    arrange();
    for (const { refresh } of telephones) refresh();
    document.body.classList.add("ready");
  });
  on("telephones", arrange);
  on("added", goTo);
  on("connection", drawBanner);
  on("message", hear);
  on("message", drawTabs);
  on("seen", drawTabs);
  drawBanner();
  if (state.ready) tell("state");
}

function makeHeader(tour) {
  const light = el("span.light");
  const how = el("span.bot-light", { role: "status" });
  const panels = Object.entries(PANELS).map(([name, picture]) =>
    iconButton(picture, t(name), () => openSheet(document.body.dataset.sheet === name ? null : name), { class: "panel-button", data: { opens: name }, "aria-expanded": "false" }));
  const tongue = el("select.language", { "aria-label": t("language"), onchange: ({ target }) => { choose(target.value); build(); } },
    languages().map((code) => el("option", { value: code, selected: code === language() }, code === "ru" ? "Русский" : "English")));
  const look = iconButton("theme", t(theme()), () => { nextTheme(); look.title = t(theme()); look.setAttribute("aria-label", t(theme())); }, { class: "theme" });
  const draw = () => {
    light.className = `light ${state.bot.state}`;
    how.replaceChildren(light, el("span", {}, t(LIGHTS[state.bot.state] ?? "bot_starting")));
  };
  on("state", draw);
  on("bot", draw);
  draw();
  return el("header.top", {},
    el("img.logo", { src: "/page/icon.svg", alt: "", width: 28, height: 28 }),
    el("div.brand", {}, el("h1", {}, t("heading")), how),
    el("div.tools", {}, panels,
      iconButton("tour", t("tour"), tour.show, { class: "tour-button" }),
      iconButton("add", t("add_more"), add, { class: "add-button" }), tongue, look));
}

function headline(message) {
  return summary(message).split("\n")[0].slice(0, GLIMPSE);
}

function bringIntoView(node) {
  node?.scrollIntoView({ inline: "nearest", block: "nearest" });
}

// On small screens a panel is a sheet over the telephones. The focus does not vanish with it.
function openSheet(name) {
  const was = document.body.dataset.sheet;
  const focused = document.querySelector(".panel")?.contains(document.activeElement);
  if (name) document.body.dataset.sheet = name;
  else delete document.body.dataset.sheet;
  for (const button of document.querySelectorAll("[data-opens]")) button.setAttribute("aria-expanded", button.dataset.opens === name);
  if (name) document.getElementById(name).scrollIntoView({ block: "nearest" });
  else if (was && focused) document.querySelector(`[data-opens="${was}"]`).focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (document.body.dataset.sheet && !tour.node.contains(document.activeElement)) openSheet(null);
  else if (tour.isOpen()) tour.close();
});
addEventListener("languagechange", build);
setInterval(() => tell("tick"), TICK);
nextTheme(false);
build();
connect();
