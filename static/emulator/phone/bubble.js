// One message as a bubble.

import { h, icon } from "./dom.js";
import { full, hour, plain, rich } from "./format.js";
import { interactive, template } from "./interactive.js";
import { media } from "./media.js";
import { actionsFor } from "./actions.js";
import { say } from "./words.js";

const TICKS = { accepted: "clock", sent: "check", delivered: "checks", read: "checks", failed: "alert" };

// The shortest way to say what a message says: for quotes and the list of chats.
export function gist(entry) {
  const { type } = entry.message;
  const body = entry.message[type] || {};
  if (entry.revoked) return say("revoked");
  if (type === "text") return plain(body.body || "");
  if (type === "interactive") return body.button_reply?.title || body.list_reply?.title || plain(body.body?.text || "") || say("form_sent");
  if (type === "button") return body.text;
  if (type === "template") return plain(entry.rendered?.body || body.name || "");
  return body.caption || body.filename || say(type);
}

function content(phone, entry) {
  const { type } = entry.message;
  const body = entry.message[type] || {};
  if (entry.revoked) return { parts: [h("p", { class: "words soft" }, say("revoked"))], below: [] };
  if (type === "text") return { parts: [h("p", { class: "words" }, ...rich(body.body || ""))], below: [] };
  if (type === "template") return template(phone, entry);
  if (type === "interactive" && entry.direction === "out") return interactive(phone, entry, body);
  if (type === "interactive" || type === "button") return { parts: [h("p", { class: "words" }, gist(entry))], below: [] };
  const shown = media(type, body);
  return { parts: shown || [h("p", { class: "words soft" }, say("unknown_kind", { kind: type }))], below: [] };
}

function quote(phone, entry) {
  const id = entry.message.context?.id;
  const quoted = id && phone.entries.get(id);
  return quoted ? h("div", { class: "quote" }, h("span", {}, gist(quoted))) : null;
}

function end(entry) {
  const parts = [entry.edited && h("span", {}, say("edited")), h("time", { datetime: new Date(entry.timestamp_ms).toISOString(), title: full(entry.timestamp_ms) }, hour(entry.timestamp_ms))];
  // Ticks stand on what this phone sent; a failed one of the business is shown too, the emulator's own courtesy.
  if (entry.direction === "in" || entry.status === "failed") {
    const tick = icon(TICKS[entry.status] || "clock", say(`tick_${entry.status}`));
    tick.classList.add(`is-${entry.status}`);
    parts.push(tick);
  }
  return h("p", { class: "end" }, ...parts);
}

function reactions(entry) {
  const found = Object.values(entry.reactions || {}).filter(Boolean);
  return found.length ? h("p", { class: "reactions" }, found.join(" ")) : null;
}

export function bubble(phone, entry) {
  const mine = entry.direction === "in";
  const { parts, below } = content(phone, entry);
  const errors = (entry.errors || []).map((error) => h("p", { class: "error" }, `${error.code}: ${error.title || error.message || ""}`));
  const who = h("span", { class: "spoken" }, mine ? say("you_said") : say("they_said"));
  const more = h("button", { type: "button", class: "more", "aria-label": say("message_menu"), title: say("message_menu"), onclick: () => actionsFor(phone, entry) }, icon("down"));
  const body = h("div", { class: "body" }, who, entry.by === "owner" && h("p", { class: "foot" }, say("by_owner")), quote(phone, entry), ...parts, ...errors, end(entry), more);
  const node = h("div", { class: `bubble ${mine ? "is-mine" : ""}`, data: { wamid: entry.wamid } }, body, ...below, reactions(entry));
  node.addEventListener("contextmenu", (event) => {
    if (event.target.closest("a, button")) return;
    event.preventDefault();
    actionsFor(phone, entry);
  });
  return node;
}
