/** Openers are links to #id; with JavaScript the dialog is a real modal that keeps the focus. */
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.opens);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }
    return;
  }
  const closer = event.target.closest("dialog [data-close]");
  const backdrop = event.target instanceof HTMLDialogElement && event.target.open ? event.target : null;
  const dialog = closer?.closest("dialog") ?? backdrop;
  if (dialog?.open) {
    event.preventDefault();
    dialog.close();
  }
});

// A page opened at #id shows the dialog by :target; make that a modal too.
const aimed = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
if (aimed instanceof HTMLDialogElement) {
  history.replaceState(null, "", location.pathname + location.search);
  aimed.showModal();
}
