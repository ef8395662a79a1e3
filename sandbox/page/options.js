// A list above the input line to choose from: commands, results of the inline mode.

import { el } from "./dom.js";

let numbers = 0;

export function makeOptions(input, label) {
  const id = `options-${++numbers}`;
  const node = el("div.options", { id, role: "listbox", "aria-label": label, hidden: true });
  let items = [];
  let chosen = -1;

  // Only while there is a list is the input line one that opens a list; else it is plain text.
  function tellOpen(open) {
    const told = { role: "combobox", "aria-expanded": "true", "aria-haspopup": "listbox", "aria-autocomplete": "list", "aria-controls": id };
    for (const [name, value] of Object.entries(told)) open ? input.setAttribute(name, value) : input.removeAttribute(name);
  }

  function show(more, { note = "", onEnd = null } = {}) {
    items = more;
    node.hidden = false;
    tellOpen(true);
    node.replaceChildren(...items.map(option), ...(note ? [el("p.note", { role: "option", "aria-disabled": "true" }, note)] : []));
    node.onscroll = onEnd && (() => { if (node.scrollHeight - node.scrollTop - node.clientHeight < 80) onEnd(); });
    choose(items.length ? Math.max(0, Math.min(chosen, items.length - 1)) : -1);
  }

  function option(item, index) {
    return el("div.option", { id: `${id}-${index}`, role: "option", onclick: () => item.pick(), onmousemove: () => choose(index, false) },
      item.lead ?? null,
      el("span.option-words", {}, el("b", { dir: "auto" }, item.title), item.description ? el("span", { dir: "auto" }, item.description) : null));
  }

  function choose(index, scroll = true) {
    chosen = index;
    for (const [at, other] of [...node.querySelectorAll(".option")].entries()) other.setAttribute("aria-selected", at === index);
    if (index < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", `${id}-${index}`);
    if (scroll) node.children[index]?.scrollIntoView({ block: "nearest" });
  }

  function hide() {
    items = [];
    chosen = -1;
    node.hidden = true;
    tellOpen(false);
    node.replaceChildren();
    input.removeAttribute("aria-activedescendant");
  }

  // True if the key was meant for the list.
  function onKey(event) {
    if (node.hidden) return false;
    if (event.key === "Escape") hide();
    else if (!items.length) return false;
    else if (event.key === "ArrowDown") choose((chosen + 1) % items.length);
    else if (event.key === "ArrowUp") choose((chosen - 1 + items.length) % items.length);
    else if (event.key === "Enter" || event.key === "Tab") items[chosen]?.pick(event.key);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  return { node, show, hide, onKey, isOpen: () => !node.hidden, size: () => items.length };
}
