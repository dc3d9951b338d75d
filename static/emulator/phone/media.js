// Pictures, sounds, files, places and people inside a bubble.

import { h, icon } from "./dom.js";
import { rich } from "./format.js";
import { say } from "./words.js";

export function source(media) {
  return media.id ? `/__ctl/media/${encodeURIComponent(media.id)}` : media.link;
}

function caption(media) {
  return media.caption ? h("p", { class: "words" }, ...rich(media.caption)) : null;
}

function view(src, alt) {
  const box = h("dialog", { class: "viewer", "aria-label": alt }, h("img", { src, alt }));
  box.addEventListener("click", () => box.close());
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}

function picture(media, kind) {
  const alt = media.caption || say(kind);
  const src = source(media);
  if (kind === "sticker") return h("img", { class: "sticker", src, alt });
  return h("button", { type: "button", class: "picture", onclick: () => view(src, alt) }, h("img", { src, alt }));
}

function file(media) {
  const name = media.filename || say("document");
  return h("a", { class: "file", href: source(media), target: "_blank", rel: "noopener", download: name }, icon("file"), h("span", {}, name));
}

function place(spot) {
  const where = `${spot.latitude},${spot.longitude}`;
  const lines = [spot.name && h("strong", {}, spot.name), spot.address && h("span", {}, spot.address)];
  return h("div", { class: "card" }, icon("pin"), h("span", { class: "card-words" }, ...lines, h("span", { class: "soft" }, where)));
}

function person(one) {
  const phones = (one.phones || []).map((phone) => h("span", { class: "soft" }, phone.phone || phone.wa_id || ""));
  return h("div", { class: "card" }, icon("user"), h("span", { class: "card-words" }, h("strong", {}, one.name?.formatted_name || ""), ...phones));
}

export function media(type, body) {
  if (type === "image" || type === "sticker") return [picture(body, type), caption(body)];
  if (type === "video") return [h("video", { src: source(body), controls: true, preload: "metadata" }), caption(body)];
  if (type === "audio") return [h("audio", { src: source(body), controls: true, preload: "metadata" })];
  if (type === "document") return [file(body), caption(body)];
  if (type === "location") return [place(body)];
  if (type === "contacts") return body.map(person);
  return null;
}
