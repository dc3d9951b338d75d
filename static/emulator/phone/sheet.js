// A sheet from the bottom of a phone: lists, menus, forms. Esc or a press beside it closes it.

import { h, iconButton } from "./dom.js";
import { say } from "./words.js";

export function sheet(phone, title, ...content) {
  const box = h("dialog", { class: "sheet", "aria-label": title });
  const close = () => box.close();
  box.append(
    h("div", { class: "sheet-head" }, h("h2", {}, title), iconButton("x", say("close"), close)),
    h("div", { class: "sheet-body" }, ...content),
  );
  box.addEventListener("click", (event) => event.target === box && close());
  box.addEventListener("close", () => {
    box.remove();
    phone.focusEntry?.();
  });
  phone.node.append(box);
  box.showModal();
  return { box, close };
}

export function menu(phone, title, items) {
  const rows = items
    .filter(Boolean)
    .map(([label, act, kind = ""]) =>
      h("button", { type: "button", class: `sheet-item ${kind}`, onclick: () => (opened.close(), act()) }, label),
    );
  const opened = sheet(phone, title, ...rows);
  return opened;
}

export function toast(phone, text) {
  const note = h("p", { class: "toast", role: "alert" }, text);
  phone.node.append(note);
  setTimeout(() => note.remove(), 5000);
}
