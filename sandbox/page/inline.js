// The inline mode: "@bot words" in any chat lists what the bot offers; choosing one sends it.

import { avatar } from "./dom.js";
import { t } from "./language.js";
import { ask } from "./live.js";
import { state } from "./store.js";

const REST = 250;

export function makeInline(phone, options, clear) {
  let typed = null;
  let timer = 0;
  let results = [];
  let next = "";
  let asking = false;

  // What is asked of the bot by this text, or null.
  function queryOf(text) {
    const call = `@${state.bot.username} `.toLowerCase();
    return text.toLowerCase().startsWith(call) ? text.slice(call.length) : null;
  }

  function onText(text) {
    const query = queryOf(text);
    if (query === typed) return query !== null;
    typed = query;
    clearTimeout(timer);
    if (query === null) return false;
    timer = setTimeout(() => begin(query), REST);
    return true;
  }

  async function begin(query) {
    results = [];
    next = "";
    await more(query, "");
  }

  async function more(query, offset) {
    if (asking && offset) return;
    asking = true;
    try {
      const told = await ask("inline", { as: phone.user, chat: phone.chat, query, offset });
      if (typed !== query) return;
      results = [...results, ...told.results];
      next = told.next_offset ?? "";
      show(query, told.query);
    } catch (error) {
      if (typed === query) phone.refused(error);
    } finally {
      asking = false;
    }
  }

  function show(query, number) {
    const items = results.map((result) => ({
      title: result.title || t("untitled"),
      description: result.description || result.text || "",
      lead: avatar(result.title?.codePointAt(0) ?? 0, result.title ?? ""),
      pick: (key) => { if (key !== "Tab") choose(number, result); },
    }));
    options.show(items, { note: items.length ? "" : t("nothing_found"), onEnd: () => next && more(query, next) });
  }

  async function choose(query, result) {
    stop();
    clear();
    try {
      await ask("choose", { as: phone.user, chat: phone.chat, query, result: result.id });
    } catch (error) {
      phone.refused(error);
    }
  }

  function stop() {
    typed = null;
    clearTimeout(timer);
    options.hide();
  }

  return { onText, stop, isOn: () => typed !== null };
}
