### Les pages de connexion. Phrases courtes, mots simples, vouvoiement.

## Partout
continue = Continuer
or = ou
optional = facultatif
save = Enregistrer
remove = Retirer
delete = Supprimer
rename = Renommer
not-now = Pas maintenant
skip = Aller au contenu
sign-out = Se déconnecter
send-code = Recevoir un code par e-mail
back-to-signin = Retour à la connexion
change-account = Ce n’est pas vous ?
created = Créée le
last-used = Dernière utilisation le
never-used = Pas encore utilisée
foot-language = Langue
foot-more = Plus
foot-help = Aide
foot-privacy = Confidentialité
foot-terms = Conditions d’utilisation
dev-badge = Dév
time-month = { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
}
time-day = { $day ->
    [1] 1er
   *[other] { $day }
} { time-month } { $year }
time-moment = { time-day } à { $time } UTC

## Champs
field-email = Adresse e-mail
field-email-or-username = Adresse e-mail ou nom d’utilisateur
field-name = Nom complet
field-given-name = Prénom
field-family-name = Nom de famille
field-phone = Numéro de téléphone
field-birthdate = Date de naissance
field-password = Mot de passe
field-new-password = Nouveau mot de passe
field-current-password = Mot de passe actuel
field-code = Code reçu par e-mail
field-locale = Langue
field-zoneinfo = Fuseau horaire

## Connexion
signin-title = Connexion
signin-lead = Bienvenue à nouveau chez { $tenant }.
signin-lead-app = pour continuer vers { $application }
signin-submit = Se connecter
signin-new-here = Première visite ?
signin-sign-up = Créer un compte
signin-trouble = Un problème pour vous connecter ?
passkey-signin = Se connecter avec une clé d’accès

## Mot de passe
password-title = Saisissez votre mot de passe
password-forgot = Oublié ?
password-show = Afficher
password-hide = Masquer
password-hint = Au moins { $min } caractères. Quelques mots sans lien entre eux font un bon mot de passe.
password-save = Enregistrer le mot de passe
new-password-title = Choisissez un nouveau mot de passe
new-password-lead-reset = Vous voilà de retour. Choisissez un nouveau mot de passe pour la prochaine fois.
new-password-lead-expired = Avant de continuer, il vous faut un nouveau mot de passe.
new-password-lead-breached = Votre mot de passe est apparu dans une fuite de données d’un autre site. Choisissez-en un nouveau pour protéger votre compte.
new-password-lead-ticket = Choisissez le mot de passe de votre compte.

## Code
code-title-sign-in = Consultez vos e-mails
code-title-sign-up = Confirmez votre adresse
code-title-verify-email = Confirmez votre adresse
code-title-recover = Consultez vos e-mails
code-title-step-up = Consultez vos e-mails
code-lead-sign-in = Nous vous avons envoyé un code. Saisissez-le ici, ou suivez le lien dans l’e-mail.
code-lead-sign-up = Nous vous avons envoyé un code pour vérifier que cette adresse est bien la vôtre.
code-lead-verify-email = Nous vous avons envoyé un code pour vérifier que cette adresse est bien la vôtre.
code-lead-recover = Si cette adresse correspond à un compte, un code est en route.
code-lead-step-up = Nous vous avons envoyé un code pour nous assurer que c’est bien vous.
code-hint = Le code est valable { $minutes ->
    [one] une minute
   *[other] { $minutes } minutes
}. Rien reçu ? Regardez dans vos courriers indésirables.
code-pattern = Les { $digits } chiffres reçus par e-mail
code-wrong-address = Mauvaise adresse ?
code-resend = Envoyer un nouveau code
code-resend-wait = Nouveau code possible dans { $seconds } s
code-use-password = Utiliser mon mot de passe
code-dev-mailbox = Ouvrir la boîte aux lettres

## Confirmer, choisir, récupérer
reauth-title = Confirmez que c’est bien vous
reauth-lead-account = Vous allez modifier quelque chose d’important : nous vérifions une fois de plus.
reauth-lead-application = { $application } vous demande de vous connecter à nouveau.
reauth-submit = Confirmer
select-title = Choisissez un compte
select-continue-as = Continuer en tant que { $name }
select-other = Utiliser un autre compte
recover-title = Retrouvons votre accès
recover-lead = Clé d’accès perdue ou mot de passe oublié ? Nous vous envoyons un code par e-mail.
recover-hint = Indiquez l’adresse de votre inscription. Après le code, vous pourrez créer une nouvelle clé d’accès.

