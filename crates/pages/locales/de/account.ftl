### Die Kontoseiten.

account-nav = Ihr Konto
nav-profile = Profil
nav-emails = E-Mail-Adressen
nav-passkeys = Passkeys
nav-password = Passwort
nav-devices = Geräte
nav-apps = Verbundene Apps
nav-activity = Aktivität
nav-data = Ihre Daten
fresh-hint = Vorher bitten wir Sie zu bestätigen, dass Sie es sind.

profile-title = Ihr Konto
profile-lead = Was { $tenant } über Sie weiß und wie Sie sich anmelden.
profile-about = Über Sie
profile-locale-browser = Wie mein Browser
checkup-title = Ihr Konto auf einen Blick
checkup-passkeys = { $count ->
    [0] Noch kein Passkey – jetzt einrichten
    [one] Ein Passkey
   *[other] { $count } Passkeys
}
checkup-email-verified = E-Mail bestätigt
checkup-email-unverified = E-Mail bestätigen
checkup-devices = { $count ->
    [one] Ein Gerät angemeldet
   *[other] { $count } Geräte angemeldet
}

emails-lead = Nachrichten gehen an Ihre Hauptadresse. Mit jeder bestätigten Adresse können Sie sich anmelden und Ihr Konto wiederherstellen.
emails-primary = Hauptadresse
emails-verified = Bestätigt
emails-unverified = Nicht bestätigt
emails-verify = Bestätigen
emails-make-primary = Zur Hauptadresse machen
emails-remove-confirm = { $address } aus Ihrem Konto entfernen?
emails-empty = Noch keine Adresse. Fügen Sie eine hinzu, damit Sie immer wieder hereinkommen.
emails-add-title = Adresse hinzufügen
emails-add = Hinzufügen
emails-add-hint = Wir senden einen Code, um sicherzugehen, dass sie Ihnen gehört. Eine zweite Adresse ist ein gutes Sicherheitsnetz.

passkeys-lead = Melden Sie sich per Fingerabdruck, Gesicht oder Displaysperre an.
passkeys-name = Name
passkeys-add = Passkey hinzufügen
passkeys-delete-confirm = „{ $name }“ löschen? Er meldet Sie dann nicht mehr an. Wir bitten auch Ihr Gerät, ihn zu vergessen.
passkeys-empty-title = Anmelden ohne Passwort
passkeys-empty = Ein Passkey liegt auf Ihrem Telefon, Computer oder Sicherheitsschlüssel. Sie entsperren ihn so wie Ihr Gerät – nichts zu merken, nichts zu stehlen.
passkeys-hint = Richten Sie auf jeder Art von Gerät einen ein. Geht eines verloren, kommen Sie mit dem anderen herein.

account-password-lead = Sie können sich mit einem Passwort anmelden. Ein Passkey ist sicherer und schneller.
account-password-none = Ihr Konto hat kein Passwort, und es braucht auch keines.
account-password-change = Passwort ändern
account-password-set = Passwort festlegen
account-password-changed = Zuletzt geändert am
account-password-remove = Passwort entfernen
account-password-remove-hint = Was es nicht gibt, kann niemand stehlen. Ihre Passkeys funktionieren weiter.
account-password-remove-confirm = Passwort entfernen? Sie melden sich dann mit Passkey oder Code an.

devices-lead = Hier sind Sie angemeldet. Etwas kommt Ihnen fremd vor? Melden Sie es ab.
devices-current = Dieses Gerät
devices-seen = Zuletzt aktiv:
devices-since = Angemeldet:
devices-used-for = für
devices-revoke-others = Alle anderen Geräte abmelden
devices-revoke-others-confirm = Auf jedem Gerät außer diesem müssen Sie sich neu anmelden.
devices-only-this = Sie sind nur auf diesem Gerät angemeldet.

apps-lead = Apps, die Ihr Konto bei { $tenant } nutzen.
apps-since = Seit
apps-revoke = Zugriff entziehen
apps-revoke-confirm = { $application } muss Sie dann neu fragen. Was die App schon weiß, kann sie behalten.
apps-empty-title = Noch keine Apps
apps-empty = Wenn Sie sich mit Ihrem Konto bei { $tenant } in einer App anmelden, erscheint sie hier – und Sie können ihr den Zugriff entziehen.

