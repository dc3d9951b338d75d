/** Meta's window on the connect page: opened in the click, its two answers collected, reported to our server once. */
import { load, login } from "./sdk.js";
import { listen } from "./answers.js";

const form = document.querySelector("[data-signup]");
const options = JSON.parse(document.getElementById("signup-options").textContent);
const opener = form.querySelector("[data-signup-open]");
const says = form.querySelector("[data-signup-says]");
const label = opener.querySelector("span");
const words = { idle: label.textContent, waiting: opener.dataset.waiting };

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
  const collected = listen(options.origins);
  busy(true);
  say("waiting");
  // In the click itself: a window opened any later is taken for an advertisement.
  const isBlocked = login((answer) => collected.answered(answer?.authResponse?.code), loginOptions(choice.how));
  if (isBlocked) {
    busy(false);
    say("blocked", true);
    return;
  }
  report(post(form.action, choice), collected.promise).catch((error) => {
    busy(false);
    say("offline", true);
    if (error.sentence) says.textContent = error.sentence;
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
