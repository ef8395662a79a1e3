// What a message carries beside words: files, pictures, places, people, polls.

import { avatar, el, icon } from "./dom.js";
import { language, n, t } from "./language.js";
import { nameOf } from "./store.js";

const PICTURES = new Set(["image/png", "image/jpeg", "image/webp", "image/gif"]);
const READABLE = new Set([...PICTURES, "application/pdf", "text/plain"]);

const KINDS = {
  animation: { word: "media_animation", show: (message, phone) => document_(message.animation, phone) },
  photo: { word: "media_photo", show: (message, phone) => photo(message, phone) },
  document: { word: "media_document", show: (message, phone) => document_(message.document, phone), detail: (what) => what.file_name },
  video: { word: "media_video", show: (message, phone) => document_(message.video, phone) },
  audio: { word: "media_audio", show: (message, phone) => document_(message.audio, phone), detail: (what) => what.title ?? what.file_name },
  voice: { word: "media_voice", show: (message, phone) => document_({ file_name: t("media_voice"), ...message.voice }, phone) },
  sticker: { word: "media_sticker", show: (message) => el("p.sticker", {}, message.sticker.emoji ?? "🙂"), detail: (what) => what.emoji },
  venue: { word: "media_place", show: (message) => place(message.location, message.venue), detail: (what) => what.title },
  location: { word: "media_place", show: (message) => place(message.location) },
  contact: { word: "media_contact", show: (message) => contact(message.contact), detail: (what) => nameOf(what) },
  poll: { word: "media_poll", show: (message) => poll(message.poll), detail: (what) => what.question },
  dice: { word: "media_dice", show: (message) => el("p.sticker", { title: String(message.dice.value) }, `${message.dice.emoji} ${message.dice.value}`) },
};

export function mediaKind(message) {
  const name = Object.keys(KINDS).find((kind) => message[kind] !== undefined);
  return name ? { name, word: KINDS[name].word, detail: KINDS[name].detail?.(message[name]) } : null;
}

export function media(message, phone) {
  const kind = mediaKind(message);
  return kind ? el("div.media", { class: kind.name }, KINDS[kind.name].show(message, phone)) : null;
}

export function fileAddress(file, inline = false) {
  return `/open/${encodeURIComponent(file.file_id)}${inline ? "?inline=1" : ""}`;
}

function photo(message, phone) {
  const size = message.photo.at(-1);
  return picture(size, t("media_photo"), phone, size.width, size.height);
}

function picture(file, label, phone, width = null, height = null) {
  const address = fileAddress(file, true);
  const image = el("img", { src: address, alt: label, loading: "lazy", width, height });
  const button = el("button.picture", { type: "button", title: t("enlarge"), onclick: () => phone.enlarge(address, label) }, image);
  image.addEventListener("error", () => button.replaceWith(el("p.no-picture", {}, t("no_picture"))));
  return button;
}

function document_(file, phone) {
  const name = file.file_name ?? t("media_document");
  const type = file.mime_type ?? "";
  const preview = PICTURES.has(type) ? picture(file, name, phone) : null;
  const look = READABLE.has(type) && !preview
    ? el("a.look", { href: fileAddress(file, true), target: "_blank", rel: "noopener" }, t("open_file")) : null;
  return [preview, el("div.file", {},
    el("a.file-icon", { href: fileAddress(file), download: name, "aria-label": t("download_file", { name }), title: t("download_file", { name }), class: family(name, type) },
      el("span.kind", {}, ending(name)), icon("download")),
    el("span.file-words", {},
      el("a.file-name", { dir: "auto", href: fileAddress(file), download: name, tabindex: -1, "aria-hidden": "true" }, name),
      el("span.file-size", {}, size(file.file_size ?? 0), look ? " · " : "", look)))];
}

function ending(name) {
  const found = /\.([A-Za-z0-9]{1,4})$/.exec(name);
  return found ? found[1].toUpperCase() : "";
}

function family(name, type) {
  if (/\.ics$/i.test(name) || type === "text/calendar") return "calendar";
  return /\.pdf$/i.test(name) || type === "application/pdf" ? "pdf" : "other";
}

const UNITS = ["byte", "kilobyte", "megabyte"];

export function size(bytes) {
  const power = Math.min(bytes < 1024 ? 0 : bytes < 1024 ** 2 ? 1 : 2, 2);
  const style = { style: "unit", unit: UNITS[power], unitDisplay: power ? "short" : "long", maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language(), style).format(bytes / 1024 ** power);
}

// A drawn pin instead of a map from somewhere: the page asks nobody but its own server.
function place({ latitude, longitude }, venue = null) {
  const at = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  const address = `https://www.openstreetmap.org/?mlat=${Number(latitude)}&mlon=${Number(longitude)}#map=16/${Number(latitude)}/${Number(longitude)}`;
  return el("a.place", { href: address, target: "_blank", rel: "noopener noreferrer", title: t("open_map") },
    el("span.map", { "aria-hidden": "true" }, icon("pin")),
    el("span.place-words", {},
      venue ? el("b", {}, venue.title) : null,
      venue ? el("span", {}, venue.address) : null,
      el("span.coordinates", {}, at)));
}

function contact(told) {
  const name = nameOf(told);
  return el("div.contact", {}, avatar(told.user_id ?? 3, name), el("span", {}, el("b", {}, name), el("span", {}, told.phone_number)));
}

function poll(told) {
  return el("div.poll", {}, el("b", {}, told.question),
    el("ul", {}, told.options.map((option) => el("li", {}, option.text))),
    el("small", {}, n("votes", told.total_voter_count ?? 0)));
}
