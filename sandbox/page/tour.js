// Five steps that point at the real controls, and notice by themselves when they are done.

import { standBeside } from "./beside.js";
import { el, iconButton } from "./dom.js";
import { keepObject, object } from "./kept.js";
import { language, n, t } from "./language.js";
import { follows, isDown, moved, newest, notice } from "./signs.js";
import { nodes, STEPS } from "./steps.js";
import { on, state, userOf } from "./store.js";

const KEPT = "tour";
const ROOMY = 760;
const HIGH = 96; // both as in the style sheet
const EDGE = 8;
const LINE = 32;
const PATIENCE = 6000; // until what does not come is no longer waited for
const NOBODY = { text: "no_telephones", place: null, target: () => nodes(".no-telephones button") };
const NUMBERS = ["offset", "upTo", "follows", "told"];

// What is kept may be of another version, or broken.
function remembered() {
  const { open, step, run, person, since } = object(KEPT);
  const known = Number.isInteger(step) && step >= 0 && step <= STEPS.length;
  const whole = since && NUMBERS.every((key) => Number.isFinite(since[key]));
  return { open: open !== false, step: known ? step : 0, run: known && whole ? run : null, person, since: whole ? since : {} };
}

const isShown = (person) => state.telephones.some(({ user }) => user === person);
const speaks = (person) => userOf(person)?.language_code === language();

// It plays on a telephone that speaks the language of whoever looks, best on one on which the chat
// with the bot is open.
function choosePerson() {
  const speaking = state.telephones.filter(({ user }) => speaks(user));
  return (speaking.find(({ user, chat }) => user === chat) ?? speaking[0] ?? state.telephones[0])?.user;
}

