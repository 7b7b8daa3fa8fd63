### Les pages du compte.

account-nav = Votre compte
nav-profile = Profil
nav-emails = Adresses e-mail
nav-passkeys = Clés d’accès
nav-password = Mot de passe
nav-devices = Appareils
nav-apps = Applications liées
nav-activity = Activité
nav-data = Vos données
fresh-hint = Nous vous demanderons d’abord de confirmer que c’est vous.

profile-title = Votre compte
profile-lead = Ce que { $tenant } sait de vous, et comment vous vous connectez.
profile-about = À propos de vous
profile-locale-browser = Comme mon navigateur
checkup-title = Votre compte en un coup d’œil
checkup-passkeys = { $count ->
    [0] Pas de clé d’accès : ajoutez-en une
    [one] Une clé d’accès
   *[other] { $count } clés d’accès
}
checkup-email-verified = E-mail confirmé
checkup-email-unverified = Confirmez votre e-mail
checkup-devices = { $count ->
    [one] Un appareil connecté
   *[other] { $count } appareils connectés
}

emails-lead = Les messages vont à votre adresse principale. Toute adresse confirmée vous permet de vous connecter et de retrouver votre compte.
emails-primary = Principale
emails-verified = Confirmée
emails-unverified = Non confirmée
emails-verify = Confirmer
emails-make-primary = Rendre principale
emails-remove-confirm = Retirer { $address } de votre compte ?
emails-empty = Aucune adresse pour l’instant. Ajoutez-en une pour toujours pouvoir revenir.
emails-add-title = Ajouter une adresse
emails-add = Ajouter
emails-add-hint = Nous enverrons un code pour vérifier qu’elle est à vous. Une deuxième adresse est une bonne sécurité.

passkeys-lead = Connectez-vous avec votre empreinte, votre visage ou le verrouillage de l’écran.
passkeys-name = Nom
passkeys-add = Ajouter une clé d’accès
passkeys-delete-confirm = Supprimer « { $name } » ? Elle ne vous connectera plus. Nous demandons aussi à votre appareil de l’oublier.
passkeys-empty-title = Connectez-vous sans mot de passe
passkeys-empty = Une clé d’accès se trouve sur votre téléphone, votre ordinateur ou votre clé de sécurité. Vous la déverrouillez comme votre appareil : rien à retenir, rien à voler.
passkeys-hint = Ajoutez-en une sur chaque type d’appareil. Si l’un se perd, l’autre vous ouvre encore la porte.

account-password-lead = Vous pouvez vous connecter avec un mot de passe. Une clé d’accès est plus sûre et plus rapide.
account-password-none = Votre compte n’a pas de mot de passe, et il n’en a pas besoin.
account-password-change = Changer de mot de passe
account-password-set = Définir un mot de passe
account-password-changed = Dernière modification le
account-password-remove = Retirer le mot de passe
account-password-remove-hint = Ce qui n’existe pas ne se vole pas. Vos clés d’accès continuent de fonctionner.
account-password-remove-confirm = Retirer votre mot de passe ? Vous vous connecterez avec une clé d’accès ou un code.

devices-lead = Les appareils où votre session est ouverte. Un doute ? Déconnectez l’appareil.
devices-current = Cet appareil
devices-seen = Dernière activité :
devices-since = Connexion :
devices-used-for = pour
devices-revoke-others = Déconnecter tous les autres appareils
devices-revoke-others-confirm = Il faudra se reconnecter sur tous les appareils sauf celui-ci.
devices-only-this = Votre session n’est ouverte que sur cet appareil.

apps-lead = Les applications qui utilisent votre compte { $tenant }.
apps-since = Depuis le
apps-revoke = Retirer l’accès
apps-revoke-confirm = { $application } devra vous redemander l’autorisation. Ce qu’elle sait déjà, elle peut le garder.
apps-empty-title = Aucune application
apps-empty = Quand vous vous connectez à une application avec votre compte { $tenant }, elle apparaît ici, et vous pouvez lui retirer l’accès.

activity-lead = Ce qui s’est passé récemment sur votre compte.
activity-empty = Rien pour l’instant. Les connexions et les modifications apparaîtront ici.
activity-hint = Quelque chose d’étrange ? Déconnectez les autres appareils, puis retirez les clés d’accès que vous ne reconnaissez pas.
activity-older = Plus ancien
activity-signed-up = Compte créé
activity-signed-in-passkey = Connexion avec une clé d’accès
activity-signed-in-password = Connexion avec un mot de passe
activity-signed-in-code = Connexion avec un code par e-mail
activity-signed-out = Déconnexion
activity-sign-in-failed = Échec de connexion
activity-locked = Connexion suspendue après trop d’essais
activity-passkey-added = Clé d’accès ajoutée
activity-passkey-renamed = Clé d’accès renommée
activity-passkey-removed = Clé d’accès retirée
activity-password-changed = Mot de passe modifié
activity-password-removed = Mot de passe retiré
activity-email-added = Adresse ajoutée
activity-email-verified = Adresse confirmée
activity-email-primary = Adresse principale modifiée
activity-email-removed = Adresse retirée
activity-recovered = Compte récupéré par e-mail
activity-app-connected = Application liée
activity-app-disconnected = Accès d’une application retiré
activity-device-signed-out = Appareil déconnecté
activity-profile-changed = Profil modifié
activity-data-downloaded = Données téléchargées

data-lead = Elles sont à vous. Emportez-les, ou supprimez-les.
data-download-title = Télécharger vos données
data-download-hint = Un fichier avec tout ce que nous savons de vous : profil, adresses, clés d’accès, appareils, applications et activité.
data-download = Télécharger
data-delete-title = Supprimer votre compte
data-delete-hint = Votre compte, vos clés d’accès et toutes vos connexions chez { $tenant } seront supprimés. C’est irréversible.
data-delete = Supprimer mon compte
data-delete-type = Saisissez { $text } pour confirmer
data-delete-confirm = Supprimer définitivement
deleted-title = Votre compte est supprimé
deleted-lead = Merci d’avoir été des nôtres. Nous vous avons envoyé une confirmation.

nav-two-step = Connexion en deux étapes
two-step-lead = Un code d’une application sur votre téléphone, en plus du mot de passe ou du code par e-mail. Connaître l’un ne donne pas l’autre.
two-step-required = { $tenant } demande à chacun une deuxième étape : un code d’une application sur le téléphone.
two-step-passkey-hint = Se connecter avec une clé d’accès réunit les deux étapes : aucun code ne vous sera demandé.
two-step-apps = Applications d’authentification
two-step-app = Application d’authentification
two-step-add = Ajouter une application d’authentification
two-step-empty-title = Une seule étape pour l’instant
two-step-empty = Ajoutez une application d’authentification, et un mot de passe volé n’ouvrira plus rien à lui seul.
two-step-remove-confirm = Retirer « { $name } » ? Ses codes ne seront plus demandés.
two-step-codes-title = Codes de récupération
two-step-codes-left = { $count ->
    [0] Il n’en reste plus. Créez-en de nouveaux pour pouvoir entrer sans votre téléphone.
    [one] Il reste un code. Créez-en bientôt de nouveaux.
   *[other] Il reste { $count } codes.
}
two-step-codes-new = Créer de nouveaux codes
two-step-codes-new-hint = Les anciens codes ne fonctionneront plus.
activity-factor-added = Application d’authentification ajoutée
activity-factor-removed = Application d’authentification retirée
activity-factor-refused = Échec de la deuxième étape
activity-recovery-code-used = Code de récupération utilisé
activity-recovery-codes-made = Nouveaux codes de récupération créés
