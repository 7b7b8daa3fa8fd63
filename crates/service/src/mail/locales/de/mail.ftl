### Die E-Mails.

validity = Er gilt { $minutes ->
    [one] eine Minute
   *[other] { $minutes } Minuten
}. Geben Sie ihn niemandem, auch nicht uns.
or-link = Oder öffnen Sie diesen Link:
support = Hilfe
sender = Gesendet von { $tenant }
fact-passkey = Passkey
fact-address = Neue Adresse
fact-factor = Authenticator
fact-device = Gerät
fact-origin = Ort
fact-time = Zeit
month = { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
}
moment = { $day }. { month } { $year }, { $time } UTC

sign-in-subject = { $code } ist Ihr Code für { $tenant }
sign-in-heading = Ihr Code zum Anmelden
sign-in-body = Geben Sie diesen Code ein, um sich bei { $tenant } anzumelden.
sign-in-button = Anmelden
sign-in-note = Sie haben das nicht angefordert? Dann können Sie diese E-Mail ignorieren: Ohne den Code kommt niemand herein.

verify-subject = { $code } ist Ihr Code für { $tenant }
verify-heading = E-Mail-Adresse bestätigen
verify-body = Geben Sie diesen Code ein, damit { $tenant } weiß, dass die Adresse Ihnen gehört.
verify-button = Adresse bestätigen
verify-note = Sie haben das nicht angefordert? Dann hat sich wohl jemand vertippt. Sie können diese E-Mail ignorieren.

step-up-subject = { $code } ist Ihr Code für { $tenant }
step-up-heading = Sind Sie es?
step-up-body = Geben Sie diesen Code ein, um die Änderung an Ihrem Konto zu bestätigen.
step-up-button = Bestätigen
step-up-note = Sie ändern gerade nichts? Dann benutzen Sie den Code nicht, und melden Sie Geräte ab, die Sie nicht kennen.

recovery-subject = { $code } ist Ihr Code für { $tenant }
recovery-heading = Zurück in Ihr Konto
recovery-body = Geben Sie diesen Code ein, dann können Sie einen neuen Passkey oder ein neues Passwort einrichten.
recovery-button = Zurück ins Konto
recovery-note = Sie haben das nicht angefordert? Dann können Sie diese E-Mail ignorieren: Ohne den Code kommt niemand herein.

exists-subject = { $code } ist Ihr Code für { $tenant }
exists-heading = Sie haben schon ein Konto
exists-body = Jemand – wahrscheinlich Sie – wollte mit dieser Adresse ein Konto bei { $tenant } erstellen. Es gibt schon eines: Mit diesem Code melden Sie sich an.
exists-button = Anmelden
exists-note = Sie waren das nicht? Es wurde nichts geändert, und niemand hat erfahren, dass es dieses Konto gibt.

passkey-added-subject = Neuer Passkey für Ihr Konto bei { $tenant }
passkey-added-heading = Passkey hinzugefügt
passkey-added-body = Sie können sich ab jetzt damit anmelden.
passkey-added-button = Passkeys ansehen
passkey-added-note = Sie waren das nicht? Entfernen Sie den Passkey sofort, und melden Sie alle anderen Geräte ab.

passkey-removed-subject = Ein Passkey Ihres Kontos bei { $tenant } wurde entfernt
passkey-removed-heading = Passkey entfernt
passkey-removed-body = Er meldet Sie nicht mehr an.
passkey-removed-button = Passkeys ansehen
passkey-removed-note = Sie waren das nicht? Prüfen Sie Ihre Passkeys, und melden Sie alle anderen Geräte ab.

new-device-subject = Neue Anmeldung in Ihrem Konto bei { $tenant }
new-device-heading = Anmeldung auf einem neuen Gerät
new-device-body = Jemand hat sich auf einem Gerät in Ihrem Konto angemeldet, das wir noch nicht kennen.
new-device-button = Geräte ansehen
new-device-note = Waren Sie das? Dann ist alles gut. Wenn nicht, melden Sie das Gerät sofort ab.

recovery-used-subject = Ihr Konto bei { $tenant } wurde wiederhergestellt
recovery-used-heading = Ihr Konto wurde wiederhergestellt
recovery-used-body = Jemand ist mit einem Code aus diesem Postfach wieder in Ihr Konto gelangt.
recovery-used-button = Konto ansehen
recovery-used-note = Waren Sie das? Dann ist alles gut. Wenn nicht, ändern Sie zuerst das Passwort Ihres Postfachs und melden Sie dann alle Geräte ab.

email-changed-subject = Ihre Adresse bei { $tenant } wurde geändert
email-changed-heading = Ihre Adresse wurde geändert
email-changed-body = Nachrichten zu Ihrem Konto bei { $tenant } gehen jetzt an eine andere Adresse. Dies ist die letzte, die hier ankommt.
email-changed-button = Hilfe holen
email-changed-note = Sie waren das nicht? Holen Sie sich so bald wie möglich Hilfe.

