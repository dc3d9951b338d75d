/** Repeatable rows: add and remove without asking the server; numbering may have gaps, the server closes them. */
const count = (box) => box.querySelectorAll(".rows-item").length;

function refresh(box) {
  const full = count(box) >= Number(box.dataset.max);
  box.querySelector("[data-rows-add]").disabled = full;
  const few = count(box) <= Number(box.dataset.min);
  for (const button of box.querySelectorAll(".rows-list [data-rows-remove]")) button.disabled = few;
}

function nextIndex(box) {
  const taken = [...box.querySelectorAll(".rows-list [name]")].map((field) => {
    const rest = field.name.slice(box.dataset.rows.length + 1);
    return Number.parseInt(rest, 10);
  });
  return Math.max(-1, ...taken.filter(Number.isInteger)) + 1;
}

function add(box) {
  const item = box.querySelector("template").content.firstElementChild.cloneNode(true);
  const index = String(nextIndex(box));
  for (const node of [item, ...item.querySelectorAll("*")]) {
    for (const name of ["name", "id", "for", "value", "aria-describedby", "data-counter"]) {
      const value = node.getAttribute(name);
      if (value?.includes("NEW")) node.setAttribute(name, value.replace("NEW", index));
    }
  }
  item.classList.add("is-new");
  box.querySelector(".rows-list").append(item);
  item.querySelector("input, textarea, select")?.focus();
}

function remove(box, button) {
  const item = button.closest(".rows-item");
  const neighbour = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  (neighbour?.querySelector("input, textarea, select") ?? box.querySelector("[data-rows-add]")).focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-rows-add], [data-rows-remove]");
  const box = button?.closest("[data-rows]");
  if (!box) return;
  event.preventDefault();
  if ("rowsAdd" in button.dataset) add(box);
  else remove(box, button);
  refresh(box);
  box.dispatchEvent(new Event("change", { bubbles: true }));
});

for (const box of document.querySelectorAll("[data-rows]")) refresh(box);
