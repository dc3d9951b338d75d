// Writing: text, quotes, slash commands, ice breakers.

import { act } from "./api.js";
import { gist } from "./bubble.js";
import { h, iconButton } from "./dom.js";
import { menu, toast } from "./sheet.js";
import { say } from "./words.js";
import { numberOf } from "./world.js";

export class Composer {
  constructor(phone) {
    this.phone = phone;
    this.area = h("textarea", { rows: 1, placeholder: say("type"), "aria-label": say("type"), autocomplete: "off", oninput: () => this.fit(), onkeydown: (event) => this.key(event) });
    this.quoted = h("div", { class: "quoting", hidden: true });
    this.ideas = h("div", { class: "ideas", hidden: true });
    const form = h("form", { class: "composer", onsubmit: (event) => (event.preventDefault(), this.send()) });
    const attach = iconButton("plus", say("attach"), () => this.attachments());
    const send = iconButton("send", say("send"), null, { type: "submit", class: "round is-solid" });
    form.append(attach, this.area, send);
    this.node = h("div", { class: "foot-bar" }, this.ideas, this.quoted, form);
  }

  open() {
    this.drop();
    const number = numberOf(this.phone.number);
    const prompts = this.phone.entries.size ? [] : number?.prompts || [];
    this.ideas.hidden = !prompts.length;
    this.ideas.replaceChildren(...prompts.map((text) => h("button", { type: "button", class: "idea", onclick: () => this.say(text) }, text)));
  }

  attachments() {
    const { attach } = this.phone;
    const commands = (numberOf(this.phone.number)?.commands || []).map((one) => [`/${one.command_name} – ${one.command_description}`, () => this.say(`/${one.command_name}`)]);
    menu(this.phone, say("attach"), [
      [say("image"), () => attach.pick("image", "image/jpeg,image/png")],
      [say("document"), () => attach.pick("document", "")],
      [say("audio"), () => attach.pick("audio", "audio/*")],
      [say("video"), () => attach.pick("video", "video/mp4,video/3gpp")],
      [say("sticker"), () => attach.pick("sticker", "image/webp")],
      [say("location"), () => attach.location()],
      [say("contacts"), () => attach.contact()],
      ...commands,
    ]);
  }

  fit() {
    this.area.rows = Math.min(5, this.area.value.split("\n").length);
  }

  key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    }
    if (event.key === "Escape") this.drop();
  }

  quote(entry) {
    this.replyTo = entry.wamid;
    this.quoted.hidden = false;
    this.quoted.replaceChildren(h("span", {}, gist(entry)), iconButton("x", say("close"), () => this.drop()));
    this.area.focus();
  }

  drop() {
    this.replyTo = undefined;
    this.quoted.hidden = true;
  }

  async send() {
    const text = this.area.value.trim();
    if (!text) return;
    this.area.value = "";
    this.fit();
    await this.say(text);
  }

  async say(text) {
    const { number, user } = this.phone;
    const reply_to = this.replyTo;
    this.drop();
    this.ideas.hidden = true;
    try {
      await act("say", { number, user, text, ...(reply_to ? { reply_to } : {}) });
    } catch (error) {
      this.area.value = text;
      toast(this.phone, error.message);
    }
  }
}
