### The hosted pages. Plain words, short sentences, no jargon where a person signs in.

## Everywhere
continue = Continue
or = or
optional = optional
save = Save
remove = Remove
delete = Delete
rename = Rename
not-now = Not now
skip = Skip to content
sign-out = Sign out
send-code = Email me a code
back-to-signin = Back to sign-in
change-account = Not you?
created = Created
last-used = Last used
never-used = Not used yet
foot-language = Language
foot-more = More
foot-help = Help
foot-privacy = Privacy
foot-terms = Terms of use
dev-badge = Dev
time-month = { $month ->
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
time-day = { $day } { time-month } { $year }
time-moment = { time-day }, { $time } UTC

## Fields
field-email = Email address
field-email-or-username = Email address or username
field-name = Full name
field-given-name = First name
field-family-name = Last name
field-phone = Phone number
field-birthdate = Date of birth
field-password = Password
field-new-password = New password
field-current-password = Current password
field-code = Code from the email
field-locale = Language
field-zoneinfo = Time zone

## Sign in
signin-title = Sign in
signin-lead = Welcome back to { $tenant }.
signin-lead-app = to continue to { $application }
signin-submit = Sign in
signin-new-here = New here?
signin-sign-up = Create an account
signin-trouble = Trouble signing in?
passkey-signin = Sign in with a passkey

## Password
password-title = Enter your password
password-forgot = Forgot it?
password-show = Show
password-hide = Hide
password-hint = At least { $min } characters. A few unrelated words make a good password.
password-save = Save password
new-password-title = Choose a new password
new-password-lead-reset = You’re back in. Choose a new password for next time.
new-password-lead-expired = It’s time for a new password before you go on.
new-password-lead-breached = Your password has turned up in a data leak on another site. Choose a new one to keep your account safe.
new-password-lead-ticket = Choose the password for your account.

## Code
code-title-sign-in = Check your email
code-title-sign-up = Confirm your email
code-title-verify-email = Confirm your email
code-title-recover = Check your email
code-title-step-up = Check your email
code-lead-sign-in = We sent you a code. Type it here, or use the link in the email.
code-lead-sign-up = We sent you a code so we know this address is yours.
code-lead-verify-email = We sent you a code so we know this address is yours.
code-lead-recover = If this address belongs to an account, a code is on its way.
code-lead-step-up = We sent you a code to make sure it’s you.
code-hint = The code works for { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
}. Nothing there? Look in your spam folder.
code-pattern = The { $digits } digits from the email
code-wrong-address = Wrong address?
code-resend = Send a new code
code-resend-wait = Send a new code in { $seconds } s
code-use-password = Use my password instead
code-dev-mailbox = Open the mailbox

## Confirm, choose, recover
reauth-title = Confirm it’s you
reauth-lead-account = You’re about to change something important, so we check once more.
reauth-lead-application = { $application } asks you to sign in again.
reauth-submit = Confirm
select-title = Choose an account
select-continue-as = Continue as { $name }
select-other = Use another account
recover-title = Let’s get you back in
recover-lead = Lost your passkey or forgot your password? We’ll email you a code.
recover-hint = Use the address you signed up with. After the code you can set up a new passkey.

## Sign up
signup-title = Create your account
signup-lead = It only takes a moment.
signup-lead-passkey = No password to think up: next you’ll create a passkey.
signup-terms = By continuing you accept:
signup-have-account = Already have an account?

## The offer of a passkey
offer-title-sign-up = Create your passkey
offer-title-after-password = Skip the password next time
offer-title-after-code = Skip the code next time
offer-title-recovery = Create a new passkey
offer-lead-sign-up = A passkey signs you in with your fingerprint, face or screen lock. There’s no password to remember.
offer-lead-after-password = A passkey signs you in with your fingerprint, face or screen lock. It’s quicker and safer than a password.
offer-lead-after-code = A passkey signs you in with your fingerprint, face or screen lock. No more waiting for an email.
offer-lead-recovery = You’re back in. A new passkey on this device signs you in with your fingerprint, face or screen lock.
offer-point-easy = Sign in with a touch or a glance
offer-point-safe = Can’t be guessed, leaked or given to a fake site
offer-point-private = Your fingerprint or face never leaves your device
offer-create = Create a passkey
offer-noscript = Passkeys need JavaScript. Turn it on for this site and reload the page.
offer-old-title = Your other passkeys
offer-old-hint = Tick the ones you’ve lost. They’ll stop working.
passkey-synced = Synced
passkey-synced-hint = Backed up and available on your other devices
passkey-bound = This device only
passkey-bound-hint = Kept on one device or security key
passkey-current = In use now
passkey-waiting = Follow the steps on your device…
passkey-error-unsupported = This browser can’t use passkeys. Continue another way, or try a newer browser.
passkey-error-not-allowed = Nothing happened with your passkey – it was cancelled or took too long. Try again, or continue another way.
passkey-error-timeout = That took too long. Try again when you’re ready.
passkey-error-exists = This device already has a passkey for your account, so you can sign in with it.
passkey-error-security = Passkeys don’t work at this address. Open the site at its usual address and try again.
passkey-error-aborted = That was interrupted. Please try again.
passkey-error-constraint = Your device needs a screen lock for this. Set up a PIN, fingerprint or face and try again.
passkey-error-not-supported = Your device can’t make this kind of passkey. Try another device, your phone or a security key.
passkey-error-unknown = Your device couldn’t complete this. Try again, or continue another way.
passkey-error-network = We couldn’t reach the server. Check your connection and try again.

## Missing profile fields
complete-title = Almost there
complete-lead = { $tenant } needs a little more from you.
complete-lead-app = { $application } needs a little more from you.

## Consent
consent-title = { $application } asks for access
consent-lead = If you allow it, it will be able to:
consent-api = Access goes to: { $api }
consent-allow = Allow
consent-deny = Don’t allow
consent-return = You’ll return to { $host }.
consent-later = You can take this back any time in your account.
consent-privacy = Privacy at { $application }
scope-openid = Know that it’s you
scope-profile = See your name and profile
scope-email = See your email address
scope-phone = See your phone number
scope-address = See your postal address
scope-offline-access = Keep access while you’re away

## Sign out
signout-title = Sign out?
signout-lead = You’ll be signed out of { $tenant } on this device.
signout-lead-app = You’ll be signed out of { $application } and { $tenant } on this device.
signout-stay = Stay signed in
signed-out-title = You’re signed out
signed-out-lead = See you soon.
signed-out-return = Back to the app
signed-out-again = Sign in again

## Links in emails
link-title-sign-in = Sign in with this link?
link-title-verify-email = Confirm this address?
link-title-recover = Get back into your account?
link-title-denied = Thanks for telling us
link-title-expired = This link has expired
link-title-used = This link was already used
link-lead-sign-in = One click and you’re in.
link-lead-verify-email = One click and it’s confirmed.
link-lead-recover = One click, then you can set up a new passkey or password.
link-lead-other = This was asked for in another browser. Only confirm if that was you.
link-lead-denied = Nobody was let in. There’s nothing more you need to do.
link-lead-expired = Links only work for a short while. Ask for a new one.
link-lead-used = Each link works once. If that wasn’t you, ask for a new one and look at your account’s activity.
link-device = Device
link-origin = Place
link-when = Time
link-confirm-sign-in = Sign in
link-confirm-verify-email = Confirm address
link-confirm-recover = Continue
link-confirm-other = Yes, that was me
link-deny = No, that wasn’t me
link-done-title-sign-in = You’re confirmed
link-done-title-verify-email = Address confirmed
link-done-title-recover = You’re confirmed
link-done-title-new-password = Your password is saved
link-done-here = Thank you. You can carry on now.
link-done-there = Go back to the window where you started – it carries on by itself. You can close this one.
link-restart = Start again
device-title = Connect a device
device-lead = Type the code that your device shows.
field-device-code = Code on the device
device-confirm-title = Connect { $application }?
device-confirm-lead = Go on only if your device shows this code. The device will be able to:
device-done-title = Your device is connected
device-done-lead = You can go back to it now. This page is no longer needed.
device-denied-title = The device was not connected
device-denied-lead = Nothing was allowed. You can close this page.

form-post-title = Taking you back…
form-post-lead = If nothing happens, press the button.

## Reasons why a form came back
problem-identifier-missing = Enter your email address.
problem-email-invalid = That doesn’t look like an email address. Check for typos.
problem-account-unknown = We found no account by what you typed. Check the spelling.
problem-email-taken = This address is already in use.
problem-name-missing = Tell us your name.
problem-field-missing = Please fill in all required fields.
problem-field-invalid = Something here isn’t quite right. Please check what you entered.
problem-password-wrong = That doesn’t match our records. Check your password, or continue with a code.
problem-password-missing = Enter your password.
problem-password-too-short = Use at least { $min } characters.
problem-password-too-long = Use at most { $max } characters.
problem-password-needs-number = Add a digit.
problem-password-needs-mixed-case = Use small letters and capitals.
problem-password-needs-symbol = Add something that is neither a letter nor a digit, such as a space or a comma.
problem-password-weak = This password is easy to guess. Add a word or two.
problem-password-breached = This password has turned up in a data leak. Choose another one.
problem-password-reused = You’ve used this password before. Choose a new one.
problem-code-missing = Enter the code from the email.
problem-code-wrong = That code isn’t right. { $attempts_left ->
    [0] Ask for a new one.
    [one] You have one more try.
   *[other] You have { $attempts_left } more tries.
}
problem-code-expired = This code has expired. Ask for a new one.
problem-too-many-attempts = That was too many tries. Wait { $minutes ->
    [one] a minute
   *[other] { $minutes } minutes
} and try again.
problem-mail-failed = We couldn’t send the email. Check the address, or try again in a moment.
problem-passkey-unknown = We don’t know this passkey – it may have been removed. Continue with your email address.
problem-passkey-rejected = We couldn’t verify your passkey. Try again, or continue another way.
problem-passkey-unverified = Your device didn’t confirm that it’s you. Unlock it with your fingerprint, face or PIN and try again.
problem-passkey-expired = The page was open for too long. Please try again.
problem-passkey-exists = This device already has a passkey for your account.
problem-passkey-not-allowed = This kind of passkey isn’t accepted here. Try another device or security key.
problem-passkey-other-account = That passkey belongs to another account. Use one of this account’s passkeys.
problem-sign-up-closed = New accounts can’t be created right now.
problem-form-expired = The page was open for too long. Please send it again.
problem-confirmation-wrong = What you typed doesn’t match. Nothing was deleted.
problem-last-sign-in-method = This is your only way to sign in. Add another one first.
problem-last-owner = You are the only owner here. Make somebody else an owner in the console first (Team); then you can delete your account.
problem-primary-email = This is your primary address. Make another one primary first.
problem-email-unverified = Confirm this address first.

## Good news
notice-code-sent = A new code is on its way.
notice-profile-saved = Your profile is saved.
notice-email-added = Address added. Now confirm it with the code we sent.
notice-email-verified = Address confirmed.
notice-email-primary = Your primary address has changed.
notice-email-removed = Address removed.
notice-passkey-added = Your passkey is ready to use.
notice-passkey-renamed = Passkey renamed.
notice-passkey-removed = Passkey removed. It no longer signs you in.
notice-password-saved = Your password is saved.
notice-password-removed = Your password is gone. Sign in with your passkey from now on.
notice-device-signed-out = That device is signed out.
notice-devices-signed-out = All other devices are signed out.
notice-app-disconnected = The app no longer has access.
notice-confirmed = Thanks, we know it’s you. You can carry on.

## Error pages: what happened, and what to do
error-title-unknown-client = We don’t know this app
error-what-unknown-client = The app that sent you here isn’t registered with us.
error-do-unknown-client = Go back to the app and let its makers know. If you’re building it, check the client ID and that you’re using the right address.
error-title-redirect-uri-mismatch = This app’s return address isn’t registered
error-what-redirect-uri-mismatch = To protect you, we only send people back to addresses that the app has registered. This one isn’t among them.
error-do-redirect-uri-mismatch = If you’re building the app, add exactly this address to its callback URLs in the console – every character counts. Otherwise, let the app’s makers know.
error-title-redirect-uri-missing = We don’t know where to send you back
error-what-redirect-uri-missing = The app didn’t say where to return to after sign-in.
error-do-redirect-uri-missing = If you’re building the app, send the parameter redirect_uri with one of its registered callback URLs.
error-title-invalid-request = Something’s missing from this request
error-what-invalid-request = The app sent us a request that we can’t understand.
error-do-invalid-request = Go back to the app and try again. If it keeps happening, let its makers know.
error-title-flow-expired = This page is too old
error-what-flow-expired = Signing in took longer than we can wait, or it was finished in another tab.
error-do-flow-expired = No harm done. Just start again.
error-title-cookies-blocked = Your browser blocks our cookies
error-what-cookies-blocked = Without a cookie we can’t remember that it’s you between two pages.
error-do-cookies-blocked = Allow cookies for this site, then try again. Private windows sometimes block them too.
error-title-rate-limited = A little too fast
error-what-rate-limited = Many requests came from your network in a short time.
error-do-rate-limited = Wait { $minutes ->
    [one] a minute
   *[other] { $minutes } minutes
}, then try again.
error-title-account-locked = Taking a short break
error-what-account-locked = There were too many failed tries, so we’ve paused this way of signing in to protect your account.
error-do-account-locked = Try again in { $minutes ->
    [one] a minute
   *[other] { $minutes } minutes
}. Signing in with a passkey still works.
error-title-not-a-member = You’re not a member here yet
error-what-not-a-member = You are signed in, but this application is open to its members only.
error-do-not-a-member = Ask whoever runs the application to add you, or use another account.

error-title-account-disabled = This account is switched off
error-what-account-disabled = You can’t sign in with it at the moment.
error-do-account-disabled = If you think that’s a mistake, ask for help.
error-title-access-denied = You don’t have access
error-what-access-denied = Your account isn’t allowed to use this app.
error-do-access-denied = Ask the person who runs the app for access, or sign in with another account.
error-title-form-expired = Please send that again
error-what-form-expired = The page was open for too long, or it came from somewhere else. Nothing was changed.
error-do-form-expired = Go back, reload the page and try once more.
error-title-not-found = There’s nothing here
error-what-not-found = This page doesn’t exist, or it has moved.
error-do-not-found = Check the address, or start from the beginning.
error-title-busy = One moment, please
error-what-busy = A lot of people are signing in right now.
error-do-busy = Wait a few seconds, then try again.
error-title-server-error = Something went wrong on our side
error-what-server-error = It’s not your fault, and nothing of yours is lost.
error-do-server-error = Try again in a moment. If it keeps happening, quote the number below when you ask for help.
error-received = We received
error-detail = Details for developers
error-request = Request number
error-retry = Try again
error-home = Go to the start page
error-settings = Open the app’s settings

## Second factor
field-factor-code = Code from the app
field-recovery-code = Recovery code
factor-title = One more step
factor-lead = Open your authenticator app and type the code it shows.
factor-recovery-title = Use a recovery code
factor-recovery-lead = Type one of the codes that you kept when you set up two-step sign-in. Each works once.
factor-remember = Don’t ask again in this browser for { $days ->
    [one] one day
   *[other] { $days } days
}
factor-use-recovery = Use a recovery code
factor-use-app = Use my authenticator app
factor-setup-title = Set up two-step sign-in
factor-setup-lead = { $tenant } asks for a second step when you sign in: a code from an app on your phone.
factor-setup-begin = Set it up
factor-setup-scan = Scan this with an authenticator app, or type the key into it.
factor-setup-key = Key
factor-setup-qr = QR code for the authenticator app
factor-setup-open = Open in an app on this device
factor-setup-code = Type the code that the app shows.
codes-title = Keep your recovery codes
codes-lead = If you lose your phone, each of these codes signs you in once. They’re shown only now: print them, or put them into your password manager.
codes-copy = Copy
codes-copied = Copied
codes-print = Print
codes-kept = I’ve kept them
problem-factor-wrong = That code isn’t right. Type the one that the app shows now.
problem-factor-used = That code was used already. Wait for the next one.
notice-factor-removed = The app is removed. Its codes are no longer asked for.
