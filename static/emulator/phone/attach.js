// Sending more than text.

import { act } from "./api.js";
import { h } from "./dom.js";
import { sheet, toast } from "./sheet.js";
import { say } from "./words.js";

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result.split(",")[1]));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}

function asked(label, name, value) {
  return h("label", { class: "asked" }, h("span", {}, label), h("input", { name, value, required: true, autocomplete: "off" }));
}

export class Attach {
  constructor(phone) {
    this.phone = phone;
  }

  async send(path, body) {
    const { number, user } = this.phone;
    try {
      await act(path, { number, user, ...body });
    } catch (error) {
      toast(this.phone, error.message);
    }
  }

  pick(kind, accept) {
    const input = h("input", { type: "file", accept });
    input.addEventListener("change", async () => {
      const [file] = input.files;
      if (!file) return;
      const mime_type = file.type || "application/octet-stream";
      const more = kind === "audio" ? { voice: true } : { filename: file.name };
      await this.send("media", { kind, mime_type, data: await base64(file), ...more });
    });
    input.click();
  }

  ask(title, fields, done) {
    const form = h("form", { class: "asks" }, ...fields, h("button", { type: "submit", class: "solid" }, say("send")));
    const opened = sheet(this.phone, title, form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      opened.close();
      done(Object.fromEntries(new FormData(form)));
    });
  }

  location() {
    const fields = [asked(say("latitude"), "latitude", "-6.9175"), asked(say("longitude"), "longitude", "107.6191"), asked(say("place_name"), "name", "Gedung Sate")];
    this.ask(say("location"), fields, ({ latitude, longitude, name }) =>
      this.send("say", { message: { type: "location", location: { latitude: Number(latitude), longitude: Number(longitude), name } } }),
    );
  }

  contact() {
    const fields = [asked(say("name"), "name", ""), asked(say("phone"), "phone", "+62")];
    this.ask(say("contacts"), fields, ({ name, phone }) =>
      this.send("say", { message: { type: "contacts", contacts: [{ name: { formatted_name: name }, phones: [{ phone, type: "CELL" }] }] } }),
    );
  }
}
