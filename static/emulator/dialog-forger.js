// Posts the signup message from an origin that is not the dialog's, as an attacker's frame would.
const { event, origin } = JSON.parse(decodeURIComponent(window.location.hash.slice(1)));
window.parent.opener?.postMessage(event, origin);