## Inscription
signup-title = Créer un compte
signup-lead = Cela ne prend qu’un instant.
signup-lead-passkey = Pas de mot de passe à inventer : à l’étape suivante, vous créerez une clé d’accès.
signup-terms = En continuant, vous acceptez :
signup-have-account = Déjà un compte ?

## Proposer une clé d’accès
offer-title-sign-up = Créez votre clé d’accès
offer-title-after-password = La prochaine fois, sans mot de passe
offer-title-after-code = La prochaine fois, sans code
offer-title-recovery = Créez une nouvelle clé d’accès
offer-lead-sign-up = Une clé d’accès vous connecte avec votre empreinte, votre visage ou le verrouillage de l’écran. Aucun mot de passe à retenir.
offer-lead-after-password = Une clé d’accès vous connecte avec votre empreinte, votre visage ou le verrouillage de l’écran. C’est plus rapide et plus sûr qu’un mot de passe.
offer-lead-after-code = Une clé d’accès vous connecte avec votre empreinte, votre visage ou le verrouillage de l’écran. Plus besoin d’attendre un e-mail.
offer-lead-recovery = Vous voilà de retour. Une nouvelle clé d’accès sur cet appareil vous connecte avec votre empreinte, votre visage ou le verrouillage de l’écran.
offer-point-easy = Connectez-vous d’un geste ou d’un regard
offer-point-safe = Impossible à deviner, à voler ou à donner à un faux site
offer-point-private = Votre empreinte et votre visage ne quittent jamais votre appareil
offer-create = Créer une clé d’accès
offer-noscript = Les clés d’accès ont besoin de JavaScript. Activez-le pour ce site, puis rechargez la page.
offer-old-title = Vos autres clés d’accès
offer-old-hint = Cochez celles que vous avez perdues. Elles ne fonctionneront plus.
passkey-synced = Synchronisée
passkey-synced-hint = Sauvegardée et disponible sur vos autres appareils
passkey-bound = Cet appareil seulement
passkey-bound-hint = Conservée sur un seul appareil ou une clé de sécurité
passkey-current = Utilisée en ce moment
passkey-waiting = Suivez les étapes sur votre appareil…
passkey-error-unsupported = Ce navigateur ne prend pas en charge les clés d’accès. Continuez autrement, ou essayez un navigateur plus récent.
passkey-error-not-allowed = Cela n’a pas abouti : l’opération a été annulée ou a pris trop de temps. Réessayez, ou continuez autrement.
passkey-error-timeout = Cela a pris trop de temps. Réessayez quand vous voulez.
passkey-error-exists = Cet appareil a déjà une clé d’accès pour votre compte : vous pouvez vous connecter avec elle.
passkey-error-security = Les clés d’accès ne fonctionnent pas à cette adresse. Ouvrez le site à son adresse habituelle, puis réessayez.
passkey-error-aborted = L’opération a été interrompue. Veuillez réessayer.
passkey-error-constraint = Votre appareil a besoin d’un verrouillage d’écran. Configurez un code, une empreinte ou votre visage, puis réessayez.
passkey-error-not-supported = Votre appareil ne peut pas créer ce type de clé d’accès. Essayez un autre appareil, votre téléphone ou une clé de sécurité.
passkey-error-unknown = Votre appareil n’a pas pu terminer l’opération. Réessayez, ou continuez autrement.
passkey-error-network = Le serveur est injoignable. Vérifiez votre connexion, puis réessayez.

## Informations manquantes
complete-title = Vous y êtes presque
complete-lead = { $tenant } a besoin de quelques informations de plus.
complete-lead-app = { $application } a besoin de quelques informations de plus.

## Consentement
consent-title = { $application } demande un accès
consent-lead = Si vous l’autorisez, l’application pourra :
consent-api = Accès à : { $api }
consent-allow = Autoriser
consent-deny = Refuser
consent-return = Vous retournerez ensuite sur { $host }.
consent-later = Vous pouvez retirer cet accès à tout moment dans votre compte.
consent-privacy = Confidentialité chez { $application }
scope-openid = Savoir que c’est bien vous
scope-profile = Voir votre nom et votre profil
scope-email = Voir votre adresse e-mail
scope-phone = Voir votre numéro de téléphone
scope-address = Voir votre adresse postale
scope-offline-access = Garder l’accès en votre absence

## Déconnexion
signout-title = Se déconnecter ?
signout-lead = Votre session { $tenant } sera fermée sur cet appareil.
signout-lead-app = Vos sessions { $application } et { $tenant } seront fermées sur cet appareil.
signout-stay = Garder la session ouverte
signed-out-title = Votre session est fermée
signed-out-lead = À bientôt.
signed-out-return = Retour à l’application
signed-out-again = Se reconnecter

