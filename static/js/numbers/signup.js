/** Meta's window on the connect page: opened in the click, its two answers collected, reported to our server once. */
import { load } from "./sdk.js";
import { listen } from "./answers.js";

const form = document.querySelector("[data-signup]");
const options = JSON.parse(document.getElementById("signup-options").textContent);
const opener = form.querySelector("[data-signup-open]");
const says = form.querySelector("[data-signup-says]");
const label = opener.querySelector("span");
const words = { idle: label.textContent, waiting: opener.dataset.waiting };
// A window that was never there answers at once.
const BLOCKED_MS = 400;

function say(name, bad = false) {
  says.textContent = name ? options.words[name] : "";
  says.classList.toggle("is-bad", bad);
}

function busy(is) {
  opener.disabled = is;
  opener.setAttribute("aria-busy", String(is));
  label.textContent = is ? words.waiting : words.idle;
}

function chosen() {
  const data = new FormData(form);
  return { how: data.get("how"), listing: data.get("listing") };
}

function loginOptions(how) {
  const extras = { ...options.login.extras };
  if (how === "app") extras.featureType = options.coexistence;
  return { ...options.login, extras };
}

async function post(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.ok) return answer.json();
  const { error } = await answer.json().catch(() => ({}));
  throw Object.assign(new Error(), { sentence: error?.message });
}

async function report(begun, answers) {
  const [addresses, outcome] = await Promise.all([begun, answers]);
  say("sending");
  const { page } = await post(addresses.report, outcome);
  location.assign(page);
}

function open() {
  const choice = chosen();
  const opened = performance.now();
  const collected = listen(options.origins);
  busy(true);
  say("waiting");
  // In the click itself: a window opened any later is taken for an advertisement.
  window.FB.login((answer) => {
    const code = answer?.authResponse?.code ?? null;
    collected.answered(code, performance.now() - opened < BLOCKED_MS);
  }, loginOptions(choice.how));
  const begun = post(form.action, choice);
  begun.catch(() => undefined);
  report(begun, collected.promise).catch((error) => {
    busy(false);
    say(error.blocked ? "blocked" : "offline", true);
    if (error.sentence) says.textContent = error.sentence;
    // Nobody will finish what was begun: a report without a code ends it.
    if (error.blocked) begun.then(({ report }) => post(report, { code: null, message: null })).catch(() => undefined);
  });
}

opener.disabled = true;
load(options).then(
  () => {
    opener.disabled = false;
    opener.addEventListener("click", open);
  },
  () => say("no_sdk", true),
);