password-changed-subject = Das Passwort Ihres Kontos bei { $tenant } wurde geändert
password-changed-heading = Passwort geändert
password-changed-body = Das Passwort Ihres Kontos wurde festgelegt, geändert oder entfernt. Alle anderen Geräte wurden abgemeldet.
password-changed-button = Zum Passwort
password-changed-note = Sie waren das nicht? Holen Sie sich den Zugang mit einem Code aus diesem Postfach zurück, prüfen Sie dann Ihre Passkeys und legen Sie ein neues Passwort fest.

factor-added-subject = Zweistufige Anmeldung für Ihr Konto bei { $tenant } ist eingeschaltet
factor-added-heading = Zweistufige Anmeldung ist eingeschaltet
factor-added-body = Wer sich bei Ihrem Konto anmeldet, wird jetzt auch nach einem Code aus Ihrer Authenticator-App gefragt.
factor-added-button = Zweistufige Anmeldung ansehen
factor-added-note = Das waren nicht Sie? Dann war jemand in Ihrem Konto: Entfernen Sie die App, ändern Sie Ihr Passwort und melden Sie alle anderen Geräte ab.

factor-removed-subject = Eine Authenticator-App wurde aus Ihrem Konto bei { $tenant } entfernt
factor-removed-heading = Authenticator-App entfernt
factor-removed-body = Ihre Codes werden nicht mehr verlangt und nicht mehr angenommen.
factor-removed-button = Zweistufige Anmeldung ansehen
factor-removed-note = Das waren nicht Sie? Dann war jemand in Ihrem Konto: Ändern Sie Ihr Passwort und melden Sie alle anderen Geräte ab.

recovery-code-used-subject = Ein Wiederherstellungscode Ihres Kontos bei { $tenant } wurde benutzt
recovery-code-used-heading = Ein Wiederherstellungscode wurde benutzt
recovery-code-used-body = Jemand hat sich mit einem Ihrer Wiederherstellungscodes angemeldet. { $left ->
    [0] Es ist keiner mehr übrig: Erstellen Sie neue.
    [one] Es ist noch einer übrig: Erstellen Sie neue.
   *[other] Es sind noch { $left } übrig.
}
recovery-code-used-button = Wiederherstellungscodes ansehen
recovery-code-used-note = Waren Sie das? Dann ist alles gut. Wenn nicht, ändern Sie Ihr Passwort, erstellen Sie neue Codes und melden Sie alle anderen Geräte ab.

deleted-subject = Ihr Konto bei { $tenant } ist gelöscht
deleted-heading = Ihr Konto ist gelöscht
deleted-body = Ihr Konto, Ihre Passkeys und alle Anmeldungen sind weg, wie Sie es wollten. Danke, dass Sie bei uns waren.
deleted-note = Das ist unsere letzte E-Mail zu diesem Konto.

set-password-subject = Passwort für { $tenant } festlegen
set-password-heading = Passwort festlegen
set-password-body = Öffnen Sie diesen Link, um ein Passwort für { $tenant } zu wählen. Er gilt einmal, für { $minutes ->
    [one] eine Minute
   *[other] { $minutes } Minuten
}.
set-password-button = Passwort wählen
set-password-note = Das waren nicht Sie? Dann können Sie diese E-Mail ignorieren: Ihr Passwort bleibt, wie es ist.

sign-in-link-subject = Ihr Link zur Anmeldung bei { $tenant }
sign-in-link-heading = Anmelden
sign-in-link-body = Öffnen Sie diesen Link, um sich bei { $tenant } anzumelden. Er gilt einmal, für { $minutes ->
    [one] eine Minute
   *[other] { $minutes } Minuten
}.
sign-in-link-button = Anmelden
sign-in-link-note = Das waren nicht Sie? Dann können Sie diese E-Mail ignorieren: Ohne den Link kommt niemand hinein.

invitation-subject = Ihr Konto bei { $tenant }
invitation-heading = Sie haben ein Konto
invitation-body = Jemand bei { $tenant } hat ein Konto für Sie angelegt. Melden Sie sich an, um es fertig einzurichten: Mit einem Passkey brauchen Sie nie ein Passwort.
invitation-button = Anmelden
invitation-note = Der Link gilt einmal, sieben Tage lang. Sie wissen nicht, worum es geht? Dann können Sie diese E-Mail ignorieren.

way-back-subject = Zurück in Ihr Konto bei { $tenant }
way-back-heading = Zurück in Ihr Konto
way-back-body = Die Betreuung von { $tenant } schickt Ihnen diesen Link, damit Sie sich anmelden und einen neuen Passkey einrichten können.
way-back-button = Wieder anmelden
way-back-note = Der Link gilt einmal, einen Tag lang. Sie haben nicht um Hilfe gebeten? Dann benutzen Sie ihn nicht und sagen Sie Bescheid.
