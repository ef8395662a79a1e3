// The one WebSocket to the server: events come, actions go and are answered by their number.

import { state, take, tell } from "./store.js";

const WAITS = [300, 600, 1200, 2500, 5000];
let socket = null;
let tries = 0;
let number = 0;
let waiting = new Map();

export let connection = "connecting";

export function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}/live`);
  socket.addEventListener("message", ({ data }) => hear(JSON.parse(data)));
  socket.addEventListener("close", lost);
  addEventListener("online", hurry, { once: true });
}

// The result of an action, or an Error with the server's `code`.
export function ask(action, fields = {}) {
  if (socket?.readyState !== WebSocket.OPEN) return Promise.reject(refusal({ code: "offline" }));
  const id = ++number;
  socket.send(JSON.stringify({ do: action, id, ...fields }));
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

export function refusal({ code = "unknown", text = "" } = {}) {
  return Object.assign(new Error(text || code), { code });
}

function hear(told) {
  if (told.event === "done") return settle(told);
  if (told.event === "state") {
    if (state.run && told.run !== state.run) return location.reload(); // nothing of that run is left
    become("open");
  }
  take(told);
}

function settle({ id, result, error }) {
  const asked = waiting.get(id);
  waiting.delete(id);
  if (error) asked?.reject(refusal(error));
  else asked?.resolve(result ?? {});
}

function lost() {
  if (connection !== "connecting" || tries > 0) become("lost");
  for (const { reject } of waiting.values()) reject(refusal({ code: "offline" }));
  waiting = new Map();
  setTimeout(connect, WAITS[Math.min(tries++, WAITS.length - 1)]);
}

function hurry() {
  tries = 0;
}

function become(what) {
  if (what === "open") tries = 0;
  connection = what;
  tell("connection", what);
}
