/** Buttons with data-copy="id" copy that field's value or that element's text. */
import { toast } from "./toast.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const text = source.value ?? source.textContent;
  try {
    await navigator.clipboard.writeText(text);
    toast(button.dataset.copied);
  } catch {
    // Without permission the text is selected instead, so that one key copies it.
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
  }
});
