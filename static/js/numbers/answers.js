/**
 * Meta answers twice, in either order: the SDK's callback brings the code, a message from the window brings the ids.
 * The code lives 30 seconds, so the message is waited for briefly, and the code goes on alone.
 */
const MESSAGE_MS = 5000;
// Without a code there is no hurry, but also nothing much to wait for.
const LEFT_MS = 1000;
const CODE_MS = 15000;
const TYPE = "WA_EMBEDDED_SIGNUP";

/** What the window says, or null for everything that is not from it. Origins are compared whole. */
export function read(event, origins) {
  if (!origins.includes(event.origin) || typeof event.data !== "string") return null;
  try {
    const said = JSON.parse(event.data);
    return said?.type === TYPE ? { event: String(said.event), data: said.data ?? {} } : null;
  } catch {
    return null;
  }
}

/** Begin to listen: `answered` takes the callback's code, `promise` gives `{code, message}` once. */
export function listen(origins) {
  let code;
  let message = null;
  let timer;
  let give;
  const promise = new Promise((resolve) => (give = resolve));

  const finish = () => {
    clearTimeout(timer);
    window.removeEventListener("message", hear);
    give({ code: code ?? null, message });
  };
  const wait = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(finish, ms);
  };
  const hear = (event) => {
    const said = read(event, origins);
    if (!said) return;
    message = said;
    if (code) finish();
    else if (code === null) wait(0);
    else wait(said.event.startsWith("FINISH") ? CODE_MS : LEFT_MS);
  };
  const answered = (given) => {
    code = given ?? null;
    if (code && message) finish();
    else wait(code ? MESSAGE_MS : LEFT_MS);
  };
  window.addEventListener("message", hear);
  return { promise, answered };
}
