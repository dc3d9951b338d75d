// The chats of one person, and a chat with a business not written to before.

import { read } from "./api.js";
import { gist } from "./bubble.js";
import { h, iconButton } from "./dom.js";
import { hour } from "./format.js";
import { newcomer, person } from "./person.js";
import { menu } from "./sheet.js";
import { say } from "./words.js";
import { numberOf, userOf, world } from "./world.js";

export function avatar(name) {
  const letters = name.split(/\s+/).slice(0, 2).map((word) => word[0] || "").join("");
  const hue = [...name].reduce((sum, char) => sum + char.codePointAt(0), 0) % 6;
  return h("span", { class: `avatar hue-${hue}`, "aria-hidden": "true" }, letters.toUpperCase());
}

export class List {
  constructor(phone) {
    this.phone = phone;
    this.who = h("select", { class: "who", "aria-label": say("whose_phone"), onchange: () => this.pick() });
    const head = h("header", { class: "bar" }, this.who, iconButton("settings", say("person_settings"), () => person(phone)), iconButton("message", say("new_chat"), () => this.start()));
    this.rows = h("ul", { class: "chats", role: "list" });
    this.node = h("div", { class: "screen is-list" }, head, this.rows);
  }

  pick() {
    if (this.who.value === "+") newcomer(this.phone, (user) => this.phone.hold(user));
    else this.phone.hold(this.who.value);
    this.draw();
  }

  async draw() {
    const { phone } = this;
    const people = world.users.map((user) => h("option", { value: user.id, selected: user.id === phone.user }, `${user.name}${user.phone_visible ? "" : ` · @${user.username || "?"}`}`));
    this.who.replaceChildren(...people, h("option", { value: "+" }, say("add_person")));
    if (!phone.user) return;
    const { chats } = await read(`chats?user=${encodeURIComponent(phone.user)}`);
    this.rows.replaceChildren(...chats.map((chat) => this.row(chat)));
    if (!chats.length) {
      const start = h("button", { type: "button", class: "solid", onclick: () => this.start() }, say("new_chat"));
      this.rows.replaceChildren(h("li", { class: "nothing" }, h("p", {}, say("no_chats", { name: userOf(phone.user)?.name || "" })), start));
    }
  }

  row(chat) {
    const number = numberOf(chat.number);
    const name = number?.verified_name || number?.display_phone_number || chat.name;
    const words = h("span", { class: "chat-words" }, h("strong", {}, name), h("span", { class: "soft cut" }, chat.last ? gist(chat.last) : ""));
    const side = h("span", { class: "chat-side" }, h("span", { class: "soft" }, chat.last ? hour(chat.last.timestamp_ms) : ""), chat.unread ? h("span", { class: "count", "aria-label": say("unread", { n: chat.unread }) }, String(chat.unread)) : null);
    return h("li", {}, h("button", { type: "button", class: "chat", onclick: () => this.phone.talk(chat.number) }, avatar(name), words, side));
  }

  start() {
    const known = [...world.numbers].sort((a, b) => Number(b.registered) - Number(a.registered));
    const items = known.map((one) => [`${one.verified_name} · ${one.display_phone_number}${one.registered ? "" : ` (${say("not_connected")})`}`, () => this.phone.talk(one.id)]);
    menu(this.phone, say("new_chat"), items);
  }
}
