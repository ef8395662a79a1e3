// The clock that the bot obeys.

import { el, icon } from "./dom.js";
import { language, t } from "./language.js";
import { makeNews } from "./news.js";
import { attempt } from "./reasons.js";
import { now, on, state } from "./store.js";
import { dateAndTime, distance, longDate, offset, seconds } from "./times.js";

const HOUR = 3600;
const DAY = 24 * HOUR;

export function makeClock(say) {
  const zone = () => state.zone ?? state.telephones[0]?.zone ?? "UTC";
  const shown = el("time.big-time", { role: "timer", "aria-live": "off" });
  const date = el("p.date", {});
  const ahead = el("p.ahead", {});
  const due = el("p.due", {});
  const toDue = button("to_due", { to: "due" }, "primary");
  const back = button("to_now", { to: "now" });
  const node = el("section.card.clock", { id: "clock", "aria-labelledby": "clock-title" },
    el("h2", { id: "clock-title" }, icon("clock"), t("clock")),
    el("div.clock-face", {}, shown, el("div", {}, date, ahead)),
    el("div.buttons", {}, button("plus_hour", { forward: HOUR }), button("plus_day", { forward: DAY }), back),
    el("div.next", {}, due, toDue), makeNews(say));

  function button(label, move, more = "") {
    let busy = false;
    const press = async () => {
      if (busy) return;
      busy = true;
      await attempt(say, "clock", move);
      busy = false;
      draw();
    };
    const pressed = el("button.button", { type: "button", class: more, onclick: press, data: { move: Object.values(move)[0] } }, t(label));
    return pressed;
  }

  function tick() {
    shown.textContent = seconds(now(), zone());
    date.textContent = longDate(now(), zone());
  }

  function draw() {
    tick();
    const moved = Math.abs(state.offset) >= 1;
    ahead.textContent = `${moved ? t("ahead", { span: span(state.offset) }) : t("real_time")} · ${offset(now(), zone())}`;
    ahead.title = zone();
    ahead.classList.toggle("moved", moved);
    back.disabled = !moved;
    toDue.disabled = !state.due;
    due.replaceChildren(...(state.due ? [el("b", {}, state.due[language()] ?? state.due.en), el("span", {}, `${dateAndTime(state.due.at, zone())}, ${distance(state.due.at)}`)] : [t("nothing_due")]));
  }

  for (const event of ["state", "clock", "telephones"]) on(event, draw);
  on("tick", tick);
  draw();
  return node;
}

// "+3 d 4 h": short, and right in every language.
function span(offset) {
  const units = [["day", DAY], ["hour", HOUR], ["minute", 60], ["second", 1]];
  let rest = Math.round(Math.abs(offset));
  const parts = units.map(([unit, size]) => {
    const number = Math.floor(rest / size);
    rest -= number * size;
    return number ? new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "short" }).format(number) : "";
  });
  return `${offset < 0 ? "−" : "+"}${parts.filter(Boolean).slice(0, 2).join(" ")}`;
}
