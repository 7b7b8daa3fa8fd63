// Sends an authorization answer to the window that opened this one, or that frames it. The browser delivers it to the named
// origin only.
const { message, target } = document.body.dataset;
const receiver = window.opener ?? (window.parent === window ? null : window.parent);
receiver?.postMessage({ type: "authorization_response", response: JSON.parse(message) }, target);
