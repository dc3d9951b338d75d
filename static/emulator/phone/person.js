// Who holds the phone: name, visible number or username, and how the phone behaves.

import { act } from "./api.js";
import { h } from "./dom.js";
import { sheet, toast } from "./sheet.js";
import { say } from "./words.js";
import { userOf } from "./world.js";

const SWITCHES = ["read_receipts", "offline", "blocked", "opted_out", "on_whatsapp"];

async function save(phone, changes) {
  try {
    await act(`users/${encodeURIComponent(phone.user)}`, changes, "PATCH");
  } catch (error) {
    toast(phone, error.message);
  }
}

function toggle(phone, name, on) {
  const box = h("input", { type: "checkbox", checked: on, onchange: () => save(phone, { [name]: box.checked }) });
  return h("label", { class: "toggle" }, h("span", {}, say(`set_${name}`)), box);
}

function line(phone, name, value) {
  const input = h("input", { value: value || "", autocomplete: "off", onchange: () => save(phone, { [name]: input.value || null }) });
  return h("label", { class: "asked" }, h("span", {}, say(name)), input);
}

export function person(phone) {
  const user = userOf(phone.user);
  const ids = Object.values(user.bsuids || {}).map((bsuid) => h("code", {}, bsuid));
  sheet(
    phone,
    user.name,
    line(phone, "name", user.name),
    line(phone, "phone", user.phone),
    line(phone, "username", user.username),
    toggle(phone, "phone_visible", user.phone_visible),
    ...SWITCHES.map((name) => toggle(phone, name, user.settings?.[name])),
    h("p", { class: "soft" }, say("bsuid"), " ", ...ids),
  );
}

export function newcomer(phone, done) {
  const form = h(
    "form",
    { class: "asks" },
    h("label", { class: "asked" }, h("span", {}, say("name")), h("input", { name: "name", required: true, autocomplete: "off" })),
    h("label", { class: "asked" }, h("span", {}, say("phone")), h("input", { name: "phone", inputmode: "tel", placeholder: "62812…", autocomplete: "off" })),
    h("label", { class: "asked" }, h("span", {}, say("username")), h("input", { name: "username", autocomplete: "off" })),
    h("button", { type: "submit", class: "solid" }, say("add")),
  );
  const opened = sheet(phone, say("add_person"), form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
    try {
      const user = await act("users", given);
      opened.close();
      done(user.id);
    } catch (error) {
      toast(phone, error.message);
    }
  });
}