## Liens dans les e-mails
link-title-sign-in = Vous connecter avec ce lien ?
link-title-verify-email = Confirmer cette adresse ?
link-title-recover = Retrouver votre compte ?
link-title-denied = Merci de nous l’avoir signalé
link-title-expired = Ce lien a expiré
link-title-used = Ce lien a déjà servi
link-lead-sign-in = Un clic et vous y êtes.
link-lead-verify-email = Un clic et c’est confirmé.
link-lead-recover = Un clic, puis vous pourrez créer une nouvelle clé d’accès ou un nouveau mot de passe.
link-lead-other = La demande vient d’un autre navigateur. Ne confirmez que si c’était vous.
link-lead-denied = Personne n’est entré. Vous n’avez rien d’autre à faire.
link-lead-expired = Les liens ne sont valables que peu de temps. Demandez-en un nouveau.
link-lead-used = Chaque lien ne sert qu’une fois. Si ce n’était pas vous, demandez-en un nouveau et consultez l’activité de votre compte.
link-device = Appareil
link-origin = Lieu
link-when = Heure
link-confirm-sign-in = Se connecter
link-confirm-verify-email = Confirmer l’adresse
link-confirm-recover = Continuer
link-confirm-other = Oui, c’était moi
link-deny = Non, ce n’était pas moi
link-done-title-sign-in = C’est confirmé
link-done-title-verify-email = Adresse confirmée
link-done-title-recover = C’est confirmé
link-done-title-new-password = Votre mot de passe est enregistré
link-done-here = Merci. Vous pouvez continuer.
link-done-there = Revenez à la fenêtre où vous avez commencé : elle continue toute seule. Vous pouvez fermer celle-ci.
link-restart = Recommencer
device-title = Connecter un appareil
device-lead = Saisissez le code affiché par votre appareil.
field-device-code = Code affiché par l’appareil
device-confirm-title = Connecter { $application } ?
device-confirm-lead = Continuez seulement si votre appareil affiche ce code. L’appareil pourra :
device-done-title = Votre appareil est connecté
device-done-lead = Vous pouvez y retourner. Cette page n’est plus utile.
device-denied-title = L’appareil n’a pas été connecté
device-denied-lead = Rien n’a été autorisé. Vous pouvez fermer cette page.

form-post-title = Retour à l’application…
form-post-lead = Si rien ne se passe, appuyez sur le bouton.

## Pourquoi un formulaire est revenu
problem-identifier-missing = Saisissez votre adresse e-mail.
problem-email-invalid = Cela ne ressemble pas à une adresse e-mail. Vérifiez la saisie.
problem-account-unknown = Aucun compte ne correspond à votre saisie. Vérifiez-en l’orthographe.
problem-email-taken = Cette adresse est déjà utilisée.
problem-name-missing = Indiquez votre nom.
problem-field-missing = Veuillez remplir tous les champs obligatoires.
problem-field-invalid = Quelque chose ne va pas. Vérifiez votre saisie.
problem-password-wrong = Cela ne correspond pas. Vérifiez votre mot de passe, ou continuez avec un code.
problem-password-missing = Saisissez votre mot de passe.
problem-password-too-short = Utilisez au moins { $min } caractères.
problem-password-too-long = Utilisez au plus { $max } caractères.
problem-password-needs-number = Ajoutez un chiffre.
problem-password-needs-mixed-case = Utilisez des minuscules et des majuscules.
problem-password-needs-symbol = Ajoutez un signe qui n’est ni une lettre ni un chiffre, par exemple une espace ou une virgule.
problem-password-weak = Ce mot de passe est facile à deviner. Ajoutez un mot ou deux.
problem-password-breached = Ce mot de passe est apparu dans une fuite de données. Choisissez-en un autre.
problem-password-reused = Vous avez déjà utilisé ce mot de passe. Choisissez-en un nouveau.
problem-code-missing = Saisissez le code reçu par e-mail.
problem-code-wrong = Ce code n’est pas le bon. { $attempts_left ->
    [0] Demandez-en un nouveau.
    [one] Il vous reste un essai.
   *[other] Il vous reste { $attempts_left } essais.
}
problem-code-expired = Ce code a expiré. Demandez-en un nouveau.
problem-too-many-attempts = Trop d’essais. Attendez { $minutes ->
    [one] une minute
   *[other] { $minutes } minutes
}, puis réessayez.
problem-mail-failed = L’e-mail n’a pas pu partir. Vérifiez l’adresse, ou réessayez dans un instant.
problem-passkey-unknown = Nous ne connaissons pas cette clé d’accès : elle a peut-être été retirée. Continuez avec votre adresse e-mail.
problem-passkey-rejected = Nous n’avons pas pu vérifier votre clé d’accès. Réessayez, ou continuez autrement.
problem-passkey-unverified = Votre appareil n’a pas confirmé que c’est vous. Déverrouillez-le avec votre empreinte, votre visage ou votre code, puis réessayez.
problem-passkey-expired = La page est restée ouverte trop longtemps. Veuillez réessayer.
problem-passkey-exists = Cet appareil a déjà une clé d’accès pour votre compte.
problem-passkey-not-allowed = Ce type de clé d’accès n’est pas accepté ici. Essayez un autre appareil ou une autre clé de sécurité.
problem-passkey-other-account = Cette clé d’accès appartient à un autre compte. Utilisez une clé de ce compte.
problem-sign-up-closed = Il n’est pas possible de créer un compte pour le moment.
problem-form-expired = La page est restée ouverte trop longtemps. Veuillez l’envoyer à nouveau.
problem-confirmation-wrong = La saisie ne correspond pas. Rien n’a été supprimé.
problem-last-sign-in-method = C’est votre seul moyen de connexion. Ajoutez-en d’abord un autre.
problem-last-owner = Vous êtes ici la seule personne propriétaire. Donnez d’abord ce rôle à quelqu’un d’autre dans la console (Team) ; vous pourrez ensuite supprimer votre compte.
problem-primary-email = C’est votre adresse principale. Choisissez d’abord une autre adresse principale.
problem-email-unverified = Confirmez d’abord cette adresse.

