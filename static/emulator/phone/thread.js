// An open chat: bubbles with days between them, held at the end unless somebody reads further up.

import { act, read } from "./api.js";
import { bubble } from "./bubble.js";
import { h } from "./dom.js";
import { day, full } from "./format.js";
import { say } from "./words.js";
import { now } from "./world.js";

const NEAR = 80;
const HIDDEN = new Set(["reaction", "edit", "revoke"]);

export class Thread {
  constructor(phone) {
    this.phone = phone;
    this.log = h("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0" });
    this.typing = h("p", { class: "typing", hidden: true }, h("span", { class: "spoken" }, say("typing")), h("i"), h("i"), h("i"));
    this.note = h("p", { class: "note" });
    this.node = h("div", { class: "thread" }, this.log);
    // A picture that arrives late must not push the newest message out of sight.
    this.log.addEventListener("load", () => this.held && this.toEnd(), true);
    this.log.addEventListener("scroll", () => (this.held = this.isAtEnd()));
  }

  async open() {
    const { phone } = this;
    const found = await read(`chat?number=${phone.number}&user=${encodeURIComponent(phone.user)}`);
    phone.entries = new Map(found.messages.map((entry) => [entry.wamid, entry]));
    this.closes = found.window_closes_at;
    this.draw();
    this.toEnd();
    this.seen();
    this.type(found.typing_until ? Math.max(0, found.typing_until * 1000 - now()) : 0);
  }

  draw() {
    let before = "";
    const words = { today: say("today"), yesterday: say("yesterday") };
    const nodes = [];
    for (const entry of this.phone.entries.values()) {
      if (HIDDEN.has(entry.message.type)) continue;
      const label = day(entry.timestamp_ms, words);
      if (label !== before) nodes.push(h("p", { class: "day" }, label));
      before = label;
      nodes.push(bubble(this.phone, entry));
    }
    if (!nodes.length) nodes.push(h("p", { class: "day is-note" }, say("empty_chat")));
    this.note.textContent = this.closes ? say("window", { at: full(this.closes * 1000) }) : "";
    this.log.replaceChildren(...nodes, this.typing, this.note);
  }

  isAtEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR;
  }

  put(entry) {
    const atEnd = this.isAtEnd();
    const known = this.phone.entries.has(entry.wamid);
    this.phone.entries.set(entry.wamid, entry);
    if (entry.direction === "in" && !known) this.closes = entry.timestamp_ms / 1000 + 86400;
    this.draw();
    if (entry.direction === "out") this.type(0);
    if (atEnd || entry.direction === "in") this.toEnd();
    if (entry.direction === "out" && !known) this.seen();
  }

  mark({ wamid, status, errors }) {
    const entry = this.phone.entries.get(wamid);
    if (!entry) return;
    const atEnd = this.isAtEnd();
    Object.assign(entry, { status, errors: errors || entry.errors });
    this.draw();
    if (atEnd) this.toEnd();
  }

  type(ms) {
    clearTimeout(this.timer);
    this.typing.hidden = ms <= 0;
    this.phone.status(ms > 0 ? say("typing") : "");
    if (ms > 0) {
      this.timer = setTimeout(() => this.type(0), ms);
      this.toEnd();
    }
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.held = true;
  }

  seen() {
    if (document.hidden) return;
    act("read", { number: this.phone.number, user: this.phone.user }).catch(() => {});
  }
}
