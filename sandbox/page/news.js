// What happens to the next hearing, so that one sees how people are told of it.

import { el } from "./dom.js";
import { language, t } from "./language.js";
import { attempt } from "./reasons.js";
import { on, state } from "./store.js";
import { dateAndTime } from "./times.js";

const CHANGES = ["moved", "cancelled", "restored"];

export function makeNews(say) {
  const told = el("p.coming", {});
  const buttons = Object.fromEntries(CHANGES.map((what) => [what, button(what)]));
  let busy = false;
  const node = el("div.news", { title: t("news_why") }, told, el("div.buttons", {}, Object.values(buttons)));

  function button(what) {
    return el("button.button", { type: "button", onclick: () => change(what), data: { news: what } }, t(what));
  }

  async function change(what) {
    if (busy) return;
    wait(true);
    await attempt(say, "news", { what });
    wait(false);
    if (document.activeElement === document.body) node.querySelector("button:not([hidden])")?.focus();
  }

  // Not disabled, or whoever goes by keyboard would lose their place.
  function wait(is) {
    busy = is;
    node.setAttribute("aria-busy", is);
    for (const one of Object.values(buttons)) one.setAttribute("aria-disabled", is);
  }

  function draw() {
    const hearing = state.coming;
    node.hidden = !hearing;
    if (!hearing) return;
    const when = dateAndTime(hearing.at, state.zone ?? "UTC");
    told.replaceChildren(el("b", {}, t("next_hearing")),
      el("span", {}, `${hearing[language()] ?? hearing.en}, `, el("span", { class: hearing.cancelled ? "off" : "" }, when)),
      hearing.cancelled ? el("span", {}, ` · ${t("is_cancelled")}`) : "");
    buttons.moved.hidden = buttons.cancelled.hidden = hearing.cancelled;
    buttons.restored.hidden = !hearing.cancelled;
  }

  for (const event of ["state", "clock"]) on(event, draw);
  draw();
  return node;
}
