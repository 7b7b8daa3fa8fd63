### Les e-mails.

validity = Il est valable { $minutes ->
    [one] une minute
   *[other] { $minutes } minutes
}. Ne le donnez à personne, pas même à nous.
or-link = Ou ouvrez ce lien :
support = Aide
sender = Envoyé par { $tenant }
fact-passkey = Clé d’accès
fact-address = Nouvelle adresse
fact-factor = Application
fact-device = Appareil
fact-origin = Lieu
fact-time = Heure
month = { $month ->
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
moment = { $day } { month } { $year } à { $time } UTC

sign-in-subject = { $code } est votre code pour { $tenant }
sign-in-heading = Votre code de connexion
sign-in-body = Saisissez ce code pour vous connecter à { $tenant }.
sign-in-button = Se connecter
sign-in-note = Vous n’avez rien demandé ? Ignorez cet e-mail : sans le code, personne n’entre.

verify-subject = { $code } est votre code pour { $tenant }
verify-heading = Confirmez votre adresse
verify-body = Saisissez ce code pour que { $tenant } sache que cette adresse est la vôtre.
verify-button = Confirmer l’adresse
verify-note = Vous n’avez rien demandé ? Quelqu’un s’est sans doute trompé d’adresse. Vous pouvez ignorer cet e-mail.

step-up-subject = { $code } est votre code pour { $tenant }
step-up-heading = Est-ce bien vous ?
step-up-body = Saisissez ce code pour confirmer la modification de votre compte.
step-up-button = Confirmer
step-up-note = Vous ne modifiez rien ? N’utilisez pas le code, et déconnectez les appareils que vous ne reconnaissez pas.

recovery-subject = { $code } est votre code pour { $tenant }
recovery-heading = Retrouvez votre compte
recovery-body = Saisissez ce code, puis vous pourrez créer une nouvelle clé d’accès ou un nouveau mot de passe.
recovery-button = Retrouver mon compte
recovery-note = Vous n’avez rien demandé ? Ignorez cet e-mail : sans le code, personne n’entre.

exists-subject = { $code } est votre code pour { $tenant }
exists-heading = Vous avez déjà un compte
exists-body = Quelqu’un – sans doute vous – a voulu créer un compte { $tenant } avec cette adresse. Il en existe déjà un : saisissez ce code pour vous connecter.
exists-button = Se connecter
exists-note = Ce n’était pas vous ? Rien n’a changé, et personne n’a appris que ce compte existe.

passkey-added-subject = Une clé d’accès a été ajoutée à votre compte { $tenant }
passkey-added-heading = Nouvelle clé d’accès
passkey-added-body = Vous pouvez désormais vous connecter avec elle.
passkey-added-button = Voir vos clés d’accès
passkey-added-note = Ce n’était pas vous ? Retirez cette clé tout de suite et déconnectez tous les autres appareils.

passkey-removed-subject = Une clé d’accès a été retirée de votre compte { $tenant }
passkey-removed-heading = Clé d’accès retirée
passkey-removed-body = Elle ne vous connecte plus.
passkey-removed-button = Voir vos clés d’accès
passkey-removed-note = Ce n’était pas vous ? Vérifiez vos clés d’accès et déconnectez tous les autres appareils.

new-device-subject = Nouvelle connexion à votre compte { $tenant }
new-device-heading = Connexion depuis un nouvel appareil
new-device-body = Quelqu’un s’est connecté à votre compte sur un appareil que nous n’avions jamais vu.
new-device-button = Voir vos appareils
new-device-note = C’était vous ? Alors tout va bien. Sinon, déconnectez cet appareil tout de suite.

recovery-used-subject = Votre compte { $tenant } a été récupéré
recovery-used-heading = Votre compte a été récupéré
recovery-used-body = Quelqu’un a retrouvé l’accès à votre compte avec un code reçu dans cette boîte.
recovery-used-button = Voir votre compte
recovery-used-note = C’était vous ? Alors tout va bien. Sinon, changez d’abord le mot de passe de votre boîte e-mail, puis déconnectez tous les appareils.

email-changed-subject = Votre adresse chez { $tenant } a changé
email-changed-heading = Votre adresse a changé
email-changed-body = Les messages sur votre compte { $tenant } vont désormais à une autre adresse. Celui-ci est le dernier que vous recevez ici.
email-changed-button = Obtenir de l’aide
email-changed-note = Ce n’était pas vous ? Demandez de l’aide dès que possible.

password-changed-subject = Le mot de passe de votre compte { $tenant } a changé
password-changed-heading = Mot de passe modifié
password-changed-body = Le mot de passe de votre compte a été défini, modifié ou supprimé. Tous les autres appareils ont été déconnectés.
password-changed-button = Gérer le mot de passe
password-changed-note = Ce n’était pas vous ? Reprenez l’accès avec un code envoyé à cette adresse, puis vérifiez vos clés d’accès et choisissez un nouveau mot de passe.

factor-added-subject = La connexion en deux étapes de votre compte { $tenant } est activée
factor-added-heading = La connexion en deux étapes est activée
factor-added-body = Toute connexion à votre compte demande désormais aussi un code de votre application d’authentification.
factor-added-button = Voir la connexion en deux étapes
factor-added-note = Ce n’était pas vous ? Alors quelqu’un est entré dans votre compte : retirez l’application, changez votre mot de passe et déconnectez tous les autres appareils.

factor-removed-subject = Une application d’authentification a été retirée de votre compte { $tenant }
factor-removed-heading = Application d’authentification retirée
factor-removed-body = Ses codes ne sont plus demandés ni acceptés.
factor-removed-button = Voir la connexion en deux étapes
factor-removed-note = Ce n’était pas vous ? Alors quelqu’un est entré dans votre compte : changez votre mot de passe et déconnectez tous les autres appareils.

recovery-code-used-subject = Un code de récupération de votre compte { $tenant } a été utilisé
recovery-code-used-heading = Un code de récupération a été utilisé
recovery-code-used-body = Quelqu’un s’est connecté avec l’un de vos codes de récupération. { $left ->
    [0] Il n’en reste plus : créez-en de nouveaux.
    [one] Il en reste un : créez-en de nouveaux.
   *[other] Il en reste { $left }.
}
recovery-code-used-button = Voir vos codes de récupération
recovery-code-used-note = C’était vous ? Alors tout va bien. Sinon, changez votre mot de passe, créez de nouveaux codes et déconnectez tous les autres appareils.

deleted-subject = Votre compte { $tenant } est supprimé
deleted-heading = Votre compte est supprimé
deleted-body = Votre compte, vos clés d’accès et toutes vos connexions ont disparu, comme vous l’avez demandé. Merci d’avoir été des nôtres.
deleted-note = C’est notre dernier e-mail à propos de ce compte.

set-password-subject = Choisissez votre mot de passe pour { $tenant }
set-password-heading = Choisissez votre mot de passe
set-password-body = Ouvrez ce lien pour choisir un mot de passe pour { $tenant }. Il sert une fois, pendant { $minutes ->
    [one] une minute
   *[other] { $minutes } minutes
}.
set-password-button = Choisir un mot de passe
set-password-note = Vous n’avez rien demandé ? Ignorez cet e-mail : votre mot de passe reste le même.

sign-in-link-subject = Votre lien pour vous connecter à { $tenant }
sign-in-link-heading = Connexion
sign-in-link-body = Ouvrez ce lien pour vous connecter à { $tenant }. Il sert une fois, pendant { $minutes ->
    [one] une minute
   *[other] { $minutes } minutes
}.
sign-in-link-button = Se connecter
sign-in-link-note = Vous n’avez rien demandé ? Ignorez cet e-mail : sans le lien, personne n’entre.

invitation-subject = Votre compte { $tenant }
invitation-heading = Vous avez un compte
invitation-body = Quelqu’un chez { $tenant } a créé un compte pour vous. Connectez-vous pour le terminer : avec une clé d’accès, vous n’aurez jamais besoin de mot de passe.
invitation-button = Se connecter
invitation-note = Le lien fonctionne une seule fois, pendant sept jours. Vous ne savez pas de quoi il s’agit ? Ignorez cet e-mail.

way-back-subject = Retrouvez votre compte { $tenant }
way-back-heading = Retrouvez votre compte
way-back-body = L’équipe de { $tenant } vous envoie ce lien pour vous connecter et créer une nouvelle clé d’accès.
way-back-button = Se reconnecter
way-back-note = Le lien fonctionne une seule fois, pendant un jour. Vous n’avez pas demandé d’aide ? Ne l’utilisez pas et prévenez l’équipe.
