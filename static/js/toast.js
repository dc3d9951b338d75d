/** A short message that leaves by itself; for what the page already shows elsewhere. */
export function toast(text) {
  const box = document.querySelector(".toasts");
  if (!box) return;
  const note = document.createElement("p");
  note.className = "toast";
  note.textContent = text;
  box.append(note);
  setTimeout(() => note.remove(), 4000);
}