activity-lead = Was zuletzt in Ihrem Konto geschah.
activity-empty = Noch nichts. Anmeldungen und Änderungen erscheinen hier.
activity-hint = Etwas kommt Ihnen seltsam vor? Melden Sie die anderen Geräte ab, und entfernen Sie Passkeys, die Sie nicht kennen.
activity-older = Ältere
activity-signed-up = Konto erstellt
activity-signed-in-passkey = Mit Passkey angemeldet
activity-signed-in-password = Mit Passwort angemeldet
activity-signed-in-code = Mit E-Mail-Code angemeldet
activity-signed-out = Abgemeldet
activity-sign-in-failed = Anmeldung fehlgeschlagen
activity-locked = Anmeldung nach zu vielen Versuchen gesperrt
activity-passkey-added = Passkey hinzugefügt
activity-passkey-renamed = Passkey umbenannt
activity-passkey-removed = Passkey entfernt
activity-password-changed = Passwort geändert
activity-password-removed = Passwort entfernt
activity-email-added = Adresse hinzugefügt
activity-email-verified = Adresse bestätigt
activity-email-primary = Hauptadresse geändert
activity-email-removed = Adresse entfernt
activity-recovered = Konto per E-Mail wiederhergestellt
activity-app-connected = App verbunden
activity-app-disconnected = App-Zugriff entzogen
activity-device-signed-out = Gerät abgemeldet
activity-profile-changed = Profil geändert
activity-data-downloaded = Daten heruntergeladen

data-lead = Ihre Daten gehören Ihnen. Nehmen Sie sie mit, oder löschen Sie sie.
data-download-title = Daten herunterladen
data-download-hint = Eine Datei mit allem, was wir über Sie speichern: Profil, Adressen, Passkeys, Geräte, Apps und Aktivität.
data-download = Herunterladen
data-delete-title = Konto löschen
data-delete-hint = Ihr Konto, Ihre Passkeys und alle Anmeldungen bei { $tenant } werden gelöscht. Das lässt sich nicht rückgängig machen.
data-delete = Mein Konto löschen
data-delete-type = Geben Sie zur Bestätigung { $text } ein
data-delete-confirm = Endgültig löschen
deleted-title = Ihr Konto ist gelöscht
deleted-lead = Danke, dass Sie bei uns waren. Eine Bestätigung ist per E-Mail unterwegs.

nav-two-step = Zweistufige Anmeldung
two-step-lead = Ein Code aus einer App auf Ihrem Handy, zusätzlich zu Passwort oder E-Mail-Code. Wer das eine erfährt, hat das andere noch nicht.
two-step-required = { $tenant } verlangt von allen einen zweiten Schritt: einen Code aus einer App auf dem Handy.
two-step-passkey-hint = Mit einem Passkey sind es zwei Schritte in einem, dann werden Sie nicht nach einem Code gefragt.
two-step-apps = Authenticator-Apps
two-step-app = Authenticator-App
two-step-add = Authenticator-App hinzufügen
two-step-empty-title = Bisher ein Schritt
two-step-empty = Fügen Sie eine Authenticator-App hinzu, dann öffnet ein gestohlenes Passwort allein nichts mehr.
two-step-remove-confirm = „{ $name }“ entfernen? Nach ihren Codes wird nicht mehr gefragt.
two-step-codes-title = Wiederherstellungscodes
two-step-codes-left = { $count ->
    [0] Keiner mehr übrig. Erstellen Sie neue, damit Sie auch ohne Handy hineinkommen.
    [one] Noch ein Code übrig. Erstellen Sie bald neue.
   *[other] Noch { $count } Codes übrig.
}
two-step-codes-new = Neue Codes erstellen
two-step-codes-new-hint = Die alten Codes gelten dann nicht mehr.
activity-factor-added = Authenticator-App hinzugefügt
activity-factor-removed = Authenticator-App entfernt
activity-factor-refused = Zweiter Schritt fehlgeschlagen
activity-recovery-code-used = Wiederherstellungscode benutzt
activity-recovery-codes-made = Neue Wiederherstellungscodes erstellt
