// What a person can do with one message: answer, react, change, delete, copy.

import { act } from "./api.js";
import { h } from "./dom.js";
import { menu, sheet, toast } from "./sheet.js";
import { say } from "./words.js";

const FACES = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

async function send(phone, verb, entry, more = {}) {
  try {
    await act(verb, { number: phone.number, user: phone.user, wamid: entry.wamid, ...more });
  } catch (error) {
    toast(phone, error.message);
  }
}

function react(phone, entry) {
  const own = entry.reactions?.user;
  const faces = FACES.map((face) =>
    h("button", { type: "button", class: "face", "aria-pressed": String(own === face), onclick: () => (opened.close(), send(phone, "react", entry, { emoji: own === face ? "" : face })) }, face),
  );
  const opened = sheet(phone, say("react"), h("div", { class: "faces" }, ...faces));
}

function edit(phone, entry) {
  const area = h("textarea", { rows: 4, "aria-label": say("edit") });
  area.value = entry.message.text.body;
  const save = h("button", { type: "button", class: "solid", onclick: () => (opened.close(), send(phone, "edit", entry, { text: area.value })) }, say("save"));
  const opened = sheet(phone, say("edit"), area, save);
}

export function actionsFor(phone, entry) {
  const mine = entry.direction === "in";
  const text = entry.message.text?.body;
  menu(phone, say("message_menu"), [
    [say("reply"), () => phone.composer.quote(entry)],
    [say("react"), () => react(phone, entry)],
    text && [say("copy"), () => navigator.clipboard?.writeText(text)],
    mine && text && !entry.revoked && [say("edit"), () => edit(phone, entry)],
    mine && !entry.revoked && [say("revoke"), () => send(phone, "revoke", entry), "is-danger"],
  ]);
}
