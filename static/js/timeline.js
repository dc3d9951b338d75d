/** While a step is running or waiting, the timeline is fetched anew; it stops when all is settled. */
const SOON = 700;
const LATE = 5000;

async function follow(list) {
  let wait = SOON;
  while (list.querySelector(".is-running, .is-waiting") && !list.querySelector(".is-failed")) {
    await new Promise((done) => setTimeout(done, wait));
    if (document.hidden) continue;
    const next = await fetchTimeline(list.dataset.live);
    if (next && next.innerHTML !== list.innerHTML) {
      list.replaceChildren(...next.children);
      wait = SOON;
    } else {
      wait = Math.min(wait * 1.4, LATE);
    }
  }
  // The page around the timeline (its buttons, its heading) follows from the settled state.
  if (list.dataset.then !== undefined) location.assign(list.dataset.then || location.href);
}

async function fetchTimeline(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (!answer.ok) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector("[data-live]") ?? page.querySelector(".timeline");
  } catch {
    return null;
  }
}

for (const list of document.querySelectorAll(".timeline[data-live]")) {
  if (list.querySelector(".is-running, .is-waiting")) follow(list);
}
