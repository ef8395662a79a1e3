// By what the tour knows what happened: only what stands in the bot's private chat with its own
// person counts, whatever others do.

import { chatOf, now, state, userOf } from "./store.js";

const OFFERED = /^f(who|case|hear|city):.*:1$/;
const FOLLOWED = /^f(who|case|hear|city):.*:0$/;
const NOTICE = /^(mute|unfollow|come):.*:1$/; // buttons that only a notice has
const DOWN = ["killed", "stopped"];

const messages = (person) => chatOf(person)?.messages ?? [];
const buttons = (message) => message?.reply_markup?.inline_keyboard?.flat() ?? [];
const has = (message, kind) => buttons(message).some(({ callback_data: carried }) => kind.test(carried ?? ""));
const isBots = (message) => message?.from?.id === state.bot.id;

export const started = (person) => Boolean(userOf(person)?.started);
export const isDown = () => DOWN.includes(state.bot.state);
export const newest = (person) => messages(person).at(-1)?.message_id ?? 0;

// The newest message, if it offers to follow what it shows.
export function offer(person) {
  const message = messages(person).at(-1);
  return isBots(message) && has(message, OFFERED) ? message : null;
}

export function labels(message) {
  return buttons(message).filter(({ callback_data: carried }) => OFFERED.test(carried ?? "")).map(({ text }) => text);
}

// How many things cards tell this person follows.
export function follows(person) {
  const carried = messages(person).filter(isBots).flatMap(buttons).map(({ callback_data }) => callback_data ?? "");
  return new Set(carried.filter((data) => FOLLOWED.test(data))).size;
}

export const moved = (since) => state.offset > since.offset + 1;

// The newest notice of after the clock was moved: dates of messages are the clock's.
export function notice(person, since) {
  if (!moved(since)) return 0;
  const unmoved = now() - (state.offset - since.offset);
  const told = (message) => message.message_id > since.upTo && message.date > unmoved && isBots(message) && has(message, NOTICE);
  return messages(person).findLast(told)?.message_id ?? since.told;
}
