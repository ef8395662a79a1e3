// Windows over the page, and menus within a telephone. Esc closes them; the focus goes back.

import { el, iconButton } from "./dom.js";
import { t } from "./language.js";

export function modal(title, content, actions = []) {
  const dialog = el("dialog.dialog", { "aria-label": title });
  const close = () => dialog.close();
  dialog.append(
    el("header", {}, el("h2", {}, title), iconButton("close", t("close"), close)),
    el("div.dialog-body", {}, content),
    actions.length ? el("footer", {}, actions) : "");
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) close(); });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

export function confirmLink(address) {
  const open = el("a.button.primary", { href: address, target: "_blank", rel: "noopener noreferrer", onclick: () => dialog.close() }, t("open"));
  const cancel = el("button.button", { type: "button", onclick: () => dialog.close() }, t("cancel"));
  const dialog = modal(t("open_link"), [el("p", {}, t("open_link_text")), el("p.address", {}, address)], [cancel, open]);
  open.focus();
}

export function enlarge(address, label) {
  const dialog = modal(label, [el("img.large", { src: address, alt: label })],
    [el("a.button", { href: address.replace("?inline=1", ""), download: "" }, t("download"))]);
  dialog.classList.add("wide");
}

// A window of the bot inside of the telephone, as `show_alert` makes it.
export function alertIn(screen, text, title) {
  const before = document.activeElement;
  const ok = el("button.button.primary", { type: "button" }, t("ok"));
  const node = el("div.alert", { role: "alertdialog", "aria-modal": "true", "aria-label": title },
    el("div.alert-box", {}, el("h3", {}, title), el("p", {}, text), ok));
  const close = () => {
    node.remove();
    if (before?.isConnected) before.focus({ preventScroll: true });
  };
  ok.addEventListener("click", close);
  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.stopPropagation(); close(); }
    if (event.key === "Tab") event.preventDefault();
  });
  screen.append(node);
  ok.focus({ preventScroll: true });
}

// `items`: {label, icon, act}; a row of `emojis` above them.
export function menu(screen, anchor, items, extra = null) {
  for (const open of document.querySelectorAll(".menu")) open.remove();
  const node = el("div.menu", { role: "menu", tabindex: -1 }, extra,
    items.map(({ label, icon, act, danger }) => el("button", { type: "button", role: "menuitem", class: danger ? "danger" : "", onclick: () => { close(); act(); } }, icon ?? null, label)));
  const outside = (event) => { if (!node.contains(event.target)) close(false); };
  const close = (back = true) => {
    node.remove();
    document.removeEventListener("pointerdown", outside, true);
    anchor.setAttribute("aria-expanded", "false");
    if (back && anchor.isConnected) anchor.focus({ preventScroll: true });
  };
  node.addEventListener("keydown", (event) => onMenuKey(event, node, close));
  document.addEventListener("pointerdown", outside, true);
  anchor.setAttribute("aria-expanded", "true");
  screen.append(node);
  place(node, screen.getBoundingClientRect(), anchor.getBoundingClientRect());
  (node.querySelector("[role=menuitem]") ?? node).focus({ preventScroll: true });
  return close;
}

function onMenuKey(event, node, close) {
  const buttons = [...node.querySelectorAll("button")];
  const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (event.key === "Escape") close();
  else if (event.key === "Tab") return close(false);
  else if (step) buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function place(node, screen, anchor) {
  const { width, height } = node.getBoundingClientRect();
  const left = Math.min(Math.max(8, anchor.left - screen.left), screen.width - width - 8);
  const below = anchor.bottom - screen.top + 4;
  const top = below + height > screen.height - 8 ? Math.max(8, anchor.top - screen.top - height - 4) : below;
  Object.assign(node.style, { left: `${left}px`, top: `${top}px` });
}
