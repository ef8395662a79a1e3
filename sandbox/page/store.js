// What the page knows. The server owns all of it; here it is only kept to be drawn.

export const state = {
  ready: false,
  run: "",
  now: 0,
  offset: 0,
  due: null,
  coming: null,
  zone: null,
  somebody: {},
  bot: { id: 0, username: "", name: "", description: "", commands: {}, state: "starting" },
  telephones: [],
  users: new Map(),
  chats: new Map(),
  troubles: { slow: 0, every: {} },
  calls: [],
  violations: 0,
};

const CALLS_KEPT = 500;
let received = 0;
let listeners = [];

export function on(event, listener) {
  listeners.push({ event, listener });
}

// Before everything is drawn anew, such as in another language.
export function forgetListeners() {
  listeners = [];
}

export function tell(event, what) {
  for (const { event: wanted, listener } of [...listeners]) if (wanted === event) listener(what);
}

// The campaign's time between two messages of the server.
export function now() {
  return state.now + (performance.now() - received) / 1000;
}

export function chatOf(id) {
  return state.chats.get(id);
}

export function userOf(id) {
  return state.users.get(id);
}

export function nameOf(user) {
  return [user?.first_name, user?.last_name].filter(Boolean).join(" ");
}

export function placesOf(user) {
  const inside = (chat) => chat.id === user || !["left", "kicked", undefined].includes(chat.members?.[user]);
  return [...state.chats.values()].filter(inside);
}

export function indexOf(messages, id) {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (messages[middle].message_id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function find(chat, id) {
  const found = chat.messages[indexOf(chat.messages, id)];
  return found?.message_id === id ? found : undefined;
}

const REDUCERS = {
  state: (told) => {
    Object.assign(state, told, {
      ready: true,
      users: new Map(told.users.map((user) => [user.id, user])),
      chats: new Map(told.chats.map((chat) => [chat.id, withPast(chat)])),
      calls: told.calls.slice(-CALLS_KEPT),
    });
    setTime(told);
  },
  message: ({ chat, message }) => {
    const place = chatOf(chat);
    if (!place) return;
    insert(place.messages, message);
    place.total = (place.total ?? 0) + 1;
    place.typing = 0;
  },
  edited: ({ chat, message }) => {
    const place = chatOf(chat);
    if (place && find(place, message.message_id)) place.messages[indexOf(place.messages, message.message_id)] = message;
  },
  deleted: ({ chat, message_id }) => {
    const place = chatOf(chat);
    if (!place || !find(place, message_id)) return;
    place.messages.splice(indexOf(place.messages, message_id), 1);
    place.total -= 1;
  },
  reaction: ({ chat, message_id, reactions }) => {
    const message = chatOf(chat) && find(chatOf(chat), message_id);
    if (message) message.reactions = reactions;
  },
  keyboard: ({ chat, keyboard }) => {
    if (chatOf(chat) && !keyboard?.force_reply) chatOf(chat).keyboard = keyboard;
  },
  chat: ({ chat }) => state.chats.set(chat.id, withPast(chat)),
  user: ({ user }) => state.users.set(user.id, user),
  telephones: (told) => { state.telephones = told.telephones; },
  bot: (told) => { state.bot = told.bot ?? told; },
  typing: ({ chat, action }) => {
    if (chatOf(chat)) Object.assign(chatOf(chat), { typing: performance.now() + 5000, action });
  },
  call: (told) => {
    const again = state.calls.at(-1)?.n === (told.call ?? told).n;
    state.calls.splice(again ? -1 : state.calls.length, again ? 1 : 0, told.call ?? told);
    if (state.calls.length > CALLS_KEPT) state.calls.splice(0, state.calls.length - CALLS_KEPT);
    state.violations += (told.call ?? told).violations?.length ?? 0;
  },
  clock: (told) => setTime(told),
  troubles: (told) => { state.troubles = told.troubles ?? told; },
};

export function take(told) {
  REDUCERS[told.event]?.(told);
  tell(told.event, told);
}

// What was loaded of a chat's past stays, if the newest that came join it.
function withPast(chat) {
  const known = chatOf(chat.id)?.messages ?? [];
  const from = chat.messages[0]?.message_id ?? 0;
  const joined = chat.messages.length && known.some((message) => message.message_id === from);
  const past = joined ? known.slice(0, indexOf(known, from)) : [];
  return { ...chat, messages: [...past, ...chat.messages], begun: past.length ? chatOf(chat.id).begun : false };
}

// Those of before come from the server on demand; true if there are none.
export function addOlder(chat, messages) {
  for (const message of messages) insert(chat.messages, message);
  chat.begun = messages.length === 0;
}

function insert(messages, message) {
  const at = indexOf(messages, message.message_id);
  messages.splice(at, messages[at]?.message_id === message.message_id ? 1 : 0, message);
}

function setTime(told) {
  received = performance.now();
  state.now = told.now;
  state.offset = told.offset ?? 0;
  state.due = told.due ?? null;
  state.coming = told.coming ?? null;
  state.zone = told.zone ?? state.zone;
}
