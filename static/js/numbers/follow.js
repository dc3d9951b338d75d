/** The timeline while something is under way: asks for a short mark, and takes the page's parts when it changed. */
const SOON_MS = 500;
const LATE_MS = 5000;

const whole = document.querySelector("[data-follow]");

async function asked() {
  const answer = await fetch(whole.dataset.follow, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (answer.status === 401) location.reload();
  return answer.ok ? answer.json() : null;
}

async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-follow]");
  const parts = [...whole.querySelectorAll("[data-part]")];
  const pairs = parts.map((part) => [part, fresh?.querySelector(`[data-part="${part.dataset.part}"]`)]);
  // Another set of parts is another page.
  if (!fresh || pairs.some(([, next]) => !next)) return location.reload();
  for (const [part, next] of pairs) replace(part, next);
  document.title = page.title;
  whole.dataset.mark = fresh.dataset.mark;
}

/** The list itself stays: it is a live region, and only a change inside one is read out. */
function replace(part, next) {
  const [list, nextList] = [part.querySelector("[aria-live]"), next.querySelector("[aria-live]")];
  if (list && nextList) list.replaceChildren(...nextList.children);
  else part.replaceChildren(...next.childNodes);
}

async function follow() {
  let wait = SOON_MS;
  for (;;) {
    await new Promise((done) => setTimeout(done, wait));
    if (document.hidden) continue;
    const state = await asked().catch(() => null);
    if (state && state.mark !== whole.dataset.mark) {
      await renew();
      wait = SOON_MS;
    } else {
      wait = Math.min(wait * 1.3, LATE_MS);
    }
    if (state?.is_settled) return;
  }
}

follow();
