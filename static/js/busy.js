/** A form marked data-once is sent once: its button says so and a second press does nothing. */
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-once]");
  if (!form || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  const button = event.submitter;
  if (!button?.dataset.busy) return;
  button.setAttribute("aria-busy", "true");
  const label = button.querySelector("span");
  if (label) {
    button.dataset.label = label.textContent;
    label.textContent = button.dataset.busy;
  }
});

// Coming back by the back button shows the page as it was left: make it usable again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy=true][data-label]")) {
    button.removeAttribute("aria-busy");
    button.querySelector("span").textContent = button.dataset.label;
  }
});
