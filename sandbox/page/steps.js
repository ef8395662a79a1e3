// The five steps of the tour: what each says now, what it points at, and whether it is done.

import { follows, isDown, labels, moved, offer, started } from "./signs.js";
import { state } from "./store.js";

const CLOCK = ["clock", "#clock .next"];
const BACK = ["clock", '#clock [data-move="now"]'];
const LIFE = ["troubles", "#troubles .life"];

export const nodes = (selector) => [...document.querySelectorAll(selector)];
const view = (text, [place, selector]) => ({ text, place, target: () => nodes(selector) });

const followed = ({ person, since }) => follows(person) > since.follows;
const found = ({ person }) => Boolean(offer(person));

// On a person's telephone; first of all to the chat with the bot, if it shows another one.
function onTelephone(trip, text, target) {
  const { person } = trip;
  const inside = (selector) => nodes(`.telephone[data-user="${person}"] ${selector}`);
  const elsewhere = state.telephones.some(({ user, chat }) => user === person && chat !== person);
  if (!elsewhere) return { text, place: person, target: () => target(inside) };
  const way = () => {
    const listed = inside(`.chats [data-chat="${person}"]`);
    return listed.length ? listed : inside(".to-chats");
  };
  return { text: "tour_other_chat", place: person, target: way };
}

const below = (inside) => inside(".bottom");
const toSearch = (trip) => onTelephone(trip, "tour_search_text", below);

function toFollow(trip) {
  const message = offer(trip.person);
  if (!message) return toSearch(trip);
  const said = labels(message);
  return onTelephone(trip, "tour_follow_text", (inside) => {
    const bells = inside(`.row[data-id="${message.message_id}"] .key`).filter((key) => said.includes(key.textContent));
    return bells.length ? bells : inside(".pill");
  });
}

// The way to what is due, or why there is none.
function toDue({ waits }, text) {
  if (waits) return view("tour_wait", CLOCK);
  if (!state.due) return Math.abs(state.offset) >= 1 ? view("tour_to_now", BACK) : view("tour_nothing", CLOCK);
  return view(state.due.told === 0 ? "tour_nobody" : text, CLOCK);
}

function toTold(trip) {
  return onTelephone(trip, "tour_clock_after", (inside) => {
    const bubble = inside(`.row[data-id="${trip.since.told}"] .bubble`);
    return bubble.length ? bubble : inside(".pill");
  });
}

function toTrouble(trip) {
  const { since, waits } = trip;
  const due = toDue({ waits: false }, "tour_trouble_text");
  if (!since.ended) return due.text === "tour_trouble_text" ? view(due.text, LIFE) : due;
  if (!moved(since)) return due;
  return isDown() || waits ? view("tour_trouble_text", LIFE) : due;
}

// `look(trip)`: a text, what is pointed at, and the place that must be in sight on a small screen.
// A trip: whose `person` it is, what was so `since` the step began, whether one `waits` for the bot.
export const STEPS = [
  { title: "tour_start", look: (trip) => onTelephone(trip, "tour_start_text", below), done: ({ person }) => started(person) },
  { title: "tour_search", look: toSearch, done: (trip) => found(trip) || followed(trip) },
  { title: "tour_follow", look: toFollow, done: followed },
  { title: "tour_clock", look: (trip) => (trip.since.told ? toTold(trip) : toDue(trip, "tour_clock_text")), done: () => false },
  { title: "tour_trouble", look: toTrouble, done: ({ since }) => since.ended && since.told > 0 },
];
