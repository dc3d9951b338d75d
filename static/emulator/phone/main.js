// The table with phones on it.

import { act } from "./api.js";
import { full } from "./format.js";
import { Phone } from "./phone.js";
import { say } from "./words.js";
import { follow, listen, load, now, numberOf, userOf, world } from "./world.js";

const WIDE = 1100;
const table = document.getElementById("table");
const clock = document.getElementById("clock");
const banner = document.getElementById("offline");
const wished = new URLSearchParams(location.search);
const phones = [];

function tick() {
  clock.textContent = full(now());
}

function remember() {
  const [first] = phones;
  const query = new URLSearchParams({ user: first.user });
  if (wished.has("locale")) query.set("locale", wished.get("locale"));
  if (first.number) query.set("number", first.number);
  history.replaceState(null, "", `?${query}`);
}

function put(user, onmove) {
  const phone = new Phone(user, onmove);
  phones.push(phone);
  table.append(phone.node);
  return phone;
}

async function begin() {
  await load();
  const names = world.users.map((user) => user.id);
  const first = userOf(wished.get("user"))?.id || names[0];
  const phone = put(first, remember);
  const second = names.find((id) => id !== first);
  if (second && innerWidth >= WIDE) put(second).list.draw();
  const number = numberOf(wished.get("number"));
  if (number) {
    await phone.talk(number.id);
    if (wished.has("text")) phone.composer.area.value = wished.get("text");
  } else {
    phone.list.draw();
  }
  table.removeAttribute("aria-busy");
}

listen((event) => {
  if (event.type === "online" || event.type === "offline") banner.hidden = event.type === "online";
  for (const phone of phones) phone.take(event.type === "online" && banner.dataset.lost ? { type: "resync" } : event);
  banner.dataset.lost = event.type === "offline" ? "1" : "";
  tick();
});

for (const button of document.querySelectorAll("[data-advance]")) {
  button.addEventListener("click", () => act("clock", { advance: Number(button.dataset.advance) }).catch((error) => (clock.textContent = error.message)));
}

tick();
setInterval(tick, 10000);
begin()
  .then(follow)
  .catch((error) => {
    table.textContent = `${say("broken")} ${error.message}`;
  });
