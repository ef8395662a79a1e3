// Lines that pass: in a telephone what concerns it, over the page what concerns them all.

import { el } from "./dom.js";

const STAYS = 3500;
const PER_LETTER = 30;
const MOST = 3;

export function makeToasts(kind = "") {
  const node = el("div.toasts", { role: "status", "aria-live": "polite", class: kind });

  function toast(text, bad = false) {
    const line = el("p.toast", { class: bad ? "bad" : "", role: bad ? "alert" : null }, text);
    node.append(line);
    setTimeout(() => line.remove(), STAYS + text.length * PER_LETTER);
    while (node.children.length > MOST) node.firstChild.remove();
  }

  return { node, toast };
}
