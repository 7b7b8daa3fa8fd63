### The account pages.

account-nav = Your account
nav-profile = Profile
nav-emails = Email addresses
nav-passkeys = Passkeys
nav-password = Password
nav-devices = Devices
nav-apps = Connected apps
nav-activity = Activity
nav-data = Your data
fresh-hint = We’ll ask you to confirm it’s you first.

profile-title = Your account
profile-lead = What { $tenant } knows about you, and how you sign in.
profile-about = About you
profile-locale-browser = Same as my browser
checkup-title = Your account at a glance
checkup-passkeys = { $count ->
    [0] No passkey yet – add one
    [one] One passkey
   *[other] { $count } passkeys
}
checkup-email-verified = Email confirmed
checkup-email-unverified = Confirm your email
checkup-devices = { $count ->
    [one] One device signed in
   *[other] { $count } devices signed in
}

emails-lead = Messages go to your primary address. Any confirmed address signs you in and gets you back into your account.
emails-primary = Primary
emails-verified = Confirmed
emails-unverified = Not confirmed
emails-verify = Confirm
emails-make-primary = Make primary
emails-remove-confirm = Remove { $address } from your account?
emails-empty = No address yet. Add one, so that you can always get back in.
emails-add-title = Add an address
emails-add = Add
emails-add-hint = We’ll send a code to make sure it’s yours. A second address is a good safety net.

passkeys-lead = Sign in with your fingerprint, face or screen lock.
passkeys-name = Name
passkeys-add = Add a passkey
passkeys-delete-confirm = Delete “{ $name }”? It will no longer sign you in. We also ask your device to forget it.
passkeys-empty-title = Sign in without a password
passkeys-empty = A passkey lives on your phone, computer or security key. You unlock it the way you unlock your device – nothing to remember, nothing to steal.
passkeys-hint = Add one on each kind of device you use. If one gets lost, the other still lets you in.

account-password-lead = You can sign in with a password. A passkey is safer and quicker.
account-password-none = Your account has no password, and it doesn’t need one.
account-password-change = Change password
account-password-set = Set a password
account-password-changed = Last changed
account-password-remove = Remove password
account-password-remove-hint = What doesn’t exist can’t be stolen. Your passkeys keep working.
account-password-remove-confirm = Remove your password? You’ll sign in with a passkey or a code.

devices-lead = Where you’re signed in. Don’t recognise something? Sign it out.
devices-current = This device
devices-seen = Last active
devices-since = Signed in
devices-used-for = for
devices-revoke-others = Sign out all other devices
devices-revoke-others-confirm = Every device except this one will have to sign in again.
devices-only-this = You’re signed in on this device only.

apps-lead = Apps that use your { $tenant } account.
apps-since = Since
apps-revoke = Remove access
apps-revoke-confirm = { $application } will have to ask you again. What it already knows, it may keep.
apps-empty-title = No apps yet
apps-empty = When you sign in to an app with your { $tenant } account, it shows up here – and you can take its access away.

activity-lead = What happened in your account lately.
activity-empty = Nothing yet. Sign-ins and changes will show up here.
activity-hint = Something looks wrong? Sign out the other devices, then remove passkeys you don’t know.
activity-older = Older
activity-signed-up = Account created
activity-signed-in-passkey = Signed in with a passkey
activity-signed-in-password = Signed in with a password
activity-signed-in-code = Signed in with an email code
activity-signed-out = Signed out
activity-sign-in-failed = A sign-in failed
activity-locked = Sign-in paused after too many tries
activity-passkey-added = Passkey added
activity-passkey-renamed = Passkey renamed
activity-passkey-removed = Passkey removed
activity-password-changed = Password changed
activity-password-removed = Password removed
activity-email-added = Address added
activity-email-verified = Address confirmed
activity-email-primary = Primary address changed
activity-email-removed = Address removed
activity-recovered = Account recovered by email
activity-app-connected = App connected
activity-app-disconnected = App access removed
activity-device-signed-out = Device signed out
activity-profile-changed = Profile changed
activity-data-downloaded = Data downloaded

data-lead = It’s yours. Take it with you, or delete it.
data-download-title = Download your data
data-download-hint = A file with everything we hold about you: profile, addresses, passkeys, devices, apps and activity.
data-download = Download
data-delete-title = Delete your account
data-delete-hint = Your account, your passkeys and all sign-ins at { $tenant } will be deleted. This can’t be undone.
data-delete = Delete my account
data-delete-type = Type { $text } to confirm
data-delete-confirm = Delete for good
deleted-title = Your account is deleted
deleted-lead = Thank you for having been with us. We’ve sent you a confirmation.

nav-two-step = Two-step sign-in
two-step-lead = A code from an app on your phone, besides your password or email code. Whoever learns one doesn’t have the other.
two-step-required = { $tenant } asks everybody for a second step: a code from an app on their phone.
two-step-passkey-hint = Signing in with a passkey is two steps in one, so you won’t be asked for a code.
two-step-apps = Authenticator apps
two-step-app = Authenticator app
two-step-add = Add an authenticator app
two-step-empty-title = One step so far
two-step-empty = Add an authenticator app, and a stolen password alone opens nothing.
two-step-remove-confirm = Remove “{ $name }”? Its codes will no longer be asked for.
two-step-codes-title = Recovery codes
two-step-codes-left = { $count ->
    [0] None left. Make new ones, so that you can get in without your phone.
    [one] One code left. Make new ones soon.
   *[other] { $count } codes left.
}
two-step-codes-new = Make new codes
two-step-codes-new-hint = The old codes stop working.
activity-factor-added = Authenticator app added
activity-factor-removed = Authenticator app removed
activity-factor-refused = A second step failed
activity-recovery-code-used = Recovery code used
activity-recovery-codes-made = New recovery codes made
