// The passkeys of the account: adding one. What changed is told to the passkey manager by signals.js.

import "./passkey-create.js";
