/** Weekly hours: copy Monday to the other working days, or clear all. */
const fields = (day) => [...day.querySelectorAll("input[type=time]")];

document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-hours]");
  if (!box) return;
  const days = [...box.querySelectorAll("[data-day]")];
  if (event.target.closest("[data-hours-copy]")) {
    const source = fields(days[0]).map((field) => field.value);
    for (const day of days.slice(1, 5)) fields(day).forEach((field, n) => (field.value = source[n] ?? ""));
  } else if (event.target.closest("[data-hours-clear]")) {
    for (const field of fields(box)) field.value = "";
  }
});
