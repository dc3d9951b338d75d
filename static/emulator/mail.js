// A letter that arrives while somebody looks at the list shows up by itself.
new EventSource("/__ctl/stream").addEventListener("message", (message) => {
  if (JSON.parse(message.data).type === "mail") location.reload();
});
