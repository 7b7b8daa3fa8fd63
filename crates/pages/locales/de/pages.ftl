### Die Seiten der Anmeldung. Kurze Sätze, klare Worte, „Sie“.

## Überall
continue = Weiter
or = oder
optional = freiwillig
save = Speichern
remove = Entfernen
delete = Löschen
rename = Umbenennen
not-now = Jetzt nicht
skip = Zum Inhalt springen
sign-out = Abmelden
send-code = Code per E-Mail senden
back-to-signin = Zurück zur Anmeldung
change-account = Nicht Sie?
created = Erstellt am
last-used = Zuletzt benutzt am
never-used = Noch nicht benutzt
foot-language = Sprache
foot-more = Mehr
foot-help = Hilfe
foot-privacy = Datenschutz
foot-terms = Nutzungsbedingungen
dev-badge = Entwicklung
time-month = { $month ->
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
time-day = { $day }. { time-month } { $year }
time-moment = { time-day }, { $time } UTC

## Felder
field-email = E-Mail-Adresse
field-email-or-username = E-Mail-Adresse oder Benutzername
field-name = Vor- und Nachname
field-given-name = Vorname
field-family-name = Nachname
field-phone = Telefonnummer
field-birthdate = Geburtsdatum
field-password = Passwort
field-new-password = Neues Passwort
field-current-password = Aktuelles Passwort
field-code = Code aus der E-Mail
field-locale = Sprache
field-zoneinfo = Zeitzone

## Anmelden
signin-title = Anmelden
signin-lead = Willkommen zurück bei { $tenant }.
signin-lead-app = um mit { $application } fortzufahren
signin-submit = Anmelden
signin-new-here = Neu hier?
signin-sign-up = Konto erstellen
signin-trouble = Probleme beim Anmelden?
passkey-signin = Mit Passkey anmelden

## Passwort
password-title = Passwort eingeben
password-forgot = Vergessen?
password-show = Anzeigen
password-hide = Verbergen
password-hint = Mindestens { $min } Zeichen. Gut sind ein paar Wörter, die nichts miteinander zu tun haben.
password-save = Passwort speichern
new-password-title = Neues Passwort wählen
new-password-lead-reset = Sie sind wieder drin. Wählen Sie ein neues Passwort fürs nächste Mal.
new-password-lead-expired = Bevor es weitergeht, brauchen Sie ein neues Passwort.
new-password-lead-breached = Ihr Passwort ist in einem Datenleck einer anderen Seite aufgetaucht. Wählen Sie ein neues, damit Ihr Konto sicher bleibt.
new-password-lead-ticket = Wählen Sie das Passwort für Ihr Konto.

## Code
code-title-sign-in = Sehen Sie in Ihre E-Mails
code-title-sign-up = E-Mail-Adresse bestätigen
code-title-verify-email = E-Mail-Adresse bestätigen
code-title-recover = Sehen Sie in Ihre E-Mails
code-title-step-up = Sehen Sie in Ihre E-Mails
code-lead-sign-in = Wir haben Ihnen einen Code geschickt. Geben Sie ihn hier ein, oder nutzen Sie den Link in der E-Mail.
code-lead-sign-up = Wir haben Ihnen einen Code geschickt, damit wir wissen, dass die Adresse Ihnen gehört.
code-lead-verify-email = Wir haben Ihnen einen Code geschickt, damit wir wissen, dass die Adresse Ihnen gehört.
code-lead-recover = Wenn zu dieser Adresse ein Konto gehört, ist ein Code unterwegs.
code-lead-step-up = Wir haben Ihnen einen Code geschickt, um sicherzugehen, dass Sie es sind.
code-hint = Der Code gilt { $minutes ->
    [one] eine Minute
   *[other] { $minutes } Minuten
}. Nichts angekommen? Sehen Sie im Spam-Ordner nach.
code-pattern = Die { $digits } Ziffern aus der E-Mail
code-wrong-address = Falsche Adresse?
code-resend = Neuen Code senden
code-resend-wait = Neuen Code senden in { $seconds } s
code-use-password = Stattdessen Passwort eingeben
code-dev-mailbox = Postfach öffnen

## Bestätigen, auswählen, wiederherstellen
reauth-title = Bestätigen Sie, dass Sie es sind
reauth-lead-account = Sie sind dabei, etwas Wichtiges zu ändern. Deshalb fragen wir noch einmal nach.
reauth-lead-application = { $application } bittet Sie, sich noch einmal anzumelden.
reauth-submit = Bestätigen
select-title = Konto auswählen
select-continue-as = Weiter als { $name }
select-other = Anderes Konto verwenden
recover-title = Wir bringen Sie wieder rein
recover-lead = Passkey verloren oder Passwort vergessen? Wir schicken Ihnen einen Code.
recover-hint = Nehmen Sie die Adresse, mit der Sie sich registriert haben. Nach dem Code können Sie einen neuen Passkey einrichten.

## Registrieren
signup-title = Konto erstellen
signup-lead = Das dauert nur einen Moment.
signup-lead-passkey = Sie müssen sich kein Passwort ausdenken: Im nächsten Schritt erstellen Sie einen Passkey.
signup-terms = Wenn Sie fortfahren, akzeptieren Sie:
signup-have-account = Schon ein Konto?

## Das Angebot eines Passkeys
offer-title-sign-up = Passkey erstellen
offer-title-after-password = Nächstes Mal ohne Passwort
offer-title-after-code = Nächstes Mal ohne Code
offer-title-recovery = Neuen Passkey erstellen
offer-lead-sign-up = Mit einem Passkey melden Sie sich per Fingerabdruck, Gesicht oder Displaysperre an. Ein Passwort brauchen Sie nicht.
offer-lead-after-password = Mit einem Passkey melden Sie sich per Fingerabdruck, Gesicht oder Displaysperre an. Das ist schneller und sicherer als ein Passwort.
offer-lead-after-code = Mit einem Passkey melden Sie sich per Fingerabdruck, Gesicht oder Displaysperre an. Sie müssen nicht mehr auf eine E-Mail warten.
offer-lead-recovery = Sie sind wieder drin. Mit einem neuen Passkey auf diesem Gerät melden Sie sich per Fingerabdruck, Gesicht oder Displaysperre an.
offer-point-easy = Anmelden mit einer Berührung oder einem Blick
offer-point-safe = Lässt sich nicht erraten, stehlen oder auf falschen Seiten eingeben
offer-point-private = Fingerabdruck und Gesicht verlassen Ihr Gerät nie
offer-create = Passkey erstellen
offer-noscript = Für Passkeys wird JavaScript gebraucht. Schalten Sie es für diese Seite ein und laden Sie sie neu.
offer-old-title = Ihre anderen Passkeys
offer-old-hint = Wählen Sie aus, welche Sie verloren haben. Diese werden ungültig.
passkey-synced = Synchronisiert
passkey-synced-hint = Gesichert und auf Ihren anderen Geräten verfügbar
passkey-bound = Nur dieses Gerät
passkey-bound-hint = Liegt auf genau einem Gerät oder Sicherheitsschlüssel
passkey-current = Gerade in Benutzung
passkey-waiting = Folgen Sie den Schritten auf Ihrem Gerät …
passkey-error-unsupported = Dieser Browser unterstützt keine Passkeys. Melden Sie sich anders an, oder nehmen Sie einen neueren Browser.
passkey-error-not-allowed = Das hat nicht geklappt – es wurde abgebrochen oder hat zu lange gedauert. Versuchen Sie es noch einmal, oder wählen Sie einen anderen Weg.
passkey-error-timeout = Das hat zu lange gedauert. Versuchen Sie es noch einmal, wenn Sie so weit sind.
passkey-error-exists = Auf diesem Gerät gibt es schon einen Passkey für Ihr Konto. Sie können sich damit anmelden.
passkey-error-security = Unter dieser Adresse funktionieren Passkeys nicht. Öffnen Sie die Seite unter ihrer üblichen Adresse und versuchen Sie es noch einmal.
passkey-error-aborted = Das wurde unterbrochen. Bitte versuchen Sie es noch einmal.
passkey-error-constraint = Ihr Gerät braucht dafür eine Displaysperre. Richten Sie PIN, Fingerabdruck oder Gesicht ein und versuchen Sie es noch einmal.
passkey-error-not-supported = Ihr Gerät kann diese Art Passkey nicht erstellen. Nehmen Sie ein anderes Gerät, Ihr Telefon oder einen Sicherheitsschlüssel.
passkey-error-unknown = Ihr Gerät konnte das nicht abschließen. Versuchen Sie es noch einmal, oder wählen Sie einen anderen Weg.
passkey-error-network = Wir sind gerade nicht erreichbar. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.

## Fehlende Angaben
complete-title = Fast geschafft
complete-lead = { $tenant } braucht noch ein paar Angaben von Ihnen.
complete-lead-app = { $application } braucht noch ein paar Angaben von Ihnen.

## Zustimmung
consent-title = { $application } bittet um Zugriff
consent-lead = Wenn Sie zustimmen, kann die App Folgendes:
consent-api = Zugriff auf: { $api }
consent-allow = Erlauben
consent-deny = Nicht erlauben
consent-return = Danach geht es zurück zu { $host }.
consent-later = In Ihrem Konto können Sie das jederzeit widerrufen.
consent-privacy = Datenschutz bei { $application }
scope-openid = Wissen, dass Sie es sind
scope-profile = Ihren Namen und Ihr Profil sehen
scope-email = Ihre E-Mail-Adresse sehen
scope-phone = Ihre Telefonnummer sehen
scope-address = Ihre Postanschrift sehen
scope-offline-access = Zugriff behalten, auch wenn Sie nicht da sind

## Abmelden
signout-title = Abmelden?
signout-lead = Sie werden auf diesem Gerät bei { $tenant } abgemeldet.
signout-lead-app = Sie werden auf diesem Gerät bei { $application } und { $tenant } abgemeldet.
signout-stay = Angemeldet bleiben
signed-out-title = Sie sind abgemeldet
signed-out-lead = Bis bald.
signed-out-return = Zurück zur App
signed-out-again = Wieder anmelden

## Links in E-Mails
link-title-sign-in = Mit diesem Link anmelden?
link-title-verify-email = Diese Adresse bestätigen?
link-title-recover = Wieder in Ihr Konto?
link-title-denied = Danke für den Hinweis
link-title-expired = Dieser Link ist abgelaufen
link-title-used = Dieser Link wurde schon benutzt
link-lead-sign-in = Ein Klick, und Sie sind drin.
link-lead-verify-email = Ein Klick, und sie ist bestätigt.
link-lead-recover = Ein Klick, dann können Sie einen neuen Passkey oder ein neues Passwort einrichten.
link-lead-other = Die Anfrage kam aus einem anderen Browser. Bestätigen Sie nur, wenn Sie das waren.
link-lead-denied = Niemand wurde hereingelassen. Sie müssen nichts weiter tun.
link-lead-expired = Links gelten nur kurze Zeit. Fordern Sie einen neuen an.
link-lead-used = Jeder Link gilt nur einmal. Wenn Sie das nicht waren, fordern Sie einen neuen an und sehen Sie sich die Aktivität in Ihrem Konto an.
link-device = Gerät
link-origin = Ort
link-when = Zeit
link-confirm-sign-in = Anmelden
link-confirm-verify-email = Adresse bestätigen
link-confirm-recover = Weiter
link-confirm-other = Ja, das war ich
link-deny = Nein, das war ich nicht
link-done-title-sign-in = Bestätigt
link-done-title-verify-email = Adresse bestätigt
link-done-title-recover = Bestätigt
link-done-title-new-password = Ihr Passwort ist gespeichert
link-done-here = Vielen Dank. Sie können jetzt weitermachen.
link-done-there = Gehen Sie zurück zu dem Fenster, in dem Sie begonnen haben – dort geht es von selbst weiter. Dieses hier können Sie schließen.
link-restart = Neu beginnen
device-title = Ein Gerät verbinden
device-lead = Geben Sie den Code ein, den Ihr Gerät anzeigt.
field-device-code = Code auf dem Gerät
device-confirm-title = { $application } verbinden?
device-confirm-lead = Machen Sie nur weiter, wenn Ihr Gerät diesen Code anzeigt. Das Gerät darf dann:
device-done-title = Ihr Gerät ist verbunden
device-done-lead = Sie können jetzt dort weitermachen. Diese Seite wird nicht mehr gebraucht.
device-denied-title = Das Gerät wurde nicht verbunden
device-denied-lead = Es wurde nichts erlaubt. Sie können diese Seite schließen.

form-post-title = Es geht zurück zur App …
form-post-lead = Wenn nichts passiert, drücken Sie den Knopf.

## Warum ein Formular zurückkam
problem-identifier-missing = Geben Sie Ihre E-Mail-Adresse ein.
problem-email-invalid = Das sieht nicht nach einer E-Mail-Adresse aus. Prüfen Sie die Schreibweise.
problem-account-unknown = Zu Ihrer Eingabe gibt es kein Konto. Prüfen Sie die Schreibweise.
problem-email-taken = Diese Adresse wird schon verwendet.
problem-name-missing = Sagen Sie uns Ihren Namen.
problem-field-missing = Bitte füllen Sie alle nötigen Felder aus.
problem-field-invalid = Hier stimmt etwas nicht. Bitte prüfen Sie Ihre Angaben.
problem-password-wrong = Das passt nicht zusammen. Prüfen Sie Ihr Passwort, oder nehmen Sie einen Code.
problem-password-missing = Geben Sie Ihr Passwort ein.
problem-password-too-short = Nehmen Sie mindestens { $min } Zeichen.
problem-password-too-long = Nehmen Sie höchstens { $max } Zeichen.
problem-password-needs-number = Fügen Sie eine Ziffer hinzu.
problem-password-needs-mixed-case = Verwenden Sie Klein- und Großbuchstaben.
problem-password-needs-symbol = Fügen Sie etwas hinzu, das weder Buchstabe noch Ziffer ist, etwa ein Leerzeichen oder Komma.
problem-password-weak = Dieses Passwort ist leicht zu erraten. Fügen Sie ein, zwei Wörter hinzu.
problem-password-breached = Dieses Passwort ist in einem Datenleck aufgetaucht. Wählen Sie ein anderes.
problem-password-reused = Dieses Passwort hatten Sie schon einmal. Wählen Sie ein neues.
problem-code-missing = Geben Sie den Code aus der E-Mail ein.
problem-code-wrong = Dieser Code stimmt nicht. { $attempts_left ->
    [0] Fordern Sie einen neuen an.
    [one] Sie haben noch einen Versuch.
   *[other] Sie haben noch { $attempts_left } Versuche.
}
problem-code-expired = Dieser Code ist abgelaufen. Fordern Sie einen neuen an.
problem-too-many-attempts = Das waren zu viele Versuche. Warten Sie { $minutes ->
    [one] eine Minute
   *[other] { $minutes } Minuten
} und versuchen Sie es dann noch einmal.
problem-mail-failed = Wir konnten die E-Mail nicht senden. Prüfen Sie die Adresse, oder versuchen Sie es gleich noch einmal.
problem-passkey-unknown = Diesen Passkey kennen wir nicht – vielleicht wurde er entfernt. Machen Sie mit Ihrer E-Mail-Adresse weiter.
problem-passkey-rejected = Wir konnten Ihren Passkey nicht prüfen. Versuchen Sie es noch einmal, oder wählen Sie einen anderen Weg.
problem-passkey-unverified = Ihr Gerät hat nicht bestätigt, dass Sie es sind. Entsperren Sie es mit Fingerabdruck, Gesicht oder PIN und versuchen Sie es noch einmal.
problem-passkey-expired = Die Seite war zu lange offen. Bitte versuchen Sie es noch einmal.
problem-passkey-exists = Auf diesem Gerät gibt es schon einen Passkey für Ihr Konto.
problem-passkey-not-allowed = Diese Art Passkey wird hier nicht angenommen. Nehmen Sie ein anderes Gerät oder einen anderen Sicherheitsschlüssel.
problem-passkey-other-account = Dieser Passkey gehört zu einem anderen Konto. Nehmen Sie einen von diesem Konto.
problem-sign-up-closed = Zurzeit können keine neuen Konten erstellt werden.
problem-form-expired = Die Seite war zu lange offen. Bitte senden Sie noch einmal ab.
problem-confirmation-wrong = Ihre Eingabe stimmt nicht überein. Es wurde nichts gelöscht.
problem-last-sign-in-method = Anders können Sie sich nicht anmelden. Richten Sie zuerst einen weiteren Weg ein.
problem-last-owner = Sie sind hier die einzige Person mit der Rolle Inhaber. Geben Sie diese Rolle in der Konsole (Team) zuerst jemand anderem; danach können Sie Ihr Konto löschen.
problem-primary-email = Das ist Ihre Hauptadresse. Machen Sie zuerst eine andere zur Hauptadresse.
problem-email-unverified = Bestätigen Sie diese Adresse zuerst.

## Gute Nachrichten
notice-code-sent = Ein neuer Code ist unterwegs.
notice-profile-saved = Ihr Profil ist gespeichert.
notice-email-added = Adresse hinzugefügt. Bestätigen Sie sie jetzt mit dem Code, den wir geschickt haben.
notice-email-verified = Adresse bestätigt.
notice-email-primary = Ihre Hauptadresse ist geändert.
notice-email-removed = Adresse entfernt.
notice-passkey-added = Ihr Passkey ist bereit.
notice-passkey-renamed = Passkey umbenannt.
notice-passkey-removed = Passkey entfernt. Er meldet Sie nicht mehr an.
notice-password-saved = Ihr Passwort ist gespeichert.
notice-password-removed = Ihr Passwort ist weg. Ab jetzt melden Sie sich mit Ihrem Passkey an.
notice-device-signed-out = Das Gerät ist abgemeldet.
notice-devices-signed-out = Alle anderen Geräte sind abgemeldet.
notice-app-disconnected = Die App hat keinen Zugriff mehr.
notice-confirmed = Danke, wir wissen jetzt, dass Sie es sind. Sie können weitermachen.

## Fehlerseiten
error-title-unknown-client = Diese App kennen wir nicht
error-what-unknown-client = Die App, die Sie hierher geschickt hat, ist bei uns nicht registriert.
error-do-unknown-client = Gehen Sie zurück zur App und sagen Sie ihren Machern Bescheid. Wenn Sie sie selbst entwickeln: Prüfen Sie die Client-ID und ob die Adresse stimmt.
error-title-redirect-uri-mismatch = Die Rücksprungadresse der App ist nicht registriert
error-what-redirect-uri-mismatch = Zu Ihrem Schutz schicken wir Sie nur an Adressen zurück, die die App registriert hat. Diese gehört nicht dazu.
error-do-redirect-uri-mismatch = Wenn Sie die App entwickeln, tragen Sie genau diese Adresse in der Konsole bei den Callback-URLs ein – jedes Zeichen zählt. Sonst sagen Sie den Machern der App Bescheid.
error-title-redirect-uri-missing = Wir wissen nicht, wohin zurück
error-what-redirect-uri-missing = Die App hat nicht gesagt, wohin es nach der Anmeldung gehen soll.
error-do-redirect-uri-missing = Wenn Sie die App entwickeln, senden Sie den Parameter redirect_uri mit einer der registrierten Callback-URLs.
error-title-invalid-request = In dieser Anfrage fehlt etwas
error-what-invalid-request = Die App hat uns eine Anfrage geschickt, die wir nicht verstehen.
error-do-invalid-request = Gehen Sie zurück zur App und versuchen Sie es noch einmal. Wenn es wieder passiert, sagen Sie ihren Machern Bescheid.
error-title-flow-expired = Diese Seite ist zu alt
error-what-flow-expired = Die Anmeldung hat länger gedauert, als wir warten können, oder wurde in einem anderen Tab beendet.
error-do-flow-expired = Das macht nichts. Beginnen Sie einfach neu.
error-title-cookies-blocked = Ihr Browser blockiert unsere Cookies
error-what-cookies-blocked = Ohne Cookie können wir uns zwischen zwei Seiten nicht merken, dass Sie es sind.
error-do-cookies-blocked = Erlauben Sie Cookies für diese Seite und versuchen Sie es noch einmal. Auch private Fenster blockieren sie manchmal.
error-title-rate-limited = Etwas zu schnell
error-what-rate-limited = Aus Ihrem Netz kamen in kurzer Zeit sehr viele Anfragen.
error-do-rate-limited = Warten Sie { $minutes ->
    [one] eine Minute
   *[other] { $minutes } Minuten
} und versuchen Sie es dann noch einmal.
error-title-account-locked = Eine kurze Pause
error-what-account-locked = Es gab zu viele Fehlversuche. Um Ihr Konto zu schützen, haben wir diesen Weg der Anmeldung kurz gesperrt.
error-do-account-locked = Versuchen Sie es in { $minutes ->
    [one] einer Minute
   *[other] { $minutes } Minuten
} noch einmal. Mit einem Passkey können Sie sich weiterhin anmelden.
error-title-not-a-member = Sie sind hier noch kein Mitglied
error-what-not-a-member = Sie sind angemeldet, aber diese Anwendung ist nur für ihre Mitglieder da.
error-do-not-a-member = Bitten Sie die Betreiber der Anwendung, Sie aufzunehmen, oder nehmen Sie ein anderes Konto.

error-title-account-disabled = Dieses Konto ist abgeschaltet
error-what-account-disabled = Sie können sich damit zurzeit nicht anmelden.
error-do-account-disabled = Wenn Sie das für einen Irrtum halten, fragen Sie nach.
error-title-access-denied = Sie haben keinen Zugriff
error-what-access-denied = Ihr Konto darf diese App nicht benutzen.
error-do-access-denied = Bitten Sie den Betreiber der App um Zugriff, oder melden Sie sich mit einem anderen Konto an.
error-title-form-expired = Bitte noch einmal senden
error-what-form-expired = Die Seite war zu lange offen oder kam von woanders. Es wurde nichts geändert.
error-do-form-expired = Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal.
error-title-not-found = Hier ist nichts
error-what-not-found = Diese Seite gibt es nicht, oder sie ist umgezogen.
error-do-not-found = Prüfen Sie die Adresse, oder beginnen Sie von vorn.
error-title-busy = Einen Moment bitte
error-what-busy = Gerade melden sich sehr viele Leute an.
error-do-busy = Warten Sie ein paar Sekunden und versuchen Sie es dann noch einmal.
error-title-server-error = Bei uns ist etwas schiefgegangen
error-what-server-error = Es liegt nicht an Ihnen, und es ist nichts verloren gegangen.
error-do-server-error = Versuchen Sie es gleich noch einmal. Wenn es wieder passiert, nennen Sie uns die Nummer unten.
error-received = Erhalten haben wir
error-detail = Details für Entwickler
error-request = Anfragenummer
error-retry = Noch einmal versuchen
error-home = Zur Startseite
error-settings = Einstellungen der App öffnen

## Zweiter Schritt
field-factor-code = Code aus der App
field-recovery-code = Wiederherstellungscode
factor-title = Noch ein Schritt
factor-lead = Öffnen Sie Ihre Authenticator-App und geben Sie den Code ein, den sie zeigt.
factor-recovery-title = Wiederherstellungscode benutzen
factor-recovery-lead = Geben Sie einen der Codes ein, die Sie beim Einrichten aufgehoben haben. Jeder gilt einmal.
factor-remember = In diesem Browser { $days ->
    [one] einen Tag
   *[other] { $days } Tage
} lang nicht mehr fragen
factor-use-recovery = Wiederherstellungscode benutzen
factor-use-app = Authenticator-App benutzen
factor-setup-title = Zweistufige Anmeldung einrichten
factor-setup-lead = { $tenant } verlangt beim Anmelden einen zweiten Schritt: einen Code aus einer App auf Ihrem Handy.
factor-setup-begin = Einrichten
factor-setup-scan = Scannen Sie das mit einer Authenticator-App oder geben Sie den Schlüssel dort ein.
factor-setup-key = Schlüssel
factor-setup-qr = QR-Code für die Authenticator-App
factor-setup-open = In einer App auf diesem Gerät öffnen
factor-setup-code = Geben Sie den Code ein, den die App zeigt.
codes-title = Heben Sie Ihre Wiederherstellungscodes auf
codes-lead = Wenn Sie Ihr Handy verlieren, meldet jeder dieser Codes Sie einmal an. Sie sehen sie nur jetzt: Drucken Sie sie aus oder legen Sie sie in Ihren Passwortmanager.
codes-copy = Kopieren
codes-copied = Kopiert
codes-print = Drucken
codes-kept = Ich habe sie aufgehoben
problem-factor-wrong = Dieser Code stimmt nicht. Geben Sie den ein, den die App jetzt zeigt.
problem-factor-used = Dieser Code wurde schon benutzt. Warten Sie auf den nächsten.
notice-factor-removed = Die App ist entfernt. Ihre Codes werden nicht mehr verlangt.
