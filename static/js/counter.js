/** Counts the characters of a field that has a limit; the server decides, this only tells. */
document.addEventListener("input", (event) => {
  const field = event.target;
  const limit = Number(field.dataset?.count);
  if (!limit) return;
  const counter = document.querySelector(`[data-counter="${CSS.escape(field.id)}"]`);
  if (!counter) return;
  const length = [...field.value].length;
  counter.textContent = `${length}/${limit}`;
  counter.classList.toggle("is-over", length > limit);
});
