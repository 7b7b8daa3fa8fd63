// Sign-in with a passkey: offered in the identifier field while the page is open, and by the button.

import { Ceremony, arm, capable, clearError, explain, patiently, requestOptions, say, supported } from "./passkey.js";

const form = document.getElementById("passkey-form");
const button = document.getElementById("passkey-signin");
let waiting = null;

/** Only one ceremony may run; the one in the background gives way. */
function stop() {
  waiting?.abort();
  waiting = null;
}

async function offerAutofill(ceremony) {
  if (form.dataset.autofill !== "true" || !(await capable("conditionalGet"))) return;
  stop();
  const controller = new AbortController();
  waiting = controller;
  const begun = Date.now();
  try {
    const credential = await navigator.credentials.get({
      mediation: "conditional",
      publicKey: requestOptions(ceremony.current),
      signal: controller.signal,
    });
    if (credential && waiting === controller) ceremony.submit(credential);
  } catch (error) {
    // Nobody asked for this ceremony, so its errors are not shown: the button will name them. A person who chose a
    // passkey and then looked away may choose again; an error that comes at once would only come again.
    if (error?.name === "NotAllowedError" && waiting === controller && Date.now() - begun > 1000) offerAutofill(ceremony);
  }
}

async function askNow(ceremony) {
  stop();
  clearError();
  button.disabled = true;
  say("waiting");
  try {
    const options = await ceremony.options();
    stop();
    const credential = await patiently(() => navigator.credentials.get({ publicKey: requestOptions(options) }));
    ceremony.submit(credential);
  } catch (error) {
    button.disabled = false;
    explain(error);
    offerAutofill(ceremony);
  } finally {
    say("");
  }
}

if (form && button) {
  if (supported) {
    const ceremony = new Ceremony(form, () => offerAutofill(ceremony));
    button.addEventListener("click", () => askNow(ceremony));
    offerAutofill(ceremony);
    // A ceremony left running would stand in the way of the one on the next page.
    addEventListener("pagehide", stop);
    // Back from the next page by the back button: the page is as it was left, with its ceremony gone.
    addEventListener("pageshow", (event) => {
      if (event.persisted) {
        button.disabled = false;
        ceremony.renew().catch(() => {});
      }
    });
  } else {
    button.addEventListener("click", () => explain({ name: "unsupported" }));
  }
  arm(button);
}
