// The page's own language, and texts in it.

import { keepText, text } from "./kept.js";
import { TEXTS } from "./texts.js";

const KEPT = "language";

export function languages() {
  return Object.keys(TEXTS);
}

// Somebody's choice, else the first of the browser's languages that there is.
export function language() {
  const wanted = [text(KEPT), ...navigator.languages.map((tag) => tag.split("-")[0])];
  return wanted.find((tag) => Object.hasOwn(TEXTS, tag)) ?? "en";
}

export function choose(tag) {
  keepText(KEPT, tag);
}

export function t(key, values = {}) {
  return filled(TEXTS[language()][key], values);
}

// A text with a number, in the form the language wants.
export function n(key, number, values = {}) {
  const forms = TEXTS[language()][key];
  const form = new Intl.PluralRules(language()).select(number);
  return filled(forms[form] ?? forms.other, { n: new Intl.NumberFormat(language()).format(number), ...values });
}

function filled(words, values) {
  return words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