## Bonnes nouvelles
notice-code-sent = Un nouveau code est en route.
notice-profile-saved = Votre profil est enregistré.
notice-email-added = Adresse ajoutée. Confirmez-la avec le code que nous avons envoyé.
notice-email-verified = Adresse confirmée.
notice-email-primary = Votre adresse principale a changé.
notice-email-removed = Adresse retirée.
notice-passkey-added = Votre clé d’accès est prête.
notice-passkey-renamed = Clé d’accès renommée.
notice-passkey-removed = Clé d’accès retirée. Elle ne vous connecte plus.
notice-password-saved = Votre mot de passe est enregistré.
notice-password-removed = Votre mot de passe est retiré. Connectez-vous désormais avec votre clé d’accès.
notice-device-signed-out = Cet appareil est déconnecté.
notice-devices-signed-out = Tous les autres appareils sont déconnectés.
notice-app-disconnected = L’application n’a plus accès.
notice-confirmed = Merci, nous savons que c’est vous. Vous pouvez continuer.

## Pages d’erreur
error-title-unknown-client = Nous ne connaissons pas cette application
error-what-unknown-client = L’application qui vous envoie ici n’est pas enregistrée chez nous.
error-do-unknown-client = Revenez à l’application et prévenez ses auteurs. Si vous la développez, vérifiez l’identifiant client et l’adresse utilisée.
error-title-redirect-uri-mismatch = L’adresse de retour n’est pas enregistrée
error-what-redirect-uri-mismatch = Pour vous protéger, nous ne renvoyons que vers les adresses enregistrées par l’application. Celle-ci n’en fait pas partie.
error-do-redirect-uri-mismatch = Si vous développez l’application, ajoutez exactement cette adresse à ses URL de rappel dans la console : chaque caractère compte. Sinon, prévenez ses auteurs.
error-title-redirect-uri-missing = Nous ne savons pas où vous renvoyer
error-what-redirect-uri-missing = L’application n’a pas indiqué où revenir après la connexion.
error-do-redirect-uri-missing = Si vous développez l’application, envoyez le paramètre redirect_uri avec l’une de ses URL de rappel enregistrées.
error-title-invalid-request = Il manque quelque chose à cette demande
error-what-invalid-request = L’application nous a envoyé une demande que nous ne comprenons pas.
error-do-invalid-request = Revenez à l’application et réessayez. Si cela se reproduit, prévenez ses auteurs.
error-title-flow-expired = Cette page est trop ancienne
error-what-flow-expired = La connexion a pris plus de temps que nous ne pouvons attendre, ou elle s’est terminée dans un autre onglet.
error-do-flow-expired = Rien de grave : recommencez simplement.
error-title-cookies-blocked = Votre navigateur bloque nos cookies
error-what-cookies-blocked = Sans cookie, nous ne pouvons pas vous reconnaître d’une page à l’autre.
error-do-cookies-blocked = Autorisez les cookies pour ce site, puis réessayez. Les fenêtres privées les bloquent parfois aussi.
error-title-rate-limited = Un peu trop vite
error-what-rate-limited = Beaucoup de demandes sont venues de votre réseau en peu de temps.
error-do-rate-limited = Attendez { $minutes ->
    [one] une minute
   *[other] { $minutes } minutes
}, puis réessayez.
error-title-account-locked = Une petite pause
error-what-account-locked = Il y a eu trop d’essais manqués : nous avons suspendu ce moyen de connexion pour protéger votre compte.
error-do-account-locked = Réessayez dans { $minutes ->
    [one] une minute
   *[other] { $minutes } minutes
}. La connexion avec une clé d’accès fonctionne toujours.
error-title-not-a-member = Vous n’êtes pas encore membre
error-what-not-a-member = Vous êtes connecté, mais cette application est réservée à ses membres.
error-do-not-a-member = Demandez aux responsables de l’application de vous ajouter, ou utilisez un autre compte.

