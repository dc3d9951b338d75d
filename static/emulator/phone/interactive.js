// Buttons, lists, links and forms under a message, and what pressing them does.

import { act } from "./api.js";
import { h, icon } from "./dom.js";
import { rich } from "./format.js";
import { media } from "./media.js";
import { sheet, toast } from "./sheet.js";
import { say } from "./words.js";

async function tap(phone, entry, answer) {
  try {
    await act("tap", { number: phone.number, user: phone.user, wamid: entry.wamid, ...answer });
  } catch (error) {
    toast(phone, error.message);
  }
}

function under(label, onclick, glyph) {
  return h("button", { type: "button", class: "under", onclick }, glyph ? icon(glyph) : null, label);
}

function choose(phone, entry, action) {
  const form = h("form", { class: "rows", onsubmit: (event) => event.preventDefault() });
  for (const section of action.sections) {
    if (section.title) form.append(h("h3", {}, section.title));
    for (const row of section.rows) {
      const words = h("span", {}, h("span", { class: "row-title" }, row.title), row.description && h("span", { class: "soft" }, row.description));
      form.append(h("label", { class: "row" }, words, h("input", { type: "radio", name: "row", value: row.id })));
    }
  }
  const send = h("button", { type: "submit", class: "solid", disabled: true }, say("send"));
  form.addEventListener("change", () => (send.disabled = false));
  form.append(send);
  const opened = sheet(phone, action.button, form);
  form.addEventListener("submit", () => {
    const id = new FormData(form).get("row");
    opened.close();
    if (id) tap(phone, entry, { id });
  });
}

function fill(phone, entry, label) {
  const area = h("textarea", { rows: 6, "aria-label": say("form_answer") }, '{"flow_token": "", "answer": ""}');
  const send = h("button", { type: "button", class: "solid" }, say("send"));
  const opened = sheet(phone, label, h("p", { class: "soft" }, say("form_hint")), area, send);
  send.addEventListener("click", () => {
    try {
      tap(phone, entry, { response: JSON.parse(area.value) });
      opened.close();
    } catch {
      toast(phone, say("form_bad"));
    }
  });
}

function actions(phone, entry, body) {
  const { type, action = {} } = body;
  if (type === "button") return action.buttons.map(({ reply }) => under(reply.title, () => tap(phone, entry, { id: reply.id }), "reply"));
  if (type === "list") return [under(action.button, () => choose(phone, entry, action), "list")];
  if (type === "cta_url") {
    const { display_text, url } = action.parameters;
    return [h("a", { class: "under", href: url, target: "_blank", rel: "noopener noreferrer" }, icon("link"), display_text)];
  }
  if (type === "location_request_message") return [under(say("share_location"), () => phone.attach.location(), "pin")];
  if (type === "contact_request") return [under(say("share_contact"), () => tap(phone, entry, { id: "share_contact" }), "user")];
  if (type === "flow") return [under(action.parameters.flow_cta, () => fill(phone, entry, action.parameters.flow_cta), "list")];
  return [h("p", { class: "soft" }, say("unknown_kind", { kind: type }))];
}

function header(top) {
  if (!top) return null;
  return top.type === "text" ? h("p", { class: "head" }, top.text) : media(top.type, top[top.type]);
}

export function interactive(phone, entry, body) {
  const parts = [header(body.header), h("p", { class: "words" }, ...rich(body.body?.text || "")), body.footer && h("p", { class: "foot" }, body.footer.text)];
  return { parts: parts.flat(), below: entry.direction === "out" ? actions(phone, entry, body) : [] };
}

export function template(phone, entry) {
  const shown = entry.rendered || { body: entry.message.template?.name || "" };
  const top = typeof shown.header === "string" ? h("p", { class: "head" }, shown.header) : shown.header && media(shown.header.type, shown.header);
  const below = (shown.buttons || []).map((button, place) =>
    button.url
      ? h("a", { class: "under", href: button.url, target: "_blank", rel: "noopener noreferrer" }, icon("link"), button.text)
      : under(button.text, () => tap(phone, entry, { id: button.id ?? String(place) }), "reply"),
  );
  const parts = [top, h("p", { class: "words" }, ...rich(shown.body || "")), shown.footer && h("p", { class: "foot" }, shown.footer)];
  return { parts: parts.flat(), below };
}
