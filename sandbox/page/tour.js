// Five steps that point at the real controls, and notice by themselves when they are done.

import { el, iconButton } from "./dom.js";
import { n, t } from "./language.js";
import { chatOf, on, state, tell, userOf } from "./store.js";

const KEPT = "tour";
const phoneOf = (index) => state.telephones[Math.min(index, state.telephones.length - 1)]?.user;
const bottomOf = (index) => `.telephone[data-user="${phoneOf(index)}"] .bottom`;
const started = (index) => Boolean(userOf(phoneOf(index))?.started);
const wrote = (index) => (chatOf(phoneOf(index))?.messages ?? []).some((message) => message.from?.id === phoneOf(index) && message.text && !message.text.startsWith("/"));

// `target`: what is pointed at; `place`: what must be in sight on a small screen; `done`: is it?
const STEPS = [
  { title: "tour_start", text: "tour_start_text", place: () => phoneOf(0), target: () => bottomOf(0), done: () => started(0) },
  { title: "tour_button", text: "tour_button_text", place: () => phoneOf(0), target: () => `.telephone[data-user="${phoneOf(0)}"] .row:last-child .keyboard`, done: (seen) => seen.pressed },
  { title: "tour_search", text: "tour_search_text", place: () => phoneOf(1), target: () => bottomOf(1), done: () => started(1) && wrote(1) },
  { title: "tour_clock", text: "tour_clock_text", place: () => "clock", target: () => "#clock .buttons, #clock .next", done: () => state.offset >= 1 },
  { title: "tour_trouble", text: "tour_trouble_text", place: () => "troubles", target: () => "#troubles .life", done: (seen) => seen.ended && state.bot.state === "running" },
];

export function makeTour(reveal) {
  const kept = { step: 0, open: true, ...JSON.parse(localStorage.getItem(KEPT) ?? "{}") };
  const seen = { pressed: false, ended: false };
  const node = el("aside.tour", { role: "complementary", "aria-label": t("tour"), hidden: true });

  function keep(change) {
    Object.assign(kept, change);
    localStorage.setItem(KEPT, JSON.stringify(kept));
    draw();
    tell("tour");
  }

  function show() {
    keep({ open: true, step: kept.step >= STEPS.length ? 0 : kept.step });
    node.querySelector("button.primary")?.focus();
  }

  function go(step) {
    keep(step >= STEPS.length ? { step, open: true } : { step });
    reveal(STEPS[step]?.place() ?? phoneOf(0));
  }

  function draw() {
    node.hidden = !kept.open || !state.ready;
    if (node.hidden) return point(null);
    const step = STEPS[kept.step];
    node.replaceChildren(
      el("header", {}, el("h2", {}, t(step?.title ?? "tour_end")), iconButton("close", t("tour_close"), () => keep({ open: false, step: step ? kept.step : 0 }))),
      el("p", { "aria-live": "polite" }, t(step?.text ?? "tour_end_text", names())),
      el("footer", {}, dots(), step ? buttons() : el("button.button.primary", { type: "button", onclick: () => keep({ open: false, step: 0 }) }, t("tour_finish"))));
    point(step);
  }

  function names() {
    const name = (index) => userOf(phoneOf(index))?.first_name ?? "";
    return { first: name(0), second: name(1) };
  }

  function dots() {
    return el("span.dots", { role: "img", "aria-label": n("tour_step", Math.min(kept.step + 1, STEPS.length), { all: STEPS.length }) },
      STEPS.map((_, index) => el("i", { class: index < kept.step ? "past" : index === kept.step ? "here" : "" })));
  }

  function buttons() {
    return el("span.buttons", {},
      kept.step ? el("button.button", { type: "button", onclick: () => go(kept.step - 1) }, t("tour_back")) : null,
      el("button.button.primary", { type: "button", onclick: () => go(kept.step + 1) }, t("tour_next")));
  }

  // The frame follows what is drawn anew, so it is set again and again.
  function point(step) {
    const wanted = step ? [...document.querySelectorAll(step.target())].filter((found) => found.offsetParent) : [];
    for (const old of document.querySelectorAll(".pointed")) if (!wanted.includes(old)) old.classList.remove("pointed");
    for (const found of wanted) found.classList.add("pointed");
    stand(wanted[0]);
  }

  // Beside what it points at if there is room, else where the style sheet puts it.
  function stand(target) {
    const box = target?.getBoundingClientRect();
    const roomy = innerWidth >= 1180 && box && box.width > 0;
    node.classList.toggle("free", !roomy);
    if (!roomy) return Object.assign(node.style, { left: "", top: "" });
    const { width, height } = node.getBoundingClientRect();
    const right = box.right + 16 + width < innerWidth;
    const above = target.querySelector(".only");
    const left = above ? box.left + (box.width - width) / 2 : right ? box.right + 16 : Math.max(12, box.left - width - 16);
    const middle = above ? box.top - height - 14 : box.top + box.height / 2 - height / 2;
    const top = Math.min(Math.max(64, middle), innerHeight - height - 16);
    return Object.assign(node.style, { left: `${left}px`, top: `${top}px` });
  }

  function look() {
    if (!kept.open || !state.ready) return;
    const step = STEPS[kept.step];
    if (step?.done(seen)) go(kept.step + 1);
    else point(step);
  }

  on("toast", () => { if (kept.step === 1) seen.pressed = true; look(); });
  on("bot", () => { if (kept.step === 4 && ["killed", "stopped"].includes(state.bot.state)) seen.ended = true; look(); });
  for (const event of ["tick", "user", "message", "clock"]) on(event, look);
  on("state", draw);
  draw();

  return { node, show, isOpen: () => kept.open };
}
