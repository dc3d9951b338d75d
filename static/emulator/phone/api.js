// The emulator's control API.

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error || `${response.status}`);
  return body;
}

export async function read(path) {
  return answer(await fetch(`/__ctl/${path}`, { cache: "no-store" }));
}

export async function act(path, body = {}, method = "POST") {
  const headers = { "Content-Type": "application/json" };
  return answer(await fetch(`/__ctl/${path}`, { method, headers, body: JSON.stringify(body) }));
}
