// Tells the passkey manager what changed, so that it stops offering what no longer works and shows the right names.
// WebAuthn Level 3, section 5.1.10. The news is in the block #signals; a browser that cannot listen is left alone.

const element = document.getElementById("signals");
const api = window.PublicKeyCredential;

async function tell(name, news) {
  try {
    await api?.[name]?.(news);
  } catch {
    // A manager that does not listen changes nothing here.
  }
}

if (element && api) {
  const { rpId, userId, unknownCredentialId, allAcceptedCredentialIds, name, displayName } = JSON.parse(element.textContent);
  if (unknownCredentialId) await tell("signalUnknownCredential", { rpId, credentialId: unknownCredentialId });
  if (userId && allAcceptedCredentialIds) {
    await tell("signalAllAcceptedCredentials", { rpId, userId, allAcceptedCredentialIds });
  }
  if (userId && name) await tell("signalCurrentUserDetails", { rpId, userId, name, displayName: displayName ?? name });
}
