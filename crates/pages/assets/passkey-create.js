// Making a passkey: by the button, and once silently where page and browser allow it.

import { Ceremony, arm, capable, clearError, creationOptions, explain, patiently, say, supported } from "./passkey.js";

const form = document.getElementById("passkey-create-form");
const button = document.getElementById("passkey-create");
let silent = null;

async function createSilently(ceremony) {
  if (form.dataset.conditionalCreate !== "true" || !(await capable("conditionalCreate"))) return;
  const controller = new AbortController();
  silent = controller;
  try {
    const credential = await navigator.credentials.create({
      mediation: "conditional",
      publicKey: creationOptions(ceremony.current),
      signal: controller.signal,
    });
    if (credential && silent === controller) {
      // A ceremony without a person's touch proves less; the server is told which one it was.
      if (form.elements.silent) form.elements.silent.value = "true";
      ceremony.submit(credential);
    }
  } catch {
    // Nobody asked for it, so nobody is told; the button is there.
  }
}

let told = false;

// The console's plot counts who began. Once a page, and nobody waits for it.
function tellStarted() {
  const { flow, csrf } = form.elements;
  if (told || !flow || !csrf) return;
  told = true;
  const body = new URLSearchParams({ flow: flow.value, csrf: csrf.value });
  fetch("/signin/passkey-started", { method: "POST", body, keepalive: true }).catch(() => {});
}

async function create(ceremony) {
  silent?.abort();
  silent = null;
  clearError();
  button.disabled = true;
  say("waiting");
  try {
    const options = await ceremony.options();
    tellStarted();
    const credential = await patiently(() => navigator.credentials.create({ publicKey: creationOptions(options) }));
    ceremony.submit(credential);
  } catch (error) {
    button.disabled = false;
    explain(error);
  } finally {
    say("");
  }
}

if (form && button) {
  if (supported) {
    const ceremony = new Ceremony(form);
    button.addEventListener("click", () => create(ceremony));
    createSilently(ceremony);
    addEventListener("pagehide", () => silent?.abort());
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
