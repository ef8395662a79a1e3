// Every call of the Bot API with its answer, newest first; what broke a rule is red.

import { el, icon, iconButton } from "./dom.js";
import { n, t } from "./language.js";
import { chatOf, nameOf, on, state, userOf } from "./store.js";
import { full, seconds } from "./times.js";

const DRAWN = 200;

export function makeWire() {
  const filter = el("input", { type: "search", placeholder: t("filter"), "aria-label": t("filter"), oninput: draw, autocomplete: "off" });
  const bad = el("input", { type: "checkbox", onchange: draw });
  const count = el("p.count", { role: "status" });
  const list = el("ol.calls", { tabindex: 0, "aria-label": t("wire_list") });
  const node = el("section.card.wire", { id: "wire", "aria-labelledby": "wire-title" },
    el("h2", { id: "wire-title" }, icon("wire"), t("wire"), count),
    el("div.filters", {}, filter, el("label.check", {}, bad, t("only_bad"))),
    list);
  let planned = false;

  const zone = () => state.zone ?? state.telephones[0]?.zone ?? "UTC";

  function fits(call) {
    if (bad.checked && !call.error && !call.violations?.length) return false;
    const wanted = filter.value.trim().toLowerCase();
    return !wanted || call.method.toLowerCase().includes(wanted) || text(call).includes(wanted);
  }

  function draw() {
    const found = [];
    for (let at = state.calls.length - 1; at >= 0 && found.length < DRAWN; at -= 1) if (fits(state.calls[at])) found.push(state.calls[at]);
    const open = new Set([...list.querySelectorAll("details[open]")].map((item) => item.dataset.n));
    list.replaceChildren(...found.map((call) => entry(call, zone(), open.has(String(call.n)))));
    if (!found.length) list.append(el("li.note", {}, t(state.calls.length ? "nothing_found" : "no_calls")));
    drawCount();
  }

  function drawCount() {
    count.textContent = state.violations ? n("violations", state.violations) : "";
    count.classList.toggle("bad", state.violations > 0);
  }

  // One more call is one more line; many at once are drawn at once.
  function add() {
    if (planned) return;
    planned = true;
    const from = state.calls.length - 1;
    const first = state.calls[from]?.n;
    setTimeout(() => {
      planned = false;
      const fresh = state.calls.filter((call) => call.n >= first && fits(call) && !again(call));
      list.querySelector(".note")?.remove();
      list.prepend(...fresh.slice(-DRAWN).reverse().map((call) => entry(call, zone(), false)));
      while (list.children.length > DRAWN) list.lastChild.remove();
      if (!list.children.length) draw();
      drawCount();
    }, 50);
  }

  // The same once more: its line counts.
  function again(call) {
    const known = list.querySelector(`[data-n="${call.n}"]`);
    if (known && call.times > 1) known.closest("li").replaceWith(entry(call, zone(), known.open));
    return Boolean(known);
  }

  on("state", draw);
  on("call", add);
  draw();
  return node;
}

const texts = new WeakMap();

function text(call) {
  if (!texts.has(call)) texts.set(call, JSON.stringify([call.parameters, call.answer, call.error, call.violations]).toLowerCase());
  return texts.get(call);
}

function entry(call, zone, open) {
  const broken = call.violations?.length > 0;
  const details = el("details", { data: { n: call.n }, class: broken ? "broken" : call.error ? "failed" : "", open },
    el("summary", {},
      el("span.method", {}, call.method), call.times > 1 ? el("span.times", {}, `×${call.times}`) : null, el("span.target", { dir: "auto" }, target(call)),
      el("span.result", {}, call.error ? String(call.code || t("cut_off")) : "✓"),
      el("time", { title: full(call.at, zone) }, seconds(call.at, zone))));
  const fill = () => { if (details.open && details.children.length === 1) details.append(body(call)); };
  details.addEventListener("toggle", fill);
  fill();
  return el("li", {}, details);
}

// To whom, in words, as far as the page knows them.
function target({ parameters = {} }) {
  const id = Number(parameters?.chat_id ?? parameters?.user_id);
  if (!id) return parameters?.language_code ?? "";
  return chatOf(id)?.title || nameOf(userOf(id)) || String(id);
}

function body(call) {
  return el("div.call", {},
    (call.violations ?? []).map((violation) => el("p.violation", {}, violation)),
    part(t("call_parameters"), call.parameters),
    call.error ? part(t("call_error"), `${call.code || ""} ${call.error}`.trim()) : part(t("call_answer"), call.answer),
    call.ms === undefined || call.ms === null ? null : el("p.hint", {}, n("took_ms", Math.max(1, Math.round(call.ms)))));
}

function part(title, value) {
  const json = typeof value === "string" ? value : JSON.stringify(value, null, 2) ?? "";
  const button = iconButton("copy", t("copy"), () => navigator.clipboard?.writeText(json));
  return el("div.part", {}, el("h3", {}, title, button), el("pre", { tabindex: 0 }, json));
}
