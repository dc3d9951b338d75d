// Tells the opener how the dialog ended: Meta's message as a JSON string, the code to the SDK.
const place = document.querySelector("[data-handover]");
const told = place ? JSON.parse(place.dataset.handover) : null;
const opener = window.opener;
const PAUSE = 400;
let isLeaving = false;
let isTold = false;

function tellEvent() {
  if (!told.event) return;
  if (told.forger) {
    const frame = document.createElement("iframe");
    frame.hidden = true;
    frame.src = `${told.forger}#${encodeURIComponent(JSON.stringify({ event: told.event, origin: told.origin }))}`;
    document.body.append(frame);
    return;
  }
  opener.postMessage(told.event, told.origin);
}

function tellCode() {
  const answer = new URLSearchParams({ cb: told.cb });
  if (told.code) answer.set("code", told.code);
  answer.set("status", told.code ? "connected" : "unknown");
  opener.postMessage(answer.toString(), told.origin);
}

function tellAll(pause) {
  if (isTold || !opener) return;
  isTold = true;
  const [first, second] = told.order === "event-code" ? [tellEvent, tellCode] : [tellCode, tellEvent];
  first();
  if (!pause) {
    second();
    return;
  }
  setTimeout(second, pause);
  setTimeout(() => window.close(), pause * 3);
}

if (told?.when === "now") {
  tellAll(PAUSE);
} else if (told) {
  for (const form of document.forms) form.addEventListener("submit", () => (isLeaving = true));
  for (const link of document.links) link.addEventListener("click", () => (isLeaving = link.target !== "_blank"));
  window.addEventListener("pagehide", () => {
    if (isLeaving) return;
    if (told.release) navigator.sendBeacon(told.release);
    tellAll(0);
  });
}
