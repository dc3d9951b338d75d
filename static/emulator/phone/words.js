// Sentences of the page's language, put there by the server.

const found = JSON.parse(document.getElementById("words").textContent);

export const language = document.documentElement.lang;

export function say(key, params = {}) {
  return Object.entries(params).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), found[key] ?? key);
}
