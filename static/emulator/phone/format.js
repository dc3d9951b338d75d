// WhatsApp's own marks in text: *bold* _italic_ ~strike~ ```mono```, and links.

import { h } from "./dom.js";
import { language } from "./words.js";
import { now } from "./world.js";

const MARKS = /(```[^`]+```)|(\*[^*\n]+\*)|(_[^_\n]+_)|(~[^~\n]+~)|(https?:\/\/[^\s<>"]+)/g;
const ZONE = "Asia/Jakarta";
const locale = language === "en" ? "en-GB" : "id-ID";

export function rich(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(MARKS)) {
    nodes.push(text.slice(from, match.index), marked(match));
    from = match.index + match[0].length;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== "");
}

function marked([whole, mono, bold, italic, strike, link]) {
  if (mono) return h("code", {}, whole.slice(3, -3));
  if (bold) return h("strong", {}, ...rich(whole.slice(1, -1)));
  if (italic) return h("em", {}, ...rich(whole.slice(1, -1)));
  if (strike) return h("s", {}, ...rich(whole.slice(1, -1)));
  return h("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, whole);
}

export function plain(text) {
  return text.replace(/```|[*_~]/g, "");
}

export function hour(ms) {
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", timeZone: ZONE }).format(ms);
}

export function day(ms, words) {
  const name = (at) => new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeZone: ZONE }).format(at);
  if (name(ms) === name(now())) return words.today;
  if (name(ms) === name(now() - 86400000)) return words.yesterday;
  return new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: ZONE }).format(ms);
}

export function full(ms) {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone: ZONE }).format(ms);
}
