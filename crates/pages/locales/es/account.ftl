### Las páginas de la cuenta.

account-nav = Tu cuenta
nav-profile = Perfil
nav-emails = Direcciones de correo
nav-passkeys = Llaves de acceso
nav-password = Contraseña
nav-devices = Dispositivos
nav-apps = Aplicaciones conectadas
nav-activity = Actividad
nav-data = Tus datos
fresh-hint = Antes te pediremos que confirmes que eres tú.

profile-title = Tu cuenta
profile-lead = Lo que { $tenant } sabe de ti y cómo inicias sesión.
profile-about = Sobre ti
profile-locale-browser = El de mi navegador
checkup-title = Tu cuenta de un vistazo
checkup-passkeys = { $count ->
    [0] Sin llave de acceso: añade una
    [one] Una llave de acceso
   *[other] { $count } llaves de acceso
}
checkup-email-verified = Correo confirmado
checkup-email-unverified = Confirma tu correo
checkup-devices = { $count ->
    [one] Un dispositivo conectado
   *[other] { $count } dispositivos conectados
}

emails-lead = Los mensajes llegan a tu dirección principal. Con cualquier dirección confirmada puedes entrar y recuperar tu cuenta.
emails-primary = Principal
emails-verified = Confirmada
emails-unverified = Sin confirmar
emails-verify = Confirmar
emails-make-primary = Hacer principal
emails-remove-confirm = ¿Quitar { $address } de tu cuenta?
emails-empty = Todavía no hay ninguna dirección. Añade una para poder volver siempre.
emails-add-title = Añadir una dirección
emails-add = Añadir
emails-add-hint = Enviaremos un código para comprobar que es tuya. Una segunda dirección es una buena red de seguridad.

passkeys-lead = Entra con tu huella, tu cara o el bloqueo de pantalla.
passkeys-name = Nombre
passkeys-add = Añadir una llave de acceso
passkeys-delete-confirm = ¿Eliminar «{ $name }»? Ya no servirá para entrar. También pediremos a tu dispositivo que la olvide.
passkeys-empty-title = Entra sin contraseña
passkeys-empty = Una llave de acceso vive en tu teléfono, tu ordenador o tu llave de seguridad. La desbloqueas igual que tu dispositivo: nada que recordar, nada que robar.
passkeys-hint = Añade una en cada tipo de dispositivo que uses. Si pierdes uno, con el otro sigues entrando.

account-password-lead = Puedes entrar con una contraseña. Una llave de acceso es más segura y rápida.
account-password-none = Tu cuenta no tiene contraseña, y no la necesita.
account-password-change = Cambiar la contraseña
account-password-set = Crear una contraseña
account-password-changed = Último cambio el
account-password-remove = Quitar la contraseña
account-password-remove-hint = Lo que no existe no se puede robar. Tus llaves de acceso siguen funcionando.
account-password-remove-confirm = ¿Quitar tu contraseña? Entrarás con una llave de acceso o un código.

devices-lead = Los sitios donde tienes la sesión abierta. ¿Algo no te suena? Ciérralo.
devices-current = Este dispositivo
devices-seen = Última actividad:
devices-since = Sesión iniciada:
devices-used-for = para
devices-revoke-others = Cerrar sesión en los demás dispositivos
devices-revoke-others-confirm = Habrá que iniciar sesión de nuevo en todos los dispositivos menos este.
devices-only-this = Solo tienes la sesión abierta en este dispositivo.

apps-lead = Aplicaciones que usan tu cuenta de { $tenant }.
apps-since = Desde el
apps-revoke = Quitar acceso
apps-revoke-confirm = { $application } tendrá que volver a pedírtelo. Lo que ya sabe, puede conservarlo.
apps-empty-title = Todavía no hay aplicaciones
apps-empty = Cuando entres en una aplicación con tu cuenta de { $tenant }, aparecerá aquí y podrás quitarle el acceso.

activity-lead = Lo que ha pasado últimamente en tu cuenta.
activity-empty = Nada todavía. Aquí aparecerán los inicios de sesión y los cambios.
activity-hint = ¿Algo te parece raro? Cierra sesión en los demás dispositivos y quita las llaves de acceso que no conozcas.
activity-older = Anteriores
activity-signed-up = Cuenta creada
activity-signed-in-passkey = Inicio de sesión con llave de acceso
activity-signed-in-password = Inicio de sesión con contraseña
activity-signed-in-code = Inicio de sesión con código por correo
activity-signed-out = Sesión cerrada
activity-sign-in-failed = Inicio de sesión fallido
activity-locked = Acceso pausado por demasiados intentos
activity-passkey-added = Llave de acceso añadida
activity-passkey-renamed = Llave de acceso con nombre nuevo
activity-passkey-removed = Llave de acceso quitada
activity-password-changed = Contraseña cambiada
activity-password-removed = Contraseña quitada
activity-email-added = Dirección añadida
activity-email-verified = Dirección confirmada
activity-email-primary = Dirección principal cambiada
activity-email-removed = Dirección quitada
activity-recovered = Cuenta recuperada por correo
activity-app-connected = Aplicación conectada
activity-app-disconnected = Acceso de una aplicación quitado
activity-device-signed-out = Sesión cerrada en un dispositivo
activity-profile-changed = Perfil cambiado
activity-data-downloaded = Datos descargados

data-lead = Son tuyos. Llévatelos o elimínalos.
data-download-title = Descarga tus datos
data-download-hint = Un archivo con todo lo que guardamos sobre ti: perfil, direcciones, llaves de acceso, dispositivos, aplicaciones y actividad.
data-download = Descargar
data-delete-title = Elimina tu cuenta
data-delete-hint = Se eliminarán tu cuenta, tus llaves de acceso y todas tus sesiones en { $tenant }. No se puede deshacer.
data-delete = Eliminar mi cuenta
data-delete-type = Escribe { $text } para confirmar
data-delete-confirm = Eliminar para siempre
deleted-title = Tu cuenta está eliminada
deleted-lead = Gracias por haber estado con nosotros. Te hemos enviado una confirmación.

nav-two-step = Inicio de sesión en dos pasos
two-step-lead = Un código de una aplicación de tu teléfono, además de la contraseña o del código por correo. Quien averigüe una cosa aún no tiene la otra.
two-step-required = { $tenant } pide a todos un segundo paso: un código de una aplicación del teléfono.
two-step-passkey-hint = Entrar con una llave de acceso son dos pasos en uno, así que no se te pedirá ningún código.
two-step-apps = Aplicaciones de autenticación
two-step-app = Aplicación de autenticación
two-step-add = Añadir una aplicación de autenticación
two-step-empty-title = Un solo paso por ahora
two-step-empty = Añade una aplicación de autenticación y una contraseña robada no abrirá nada por sí sola.
two-step-remove-confirm = ¿Quitar «{ $name }»? Ya no se pedirán sus códigos.
two-step-codes-title = Códigos de recuperación
two-step-codes-left = { $count ->
    [0] No queda ninguno. Crea otros nuevos para poder entrar sin el teléfono.
    [one] Queda un código. Crea otros nuevos pronto.
   *[other] Quedan { $count } códigos.
}
two-step-codes-new = Crear códigos nuevos
two-step-codes-new-hint = Los códigos antiguos dejarán de funcionar.
activity-factor-added = Aplicación de autenticación añadida
activity-factor-removed = Aplicación de autenticación quitada
activity-factor-refused = Ha fallado un segundo paso
activity-recovery-code-used = Código de recuperación usado
activity-recovery-codes-made = Códigos de recuperación nuevos creados
