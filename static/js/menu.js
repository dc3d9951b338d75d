/** Menus on <details>: one open at a time, closed by Escape or a press elsewhere. */
const openMenus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  const closer = event.target.closest("[data-close]");
  const confirm = closer?.closest("details.confirm");
  if (confirm) {
    confirm.open = false;
    confirm.querySelector("summary").focus();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
