// What the emulator knows, kept up to date by its stream of events.

import { read } from "./api.js";

export const world = { numbers: [], users: [], portfolios: [], wabas: [], ahead: 0 };
const listeners = new Set();
let last = "";

export function listen(listener) {
  listeners.add(listener);
}

function tell(event) {
  for (const listener of listeners) listener(event);
}

export async function load() {
  const state = await read("state");
  Object.assign(world, state, { ahead: state.now * 1000 - Date.now() });
}

// Milliseconds of the emulator's own clock, which tests and demos move ahead.
export function now() {
  return Date.now() + world.ahead;
}

// By their ids, or by the digits people dial.
const find = (rows, id, digits) => (id ? rows.find((one) => one.id === id || one[digits] === id) : undefined);
export const numberOf = (id) => find(world.numbers, id, "wa_id");
export const userOf = (id) => find(world.users, id, "phone");

async function take(message) {
  last = message.lastEventId || last;
  const event = JSON.parse(message.data);
  if (["state", "resync", "clock", "otp"].includes(event.type)) await load();
  tell(event);
}

export function follow() {
  const source = new EventSource("/__ctl/stream");
  source.addEventListener("message", take);
  source.addEventListener("open", () => tell({ type: "online" }));
  source.addEventListener("error", () => tell({ type: "offline" }));
}
