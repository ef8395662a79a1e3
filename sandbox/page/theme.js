// As the system has it, or light, or dark.

import { keepText, text } from "./kept.js";

const KEPT = "theme";
const THEMES = ["theme_auto", "theme_light", "theme_dark"];

export function theme() {
  const kept = text(KEPT);
  return THEMES.includes(kept) ? kept : THEMES[0];
}

export function nextTheme(turn = true) {
  if (turn) keepText(KEPT, THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]);
  document.documentElement.dataset.theme = theme().replace("theme_", "");
}
