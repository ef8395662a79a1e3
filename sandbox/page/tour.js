// Five steps that point at the real controls, and notice by themselves when they are done.

import { el, iconButton } from "./dom.js";
import { language, n, t } from "./language.js";
import { chatOf, on, state, tell, userOf } from "./store.js";

const KEPT = "tour";
const FOLLOWS = /^f(who|case|hear|city):/;
const DOWN = ["killed", "stopped"];

// It plays on a telephone that speaks the language of whoever looks, best on one on which the chat
// with the bot is open.
const speaks = ({ user }) => userOf(user)?.language_code === language();
const phone = () => (state.telephones.find((one) => speaks(one) && one.chat === one.user) ?? state.telephones.find(speaks) ?? state.telephones[0])?.user;
const nodes = (selector) => [...document.querySelectorAll(selector)];
const inPhone = (selector) => nodes(`.telephone[data-user="${phone()}"] ${selector}`);
const started = () => Boolean(userOf(phone())?.started);
const isBots = (message) => message?.from?.id === state.bot.id;
const followers = () => state.due?.told ?? 0;
const followed = (seen) => followers() > (seen.followers ?? 0);
const name = () => state.somebody[language()] ?? Object.values(state.somebody)[0] ?? "Lodkin";

// Labels of buttons that follow what the newest message shows.
function following() {
  const rows = chatOf(phone())?.messages.at(-1)?.reply_markup?.inline_keyboard ?? [];
  return rows.flat().filter(({ callback_data: carried }) => FOLLOWS.test(carried ?? "")).map(({ text }) => text);
}

const found = () => following().length > 0;

// Where there is none any more, such as in a demo that others have played with, one can search.
function bells() {
  const labels = following();
  const keys = inPhone(".row:last-child .key").filter((key) => labels.includes(key.textContent));
  return keys.length ? keys : inPhone(".bottom");
}

function lastBubble() {
  return inPhone(".bubble").slice(-1);
}

function whereInTrouble(seen) {
  if (!seen.ended) return "troubles";
  if (!seen.moved) return "clock";
  return DOWN.includes(state.bot.state) ? "troubles" : phone();
}

const TARGETS = { clock: "#clock .next", troubles: "#troubles .life" };
const at = (place) => (place in TARGETS ? nodes(TARGETS[place]) : lastBubble());
const whereOfClock = (seen) => (seen.moved ? phone() : "clock");

// `target`: what is pointed at; `place`: what must be in sight on a small screen; `done`: is it?
// `seen`: what happened since the step began.
const STEPS = [
  { title: "tour_start", text: "tour_start_text", place: phone, target: () => inPhone(".bottom"), done: started },
  { title: "tour_search", text: "tour_search_text", place: phone, target: () => inPhone(".bottom"), done: (seen) => found() || followed(seen) },
  { title: "tour_follow", text: "tour_follow_text", place: phone, target: bells, done: followed },
  { title: "tour_clock", text: "tour_clock_text", after: "tour_clock_after", place: whereOfClock, target: (seen) => at(whereOfClock(seen)), done: () => false },
  { title: "tour_trouble", text: "tour_trouble_text", place: whereInTrouble, target: (seen) => at(whereInTrouble(seen)), done: (seen) => seen.ended && seen.told },
];

export function makeTour(reveal) {
  const kept = { step: 0, open: true, ...JSON.parse(localStorage.getItem(KEPT) ?? "{}") };
  const words = el("div", { "aria-live": "polite" });
  const footer = el("footer", {});
  const close = iconButton("close", t("tour_close"), () => keep({ open: false, step: STEPS[kept.step] ? kept.step : 0 }));
  const node = el("aside.tour", { role: "complementary", "aria-label": t("tour"), hidden: true }, close, words, footer);
  let seen = begun();
  let place = null;
  let arrived = false;

  // `before`: what was done already is no reason to go on from a step that somebody went back to.
  function begun(step = kept.step) {
    const now = { offset: state.offset, followers: followers(), moved: false, ended: false, told: false };
    return { ...now, before: Boolean(STEPS[step]?.done(now)) };
  }

  function keep(change) {
    Object.assign(kept, change);
    localStorage.setItem(KEPT, JSON.stringify(kept));
    draw();
    tell("tour");
  }

  function show() {
    keep({ open: true, step: kept.step >= STEPS.length ? 0 : kept.step });
    place = null;
    bring(STEPS[kept.step]);
    node.querySelector("button.primary")?.focus();
  }

  function go(step) {
    seen = begun(step);
    keep(step >= STEPS.length ? { step, open: true } : { step });
    place = null;
    bring(STEPS[step]);
  }

  // Into sight, whenever it becomes another thing that matters.
  function bring(step) {
    const wanted = step?.place(seen) ?? phone();
    if (wanted !== place) reveal(wanted);
    place = wanted;
  }

  function draw() {
    node.hidden = !kept.open || !state.ready;
    if (node.hidden) return point(null);
    const step = STEPS[kept.step];
    const text = seen.told && step?.after ? step.after : step?.text ?? "tour_end_text";
    words.replaceChildren(el("h2", {}, t(step?.title ?? "tour_end")), el("p", {}, t(text, { name: userOf(phone())?.first_name ?? "", somebody: name() })));
    if (footer.dataset.of !== `${kept.step} ${language()}`) offer(step);
    point(step);
  }

  // Only for another step: a button that is drawn anew while it is pressed would not be clicked.
  function offer(step) {
    const focused = footer.contains(document.activeElement);
    footer.dataset.of = `${kept.step} ${language()}`;
    footer.replaceChildren(dots(), step ? buttons() : el("button.button.primary", { type: "button", onclick: () => keep({ open: false, step: 0 }) }, t("tour_finish")));
    if (focused) footer.querySelector("button.primary").focus();
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
    const wanted = step ? step.target(seen).filter((target) => target.offsetParent) : [];
    for (const old of nodes(".pointed")) if (!wanted.includes(old)) old.classList.remove("pointed");
    for (const target of wanted) target.classList.add("pointed");
    stand(wanted[0]);
  }

  // Beside what it points at if there is room, else where the style sheet puts it.
  function stand(target) {
    const box = target?.getBoundingClientRect();
    const roomy = innerWidth >= 1180 && box && box.width > 0;
    node.classList.toggle("free", !roomy);
    node.classList.toggle("low", Boolean(target?.matches(".bubble")));
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
    if (step?.done(seen) && !seen.before) return go(kept.step + 1);
    if (step && place) bring(step);
    point(step);
  }

  on("bot", () => {
    if (DOWN.includes(state.bot.state)) Object.assign(seen, begun(), { ended: true });
    look();
  });
  on("clock", () => {
    if (state.offset > seen.offset + 1) seen.moved = true;
    look();
  });
  on("message", ({ message }) => {
    const waits = seen.moved && !seen.told;
    if (waits && isBots(message)) seen.told = true;
    if (waits && seen.told && STEPS[kept.step]?.after) draw();
    look();
  });
  for (const event of ["tick", "user"]) on(event, look);
  // Whoever comes to a demo that others have played with begins where those stopped.
  function skipDone() {
    while (!arrived && kept.step < STEPS.length && STEPS[kept.step].done({})) kept.step += 1;
    arrived = true;
    seen = begun();
  }

  on("state", () => {
    if (kept.open) skipDone();
    seen.offset = state.offset;
    draw();
    if (kept.open && !place) bring(STEPS[kept.step]);
  });
  draw();

  return { node, show, isOpen: () => kept.open };
}
