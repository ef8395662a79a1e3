// Elements made from data. Text becomes text nodes: nothing that people wrote is ever read as HTML.

export function el(kind, properties = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.classList.add(...classes);
  for (const [name, value] of Object.entries(properties)) set(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function set(node, name, value) {
  if (value === null || value === undefined) return;
  if (name.startsWith("aria-")) node.setAttribute(name, String(value));
  if (value === false || name.startsWith("aria-")) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name === "class") for (const one of value.split(" ").filter(Boolean)) node.classList.add(one);
  else if (name === "value") node.value = value;
  else node.setAttribute(name, value === true ? "" : value);
}

const SVG = "http://www.w3.org/2000/svg";

// Strokes on a grid of 24, drawn in the colour of the text around them.
const PATHS = {
  send: "M3.5 4.5 21 12 3.5 19.5 6 12Zm2.500 7.500h7",
  attach: "m20 11.500-8.300 8.300a5.300 5.300 0 0 1-7.500-7.500l8.800-8.800a3.500 3.500 0 0 1 5 5l-8.800 8.800a1.800 1.800 0 0 1-2.500-2.500l7.800-7.800",
  slash: "M15 4 9 20M4 4h16v16H4z",
  keyboard: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M17 10h.01M8 14h8",
  back: "m14 6-6 6 6 6",
  more: "M12 5.500h.01M12 12h.01M12 18.500h.01",
  close: "m6 6 12 12M18 6 6 18",
  down: "m6 10 6 6 6-6",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  link: "M8 16 16 8M9 8h7v7",
  inline: "M5 12h13m-5-5 5 5-5 5M5 6v12",
  app: "M4 5h16v14H4zM4 9h16",
  coin: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M14.500 9.500c-.5-1-4.500-1.500-4.500.8s4.500 1.200 4.500 3.400-4.200 2-5-.2M12 7v10",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  calendar: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
  download: "M12 4v11m-5-5 5 5 5-5M5 20h14",
  pin: "M12 21c4-5 6.500-8 6.500-11.500a6.500 6.500 0 1 0-13 0C5.500 13 8 16 12 21m0-9a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600",
  pinned: "m9 3 6 0-1 6 3.500 4h-11L10 9zM12 13v8",
  clock: "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17M12 7.500V12l3 2",
  trouble: "M12 4 21 19.500H3zM12 10v4.500M12 17h.01",
  wire: "M4 8h13m-4-4 4 4-4 4M20 16H7m4-4-4 4 4 4",
  tour: "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17M15.500 8.500l-2 5-5 2 2-5z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4.500 20c1-4 4-5.500 7.500-5.500s6.500 1.500 7.500 5.500",
  add: "M12 5v14M5 12h14",
  theme: "M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16",
  reply: "M10 6 4 12l6 6M4 12h9c4 0 6.500 2 7 6",
  edit: "m4 20 1-4L16.500 4.500a2 2 0 0 1 3 3L8 19z",
  check: "m5 12.500 4.500 4.500L19 7.500",
  chats: "M4 5h16v11H10l-5 4v-4H4z",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

export function iconButton(name, label, onclick, more = {}) {
  return el("button.icon-button", { type: "button", "aria-label": label, title: label, onclick, ...more }, icon(name));
}

// Two letters in a circle, always of the same colour for the same chat.
export function avatar(id, name) {
  const letters = [...name.matchAll(/(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu)].map(([letter]) => letter);
  return el("span.avatar", { "aria-hidden": "true", class: `hue-${Math.abs(id) % 7}` }, letters.slice(0, 2).join("").toUpperCase() || "?");
}

// Copies, also where the browser allows no clipboard (an address that is not localhost).
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el("textarea.unseen", { "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
