// WebAuthn for the pages: JSON in and out, errors in words, challenges renewed before they expire.
// WebAuthn Level 3, sections 5.1.8 to 5.1.10. Words come from the page, in the block #passkey-messages.

export const supported = typeof window.PublicKeyCredential === "function";

/** The JSON block of that id, or null. */
export function block(id) {
  const element = document.getElementById(id);
  return element ? JSON.parse(element.textContent) : null;
}

function toBytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function toText(buffer) {
  let plain = "";
  for (const byte of new Uint8Array(buffer)) plain += String.fromCharCode(byte);
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const descriptors = (list) => (list ?? []).map((entry) => ({ ...entry, id: toBytes(entry.id) }));

/** PublicKeyCredentialCreationOptionsJSON to what navigator.credentials.create takes. */
export function creationOptions(json) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(json);
  return {
    ...json,
    challenge: toBytes(json.challenge),
    user: { ...json.user, id: toBytes(json.user.id) },
    excludeCredentials: descriptors(json.excludeCredentials),
  };
}

/** PublicKeyCredentialRequestOptionsJSON to what navigator.credentials.get takes. */
export function requestOptions(json) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(json);
  return { ...json, challenge: toBytes(json.challenge), allowCredentials: descriptors(json.allowCredentials) };
}

/** A credential as RegistrationResponseJSON or AuthenticationResponseJSON. */
export function credentialJson(credential) {
  // Some password managers replace the credential with an object whose toJSON is missing or throws.
  try {
    if (typeof credential.toJSON === "function") return credential.toJSON();
  } catch {
    // Fall through to the same fields by hand.
  }
  const answer = credential.response;
  const response = { clientDataJSON: toText(answer.clientDataJSON) };
  if (answer.attestationObject) {
    response.attestationObject = toText(answer.attestationObject);
    response.transports = answer.getTransports?.() ?? [];
  } else {
    response.authenticatorData = toText(answer.authenticatorData);
    response.signature = toText(answer.signature);
    if (answer.userHandle) response.userHandle = toText(answer.userHandle);
  }
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults?.() ?? {},
    response,
  };
}

/** The browser's abilities, false where it cannot say. */
export async function capable(name) {
  try {
    if (PublicKeyCredential.getClientCapabilities) {
      const all = await PublicKeyCredential.getClientCapabilities();
      if (name in all) return all[name];
    }
    if (name === "conditionalGet") return (await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false;
  } catch {
    // A browser that cannot say cannot do it.
  }
  return false;
}

/** Lets a button be pressed that the page was sent with closed: pressed before its script was there, it would have done nothing. */
export function arm(button) {
  button.disabled = false;
  delete button.dataset.awaitsScript;
}

/** Shows the error in the page's one place for errors, as the server would have, and moves the focus there. */
export function showError(message, reason) {
  clearError();
  const slot = document.querySelector("[data-error-slot]");
  if (!slot) return;
  const box = document.createElement("div");
  box.id = "error";
  box.className = "dw-alert dw-alert-bad";
  box.setAttribute("role", "alert");
  box.tabIndex = -1;
  box.dataset.reason = reason;
  const text = document.createElement("p");
  text.textContent = message;
  box.append(text);
  slot.append(box);
  box.focus();
}

/** Takes the error away: the element exists exactly while there is an error. */
export function clearError() {
  document.getElementById("error")?.remove();
}

/** Puts a WebAuthn error into words that say what to do next. */
export function explain(error) {
  const messages = block("passkey-messages") ?? {};
  const name = error?.name ?? "UnknownError";
  showError(messages[name] ?? messages.UnknownError ?? name, name);
}

/** Runs a ceremony; a browser that has not yet let go of the one before (the page before, a signal) gets a moment. */
export async function patiently(ask) {
  for (let round = 0; ; round += 1) {
    try {
      return await ask();
    } catch (error) {
      if (error?.name !== "OperationError" || round === 5) throw error;
      await new Promise((done) => setTimeout(done, 300));
    }
  }
}

/** The words of the page for a state such as "waiting". */
export function say(name) {
  const status = document.querySelector("[data-passkey-status]");
  if (status) status.textContent = name ? (block("passkey-messages")?.[name] ?? "") : "";
}

/** A ceremony of a page: its options, its form, and the renewal of both before the challenge expires. */
export class Ceremony {
  #options = block("passkey-options");
  #timer;

  constructor(form, onRenewed) {
    this.form = form;
    this.onRenewed = onRenewed;
    this.born = Date.now();
    this.lifetime = Number(form.dataset.expiresIn) * 1000;
    this.#schedule();
    // A laptop that slept missed its timer; the page coming back is the moment to look.
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && this.stale) this.renew().catch(() => {});
    });
  }

  get stale() {
    return this.lifetime > 0 && Date.now() - this.born > this.lifetime * 0.8;
  }

  #schedule() {
    clearTimeout(this.#timer);
    if (this.form.dataset.renewUrl && this.lifetime > 0) {
      this.#timer = setTimeout(() => this.renew().catch(() => {}), this.lifetime * 0.8);
    }
  }

  async renew() {
    const url = this.form.dataset.renewUrl;
    if (!url) return;
    const address = new URL(url, location.href);
    address.searchParams.set("flow", this.form.elements.flow.value);
    const answer = await fetch(address, { headers: { accept: "application/json" }, credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) throw Object.assign(new Error("renewal refused"), { name: "network" });
    const { flow, options } = await answer.json();
    this.#options = options;
    for (const field of document.querySelectorAll('input[name="flow"]')) field.value = flow;
    this.born = Date.now();
    this.#schedule();
    await this.onRenewed?.();
  }

  /** The options, made new first if they are about to expire. */
  async options() {
    if (this.stale) {
      try {
        await this.renew();
      } catch {
        throw Object.assign(new Error("offline"), { name: "network" });
      }
    }
    return this.#options;
  }

  /** The options as they are, for a ceremony that runs in the background. */
  get current() {
    return this.#options;
  }

  submit(credential) {
    this.form.elements.credential.value = JSON.stringify(credentialJson(credential));
    this.form.requestSubmit();
  }
}
