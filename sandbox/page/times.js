// Moments in words, in somebody's zone and in the page's language.

import { language, t } from "./language.js";
import { now, state } from "./store.js";

const formats = new Map();

function format(options, zone) {
  const key = JSON.stringify([options, zone, language()]);
  if (!formats.has(key)) formats.set(key, made({ hourCycle: "h23", ...options }, zone));
  return formats.get(key);
}

// A zone the browser does not know must not break a chat.
function made(options, zone) {
  const tag = language() === "en" ? "en-GB" : language();
  try {
    return new Intl.DateTimeFormat(tag, { ...options, timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat(tag, { ...options, timeZone: "UTC" });
  }
}

function shown(unix, options, zone) {
  return isMoment(unix) ? format(options, zone).format(new Date(unix * 1000)) : String(unix);
}

// No calendar has all that a number can say, and one message must not break a chat.
export function isMoment(unix) {
  return !Number.isNaN(new Date(unix * 1000).getTime());
}

export function time(unix, zone) {
  return shown(unix, { hour: "2-digit", minute: "2-digit" }, zone);
}

export function seconds(unix, zone) {
  return shown(unix, { hour: "2-digit", minute: "2-digit", second: "2-digit" }, zone);
}

// The same for all moments of one day, other for those of another.
export function dayKey(unix, zone) {
  return shown(unix, { year: "numeric", month: "numeric", day: "numeric" }, zone);
}

export function day(unix, zone) {
  if (dayKey(unix, zone) === dayKey(now(), zone)) return t("today");
  return shown(unix, { day: "numeric", month: "long", ...year(unix, now(), zone) }, zone);
}

export function full(unix, zone) {
  const options = { weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" };
  return shown(unix, { ...options, timeZoneName: "short" }, zone);
}

export function dateAndTime(unix, zone) {
  return shown(unix, { weekday: "short", day: "numeric", month: "short", ...year(unix, now(), zone), hour: "2-digit", minute: "2-digit" }, zone);
}

// On the clock, whose year may be another than the real one.
export function longDate(unix, zone) {
  return shown(unix, { weekday: "long", day: "numeric", month: "long", ...year(unix, now() - state.offset, zone) }, zone);
}

// Told only if it is another than that of the moment it is seen from.
function year(unix, from, zone) {
  const of = (moment) => shown(moment, { year: "numeric" }, zone);
  return of(unix) === of(from) ? {} : { year: "numeric" };
}

// "GMT+3"
export function offset(unix, zone) {
  if (!isMoment(unix)) return "";
  return format({ timeZoneName: "shortOffset" }, zone).formatToParts(new Date(unix * 1000)).find(({ type }) => type === "timeZoneName").value;
}

// As short as a list of chats wants it: the time today, else the date.
export function brief(unix, zone) {
  if (dayKey(unix, zone) === dayKey(now(), zone)) return time(unix, zone);
  return shown(unix, { day: "numeric", month: "short" }, zone);
}

const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];

export function distance(unix) {
  const away = unix - now();
  const [unit, size] = UNITS.find(([, length]) => Math.abs(away) >= length) ?? ["minute", 60];
  return new Intl.RelativeTimeFormat(language(), { numeric: "auto" }).format(Math.round(away / size), unit);
}

// How a client shows a `date_time` entity with a format: r, or any of w d D t T.
export function styled(unix, style, zone) {
  if (style === "r") return distance(unix);
  const parts = {
    w: { weekday: "long" },
    d: { day: "2-digit", month: "2-digit", year: "numeric" },
    D: { day: "numeric", month: "long", year: "numeric" },
    t: { hour: "2-digit", minute: "2-digit" },
    T: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  };
  return shown(unix, Object.assign({}, ...[...style].map((letter) => parts[letter])), zone);
}
