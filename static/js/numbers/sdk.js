/** Meta's SDK, loaded once and made ready. Rejects where it is held back. */
const PATIENCE_MS = 10000;

export function load({ sdk, init }) {
  return new Promise((ready, failed) => {
    const timer = setTimeout(failed, PATIENCE_MS);
    window.fbAsyncInit = () => {
      clearTimeout(timer);
      window.FB.init(init);
      ready();
    };
    const script = document.createElement("script");
    script.src = sdk;
    script.async = true;
    script.crossOrigin = "anonymous";
    script.onerror = () => {
      clearTimeout(timer);
      failed();
    };
    document.head.append(script);
  });
}

/** FB.login, which does not say whether its window came up; true where the browser refused one. */
export function login(callback, options) {
  const open = window.open;
  let opened;
  window.open = (...wishes) => (opened = open.apply(window, wishes));
  try {
    window.FB.login(callback, options);
  } finally {
    window.open = open;
  }
  return opened === null;
}
