// One phone in one person's hand: the list of chats, and the chat that is open.

import { Attach } from "./attach.js";
import { Composer } from "./composer.js";
import { h, icon, iconButton } from "./dom.js";
import { avatar, List } from "./list.js";
import { toast } from "./sheet.js";
import { Thread } from "./thread.js";
import { say } from "./words.js";
import { numberOf, userOf } from "./world.js";

export class Phone {
  constructor(user, onmove) {
    this.user = user;
    this.onmove = onmove;
    this.entries = new Map();
    this.attach = new Attach(this);
    this.list = new List(this);
    this.thread = new Thread(this);
    this.composer = new Composer(this);
    this.top = h("header", { class: "bar" });
    this.chat = h("div", { class: "screen is-chat", hidden: true }, this.top, this.thread.node, this.composer.node);
    this.node = h("section", { class: "handset", "aria-label": say("phone_of", { name: userOf(user)?.name || "" }) }, this.list.node, this.chat);
  }

  hold(user) {
    this.user = user;
    this.node.setAttribute("aria-label", say("phone_of", { name: userOf(user)?.name || "" }));
    this.close();
    this.onmove?.();
  }

  async talk(number) {
    this.number = number;
    const known = numberOf(number);
    const name = known?.verified_name || known?.display_phone_number || "";
    this.line = h("span", { class: "soft" }, known?.display_phone_number || "");
    this.top.replaceChildren(iconButton("back", say("back"), () => this.close()), avatar(name), h("span", { class: "chat-words" }, h("strong", {}, name, " ", icon("badge", say("verified"))), this.line));
    this.thread.log.setAttribute("aria-label", say("chat_with", { name }));
    this.list.node.hidden = true;
    this.chat.hidden = false;
    await this.thread.open().catch((error) => toast(this, error.message));
    this.composer.open();
    this.onmove?.();
  }

  close() {
    this.number = undefined;
    this.chat.hidden = true;
    this.list.node.hidden = false;
    this.list.draw();
    this.onmove?.();
  }

  status(text) {
    if (this.line) this.line.textContent = text || numberOf(this.number)?.display_phone_number || "";
  }

  focusEntry() {
    if (this.number) this.composer.area.focus();
  }

  take(event) {
    if (event.type === "state" || event.type === "resync") {
      if (this.number) this.thread.open();
      else this.list.draw();
      return;
    }
    if (event.user !== this.user) return;
    if (event.number !== this.number) {
      if (!this.number) this.list.draw();
      return;
    }
    if (event.type === "message" || event.type === "change") this.thread.put(event.entry);
    if (event.type === "status") this.thread.mark(event);
    if (event.type === "typing") this.thread.type((event.seconds || 0) * 1000);
  }
}