error-title-account-disabled = Ce compte est désactivé
error-what-account-disabled = Vous ne pouvez pas l’utiliser pour le moment.
error-do-account-disabled = Si vous pensez que c’est une erreur, demandez de l’aide.
error-title-access-denied = Vous n’avez pas accès
error-what-access-denied = Votre compte n’est pas autorisé à utiliser cette application.
error-do-access-denied = Demandez l’accès au responsable de l’application, ou connectez-vous avec un autre compte.
error-title-form-expired = Veuillez renvoyer le formulaire
error-what-form-expired = La page est restée ouverte trop longtemps, ou elle venait d’ailleurs. Rien n’a été modifié.
error-do-form-expired = Revenez en arrière, rechargez la page et réessayez.
error-title-not-found = Il n’y a rien ici
error-what-not-found = Cette page n’existe pas, ou elle a été déplacée.
error-do-not-found = Vérifiez l’adresse, ou repartez du début.
error-title-busy = Un instant, s’il vous plaît
error-what-busy = Beaucoup de personnes se connectent en ce moment.
error-do-busy = Attendez quelques secondes, puis réessayez.
error-title-server-error = Un problème est survenu de notre côté
error-what-server-error = Ce n’est pas votre faute, et vous n’avez rien perdu.
error-do-server-error = Réessayez dans un instant. Si cela se reproduit, indiquez le numéro ci-dessous en demandant de l’aide.
error-received = Nous avons reçu
error-detail = Détails pour les développeurs
error-request = Numéro de demande
error-retry = Réessayer
error-home = Aller à l’accueil
error-settings = Ouvrir les réglages de l’application

## Deuxième étape
field-factor-code = Code de l’application
field-recovery-code = Code de récupération
factor-title = Encore une étape
factor-lead = Ouvrez votre application d’authentification et saisissez le code affiché.
factor-recovery-title = Utiliser un code de récupération
factor-recovery-lead = Saisissez l’un des codes que vous avez conservés. Chacun ne sert qu’une fois.
factor-remember = Ne plus demander dans ce navigateur pendant { $days ->
    [one] un jour
   *[other] { $days } jours
}
factor-use-recovery = Utiliser un code de récupération
factor-use-app = Utiliser mon application d’authentification
factor-setup-title = Configurer la connexion en deux étapes
factor-setup-lead = { $tenant } demande une deuxième étape à la connexion : un code d’une application sur votre téléphone.
factor-setup-begin = Configurer
factor-setup-scan = Scannez ceci avec une application d’authentification, ou saisissez-y la clé.
factor-setup-key = Clé
factor-setup-qr = Code QR pour l’application d’authentification
factor-setup-open = Ouvrir dans une application de cet appareil
factor-setup-code = Saisissez le code affiché par l’application.
codes-title = Conservez vos codes de récupération
codes-lead = Si vous perdez votre téléphone, chacun de ces codes vous connecte une fois. Ils ne sont affichés que maintenant : imprimez-les ou mettez-les dans votre gestionnaire de mots de passe.
codes-copy = Copier
codes-copied = Copié
codes-print = Imprimer
codes-kept = Je les ai conservés
problem-factor-wrong = Ce code n’est pas le bon. Saisissez celui que l’application affiche maintenant.
problem-factor-used = Ce code a déjà servi. Attendez le suivant.
notice-factor-removed = L’application est retirée. Ses codes ne sont plus demandés.