export function makeTour(reveal) {
  const kept = remembered();
  const words = el("div", { "aria-live": "polite" });
  const footer = el("footer", {});
  const node = el("aside.tour", { role: "complementary", "aria-label": t("tour"), hidden: true },
    iconButton("close", t("tour_close"), close), words, footer);
  let place = null;
  let changed = performance.now();

  const trip = () => ({ ...kept, waits: moved(kept.since) && performance.now() - changed < PATIENCE });

  // -- what is kept --------------------------------------------------------------------------

  function keep(change) {
    Object.assign(kept, change);
    keepObject(KEPT, kept);
  }

  // `asked`: what was done already is no reason to go on from a step that somebody chose.
  function begun(step, asked = false) {
    const since = { offset: state.offset, upTo: newest(kept.person), follows: asked ? follows(kept.person) : 0, told: 0, ended: false };
    return { step, since: { ...since, before: asked && Boolean(STEPS[step]?.done({ ...kept, since })) } };
  }

  // Of another run nothing is left, and a person whose telephone was put away cannot go on.
  function settle() {
    if (!state.telephones.length) return;
    const same = kept.run === state.run && isShown(kept.person);
    if (same && (kept.step > 0 || speaks(kept.person))) return;
    const person = choosePerson();
    if (same && person === kept.person) return;
    keep({ run: state.run, person });
    keep(begun(0));
  }

  // What happened since the step began. Whoever sets the clock back begins anew.
  function observe() {
    const { since } = kept;
    const next = { ...since, follows: Math.min(since.follows, follows(kept.person)) };
    if (kept.step === STEPS.length - 1 && isDown() && !since.ended) Object.assign(next, begun(kept.step).since, { ended: true });
    if (!moved(next) && (next.told || state.offset < next.offset)) Object.assign(next, { offset: state.offset, upTo: newest(kept.person), told: 0 });
    next.told = notice(kept.person, next);
    next.before = next.before && STEPS[kept.step].done({ ...kept, since: next });
    if (JSON.stringify(next) !== JSON.stringify(since)) keep({ since: next });
  }

  // -- what is done --------------------------------------------------------------------------

  function show() {
    keep({ open: true });
    if (kept.step >= STEPS.length) keep(begun(0, true));
    place = null;
    look();
    node.querySelector("button.primary")?.focus();
  }

  function close() {
    const focused = node.contains(document.activeElement);
    if (!STEPS[kept.step]) keep(begun(0, true));
    keep({ open: false });
    draw();
    if (focused) nodes(".tour-button")[0]?.focus();
  }

  function go(step) {
    keep(begun(step, true));
    place = null;
    look();
  }

  // Whoever comes to a demo that others have played with begins where those stopped.
  function look() {
    if (!state.ready) return;
    settle();
    while (STEPS[kept.step]) {
      observe();
      if (kept.since.before || !STEPS[kept.step].done(trip())) break;
      keep(begun(kept.step + 1));
      place = null;
    }
    draw();
  }

  // -- what is drawn -------------------------------------------------------------------------

  function draw() {
    node.hidden = !kept.open || !state.ready;
    if (node.hidden) return point([]);
    const step = STEPS[kept.step];
    const view = viewOf(step);
    say(t(step?.title ?? "tour_end"), t(view.text, { name: userOf(kept.person)?.first_name ?? "", somebody: somebody() }));
    offer(step);
    bring(view.place);
    point(view.target().filter((target) => target.offsetParent));
  }

  function viewOf(step) {
    if (!state.telephones.length) return NOBODY;
    return step?.look(trip()) ?? { text: "tour_end_text", place: kept.person, target: () => nodes(".tour-button") };
  }

  const somebody = () => state.somebody[language()] ?? Object.values(state.somebody)[0] ?? "Lodkin";

  // Read aloud, so only when it is something else.
  function say(title, text) {
    if (words.dataset.said === title + text) return;
    words.dataset.said = title + text;
    words.replaceChildren(el("h2", {}, title), el("p", {}, text));
  }

  // Only for another step: a button that is drawn anew while it is pressed would not be clicked.
  function offer(step) {
    if (footer.dataset.of === String(kept.step)) return;
    const focused = footer.contains(document.activeElement);
    footer.dataset.of = String(kept.step);
    footer.replaceChildren(dots(), step ? buttons() : el("button.button.primary", { type: "button", onclick: close }, t("tour_finish")));
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

  // Into sight, whenever it becomes another thing that matters.
  function bring(wanted) {
    if (wanted !== place) reveal(wanted);
    place = wanted;
  }

  // The frame follows what is drawn anew, so it is set again and again.
  function point(wanted) {
    for (const old of nodes(".pointed")) if (!wanted.includes(old)) old.classList.remove("pointed");
    for (const target of wanted) target.classList.add("pointed");
    if (!node.hidden) stand(wanted[0]);
  }

  // On a small screen it stands above, unless it would cover more there of what one is to see.
  function isLow(target) {
    if (!target || document.body.dataset.sheet) return false;
    const { top, bottom } = STEPS[kept.step] ? target.getBoundingClientRect() : headline();
    const height = node.offsetHeight;
    const covered = (from) => Math.max(0, Math.min(bottom, from + height) - Math.max(top, from));
    return covered(HIGH) > covered(innerHeight - EDGE - height);
  }

  // In the end one reads what came last, from its first line.
  function headline() {
    const top = nodes(".telephone.shown .row:last-child .bubble")[0]?.getBoundingClientRect().top ?? 0;
    return { top, bottom: top + LINE };
  }

  // Beside what it points at if there is room, else where the style sheet puts it.
  function stand(target) {
    const roomy = innerWidth >= ROOMY && target;
    node.classList.toggle("free", !roomy);
    node.classList.toggle("low", isLow(target));
    if (roomy) standBeside(node, target);
    else Object.assign(node.style, { left: "", top: "" });
  }

  const happened = () => { changed = performance.now(); look(); };
  let offset = state.offset;
  on("bot", happened);
  on("clock", () => {
    if (offset !== state.offset) happened();
    else look();
    offset = state.offset;
  });
  for (const event of ["state", "message", "edited", "tick", "user", "telephones"]) on(event, look);

  return { node, show, close, isOpen: () => !node.hidden };
}
