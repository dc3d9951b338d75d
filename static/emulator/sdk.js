// The part of Meta's JavaScript SDK that Embedded Signup needs: FB.init, FB.login, window.fbAsyncInit.
(() => {
  const own = new URL(document.currentScript.src);
  const locale = own.pathname.split("/")[1];
  const nobody = { authResponse: null, status: "unknown" };
  let settings = { appId: "", version: "v25.0" };

  function dialogAddress(options, cb) {
    const address = new URL(`/${settings.version}/dialog/oauth`, own.origin);
    const given = {
      client_id: settings.appId,
      config_id: options.config_id ?? "",
      response_type: options.response_type ?? "token",
      override_default_response_type: String(options.override_default_response_type ?? false),
      extras: JSON.stringify(options.extras ?? {}),
      display: "popup",
      channel_origin: window.location.origin,
      locale,
      cb,
    };
    for (const [key, value] of Object.entries(given)) address.searchParams.set(key, value);
    return address.href;
  }

  function login(callback, options = {}) {
    const cb = "f" + crypto.getRandomValues(new Uint32Array(2)).join("");
    const popup = window.open(dialogAddress(options, cb), cb, "popup,width=620,height=760");
    if (!popup) {
      console.warn("FB.login() must be called in a click: the browser blocked the popup.");
      setTimeout(() => callback(nobody));
      return;
    }
    let isDone = false;

    function finish(answer) {
      if (isDone) return;
      isDone = true;
      clearInterval(watch);
      window.removeEventListener("message", listen);
      callback(answer);
    }

    function listen(event) {
      if (event.origin !== own.origin || typeof event.data !== "string" || !event.data.startsWith(`cb=${cb}&`)) return;
      const code = new URLSearchParams(event.data).get("code");
      finish(code ? { authResponse: { code, userID: null, expiresIn: null }, status: "connected" } : nobody);
    }

    window.addEventListener("message", listen);
    // A closed window says nothing: give its last message a moment, then count it as left.
    const watch = setInterval(() => {
      if (!popup.closed) return;
      clearInterval(watch);
      setTimeout(() => finish(nobody), 700);
    }, 300);
  }

  window.FB = {
    init(given) {
      settings = { ...settings, ...given };
    },
    login,
    getLoginStatus(callback) {
      setTimeout(() => callback(nobody));
    },
  };
  window.fbAsyncInit?.();
})();
