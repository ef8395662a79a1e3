// What a network and a busy Telegram do to a bot, on demand; and the bot's own life.

import { el, icon } from "./dom.js";
import { n, t } from "./language.js";
import { attempt } from "./reasons.js";
import { on, state } from "./store.js";

const SLOW = [0, 300, 1000, 3000, 8000];
const EVERY = [0, 1, 2, 3, 5, 10];
const KINDS = { 429: "trouble_429", 500: "trouble_500", cut: "trouble_cut" };
const LIFE = [["kill", "kill_why"], ["stop", "stop_why"], ["restart", "restart_why"]];
export const LIGHTS = { running: "bot_running", starting: "bot_starting", killed: "bot_killed", stopped: "bot_stopped" };

export function makeTroubles(say) {
  const slow = select(SLOW.map((ms) => [ms, ms ? t("slow_by", { seconds: number(ms / 1000) }) : t("off")]), (value) => act("trouble", { slow: value }));
  const every = Object.fromEntries(Object.keys(KINDS).map((kind) =>
    [kind, select(EVERY.map((count) => [count, count ? n("every", count) : t("off")]), (value) => act("trouble", { kind, every: value }))]));
  const twice = el("button.button", { type: "button", onclick: () => act("trouble", { duplicate: 1 }), data: { do: "duplicate" } }, t("duplicate"));
  const calm = el("button.button", { type: "button", onclick: () => act("calm"), data: { do: "calm" } }, t("calm"));
  const light = el("p.bot-state", { role: "status" });
  const life = LIFE.map(([what, why]) =>
    el("button.button", { type: "button", class: what === "kill" ? "danger" : "", title: t(why), onclick: () => act(what), data: { do: what } }, t(what)));
  const node = el("section.card.troubles", { id: "troubles", "aria-labelledby": "troubles-title" },
    el("h2", { id: "troubles-title" }, icon("trouble"), t("troubles")),
    el("div.life", {}, light, el("div.buttons", {}, life)),
    el("div.faults", {},
      labelled(t("trouble_slow"), slow), ...Object.entries(KINDS).map(([kind, label]) => labelled(t(label), every[kind])),
      el("div.buttons", {}, twice, calm)));

  async function act(what, fields = {}) {
    if (!(await attempt(say, what, fields))) draw();
  }

  function draw() {
    const { slow: ms, every: told, duplicate } = state.troubles;
    put(slow, ms, (value) => t("slow_by", { seconds: number(value / 1000) }));
    for (const kind of Object.keys(KINDS)) put(every[kind], told?.[kind] ?? 0, (value) => n("every", value));
    const any = Boolean(ms || duplicate || Object.values(told ?? {}).some(Boolean));
    twice.textContent = duplicate ? n("duplicates_left", duplicate) : t("duplicate");
    calm.disabled = !any;
    node.classList.toggle("active", any);
    drawBot();
  }

  function drawBot() {
    const { state: how, process, reason: why } = state.bot;
    light.replaceChildren(el("span.light", { class: how }), t(LIGHTS[how] ?? "bot_starting"), why ? el("small", {}, why) : "");
    const [kill, stop, restart] = life;
    for (const button of life) button.hidden = process === false;
    kill.disabled = stop.disabled = !["running", "starting"].includes(how);
    restart.textContent = t(["killed", "stopped"].includes(how) ? "start_again" : "restart");
  }

  on("state", draw);
  on("troubles", draw);
  on("bot", drawBot);
  draw();
  return node;
}

function labelled(label, control) {
  return el("label.field.inline", {}, el("span", {}, label), control);
}

function select(choices, choose) {
  return el("select", { onchange: ({ target }) => choose(Number(target.value)) }, choices.map(([value, label]) => el("option", { value }, label)));
}

// Somebody else may have set a value that is not in the list.
function put(control, value, label) {
  if (![...control.options].some((option) => option.value === String(value))) control.append(el("option", { value }, label(value)));
  control.value = String(value);
}

function number(value) {
  return new Intl.NumberFormat(document.documentElement.lang).format(value);
}
