### The e-mails.

validity = It works for { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
}. Never give it to anyone, not even to us.
or-link = Or open this link:
support = Help
sender = Sent by { $tenant }
fact-passkey = Passkey
fact-address = New address
fact-factor = Authenticator
fact-device = Device
fact-origin = Place
fact-time = Time
month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
moment = { $day } { month } { $year }, { $time } UTC

sign-in-subject = { $code } is your code for { $tenant }
sign-in-heading = Your sign-in code
sign-in-body = Enter this code to sign in to { $tenant }.
sign-in-button = Sign in
sign-in-note = You didn’t ask for this? Then you can ignore this email: without the code nobody gets in.

verify-subject = { $code } is your code for { $tenant }
verify-heading = Confirm your email
verify-body = Enter this code so that { $tenant } knows this address is yours.
verify-button = Confirm address
verify-note = You didn’t ask for this? Then somebody probably mistyped their address. You can ignore this email.

step-up-subject = { $code } is your code for { $tenant }
step-up-heading = Is it you?
step-up-body = Enter this code to confirm the change to your account.
step-up-button = Confirm
step-up-note = You’re not changing anything? Then don’t use the code, and sign out the devices you don’t know.

recovery-subject = { $code } is your code for { $tenant }
recovery-heading = Get back into your account
recovery-body = Enter this code, then you can set up a new passkey or password.
recovery-button = Get back in
recovery-note = You didn’t ask for this? Then you can ignore this email: without the code nobody gets in.

exists-subject = { $code } is your code for { $tenant }
exists-heading = You already have an account
exists-body = Someone – probably you – tried to create a { $tenant } account with this address. It has one already: enter this code to sign in.
exists-button = Sign in
exists-note = It wasn’t you? Nothing was changed, and nobody learned that this account exists.

passkey-added-subject = A passkey was added to your { $tenant } account
passkey-added-heading = New passkey added
passkey-added-body = You can now sign in with it.
passkey-added-button = See your passkeys
passkey-added-note = It wasn’t you? Remove the passkey right away and sign out all other devices.

passkey-removed-subject = A passkey was removed from your { $tenant } account
passkey-removed-heading = Passkey removed
passkey-removed-body = It no longer signs you in.
passkey-removed-button = See your passkeys
passkey-removed-note = It wasn’t you? Check your passkeys and sign out all other devices.

new-device-subject = New sign-in to your { $tenant } account
new-device-heading = A sign-in from a new device
new-device-body = Someone signed in to your account on a device that we haven’t seen before.
new-device-button = See your devices
new-device-note = Was it you? Then all is well. If not, sign that device out right away.

recovery-used-subject = Your { $tenant } account was recovered
recovery-used-heading = Your account was recovered
recovery-used-body = Someone got back into your account with a code from this mailbox.
recovery-used-button = See your account
recovery-used-note = Was it you? Then all is well. If not, change the password of your mailbox first, then sign out all devices.

email-changed-subject = Your address at { $tenant } has changed
email-changed-heading = Your address has changed
email-changed-body = Messages about your { $tenant } account now go to another address. This is the last one you get here.
email-changed-button = Get help
email-changed-note = It wasn’t you? Ask for help as soon as you can.

password-changed-subject = The password of your { $tenant } account was changed
password-changed-heading = Password changed
password-changed-body = The password of your account was set, changed or removed. All other devices were signed out.
password-changed-button = Manage your password
password-changed-note = It wasn’t you? Get back in with a code from this mailbox, then check your passkeys and set a new password.

factor-added-subject = Two-step sign-in is on for your { $tenant } account
factor-added-heading = Two-step sign-in is on
factor-added-body = Whoever signs in to your account is now asked for a code from your authenticator app too.
factor-added-button = See two-step sign-in
factor-added-note = It wasn’t you? Then somebody got in: remove the app, change your password and sign out all other devices.

factor-removed-subject = An authenticator app was removed from your { $tenant } account
factor-removed-heading = Authenticator app removed
factor-removed-body = Its codes are no longer asked for or taken.
factor-removed-button = See two-step sign-in
factor-removed-note = It wasn’t you? Then somebody got in: change your password and sign out all other devices.

recovery-code-used-subject = A recovery code of your { $tenant } account was used
recovery-code-used-heading = A recovery code was used
recovery-code-used-body = Someone signed in with one of your recovery codes. { $left ->
    [0] There are none left: make new ones.
    [one] One is left: make new ones.
   *[other] { $left } are left.
}
recovery-code-used-button = See your recovery codes
recovery-code-used-note = Was it you? Then all is well. If not, change your password, make new recovery codes and sign out all other devices.

deleted-subject = Your { $tenant } account is deleted
deleted-heading = Your account is deleted
deleted-body = Your account, your passkeys and all sign-ins are gone, as you asked. Thank you for having been with us.
deleted-note = This is the last email from us about this account.

set-password-subject = Set your password for { $tenant }
set-password-heading = Set your password
set-password-body = Open this link to choose a password for { $tenant }. It works once, for { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
}.
set-password-button = Choose a password
set-password-note = You didn’t ask for this? Then you can ignore this email: your password stays as it is.

sign-in-link-subject = Your link to sign in to { $tenant }
sign-in-link-heading = Sign in
sign-in-link-body = Open this link to sign in to { $tenant }. It works once, for { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
}.
sign-in-link-button = Sign in
sign-in-link-note = You didn’t ask for this? Then you can ignore this email: without the link nobody gets in.

invitation-subject = Your account at { $tenant }
invitation-heading = You have an account
invitation-body = Somebody at { $tenant } made an account for you. Sign in to finish it: you can add a passkey, so that you never need a password.
invitation-button = Sign in
invitation-note = The link works once, for seven days. You don’t know what this is about? Then you can ignore this email.

way-back-subject = Get back into your { $tenant } account
way-back-heading = Get back into your account
way-back-body = The people who look after { $tenant } sent you this link, so that you can sign in and set up a new passkey.
way-back-button = Get back in
way-back-note = The link works once, for a day. You didn’t ask for help? Then don’t use it, and tell them.
