### Las páginas de acceso. Frases cortas, palabras sencillas, de tú.

## En todas partes
continue = Continuar
or = o
optional = opcional
save = Guardar
remove = Quitar
delete = Eliminar
rename = Cambiar nombre
not-now = Ahora no
skip = Ir al contenido
sign-out = Cerrar sesión
send-code = Enviarme un código por correo
back-to-signin = Volver al inicio de sesión
change-account = ¿No eres tú?
created = Creada el
last-used = Último uso el
never-used = Sin usar todavía
foot-language = Idioma
foot-more = Más
foot-help = Ayuda
foot-privacy = Privacidad
foot-terms = Condiciones de uso
dev-badge = Desarrollo
time-month = { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
}
time-day = { $day } de { time-month } de { $year }
time-moment = { time-day }, { $time } UTC

## Campos
field-email = Correo electrónico
field-email-or-username = Correo electrónico o nombre de usuario
field-name = Nombre completo
field-given-name = Nombre
field-family-name = Apellidos
field-phone = Número de teléfono
field-birthdate = Fecha de nacimiento
field-password = Contraseña
field-new-password = Contraseña nueva
field-current-password = Contraseña actual
field-code = Código del correo
field-locale = Idioma
field-zoneinfo = Zona horaria

## Iniciar sesión
signin-title = Iniciar sesión
signin-lead = Nos alegra verte de nuevo en { $tenant }.
signin-lead-app = para continuar a { $application }
signin-submit = Iniciar sesión
signin-new-here = ¿Es tu primera vez?
signin-sign-up = Crea una cuenta
signin-trouble = ¿Problemas para entrar?
passkey-signin = Entrar con una llave de acceso

## Contraseña
password-title = Escribe tu contraseña
password-forgot = ¿La olvidaste?
password-show = Mostrar
password-hide = Ocultar
password-hint = Al menos { $min } caracteres. Unas cuantas palabras sin relación hacen una buena contraseña.
password-save = Guardar contraseña
new-password-title = Elige una contraseña nueva
new-password-lead-reset = Ya estás dentro. Elige una contraseña nueva para la próxima vez.
new-password-lead-expired = Antes de seguir, necesitas una contraseña nueva.
new-password-lead-breached = Tu contraseña ha aparecido en una filtración de otro sitio. Elige una nueva para proteger tu cuenta.
new-password-lead-ticket = Elige la contraseña de tu cuenta.

## Código
code-title-sign-in = Revisa tu correo
code-title-sign-up = Confirma tu correo
code-title-verify-email = Confirma tu correo
code-title-recover = Revisa tu correo
code-title-step-up = Revisa tu correo
code-lead-sign-in = Te hemos enviado un código. Escríbelo aquí o usa el enlace del correo.
code-lead-sign-up = Te hemos enviado un código para saber que esta dirección es tuya.
code-lead-verify-email = Te hemos enviado un código para saber que esta dirección es tuya.
code-lead-recover = Si esta dirección pertenece a una cuenta, el código va en camino.
code-lead-step-up = Te hemos enviado un código para asegurarnos de que eres tú.
code-hint = El código vale { $minutes ->
    [one] un minuto
   *[other] { $minutes } minutos
}. ¿No llega nada? Mira en la carpeta de correo no deseado.
code-pattern = Las { $digits } cifras del correo
code-wrong-address = ¿Dirección equivocada?
code-resend = Enviar un código nuevo
code-resend-wait = Código nuevo en { $seconds } s
code-use-password = Usar mi contraseña
code-dev-mailbox = Abrir el buzón

## Confirmar, elegir, recuperar
reauth-title = Confirma que eres tú
reauth-lead-account = Vas a cambiar algo importante, así que lo comprobamos una vez más.
reauth-lead-application = { $application } te pide que inicies sesión otra vez.
reauth-submit = Confirmar
select-title = Elige una cuenta
select-continue-as = Continuar como { $name }
select-other = Usar otra cuenta
recover-title = Recuperemos tu acceso
recover-lead = ¿Perdiste tu llave de acceso u olvidaste la contraseña? Te enviaremos un código por correo.
recover-hint = Usa la dirección con la que te registraste. Después del código podrás crear una llave de acceso nueva.

## Registro
signup-title = Crea tu cuenta
signup-lead = Es solo un momento.
signup-lead-passkey = Sin contraseñas que inventar: en el siguiente paso crearás una llave de acceso.
signup-terms = Al continuar aceptas:
signup-have-account = ¿Ya tienes cuenta?

## La oferta de una llave de acceso
offer-title-sign-up = Crea tu llave de acceso
offer-title-after-password = La próxima vez, sin contraseña
offer-title-after-code = La próxima vez, sin código
offer-title-recovery = Crea una llave de acceso nueva
offer-lead-sign-up = Con una llave de acceso entras con tu huella, tu cara o el bloqueo de pantalla. No hay contraseña que recordar.
offer-lead-after-password = Con una llave de acceso entras con tu huella, tu cara o el bloqueo de pantalla. Es más rápida y segura que una contraseña.
offer-lead-after-code = Con una llave de acceso entras con tu huella, tu cara o el bloqueo de pantalla. Ya no hay que esperar un correo.
offer-lead-recovery = Ya estás dentro. Con una llave de acceso nueva en este dispositivo entras con tu huella, tu cara o el bloqueo de pantalla.
offer-point-easy = Entra con un toque o una mirada
offer-point-safe = No se puede adivinar, filtrar ni entregar a un sitio falso
offer-point-private = Tu huella y tu cara nunca salen de tu dispositivo
offer-create = Crear una llave de acceso
offer-noscript = Las llaves de acceso necesitan JavaScript. Actívalo para este sitio y vuelve a cargar la página.
offer-old-title = Tus otras llaves de acceso
offer-old-hint = Marca las que has perdido. Dejarán de funcionar.
passkey-synced = Sincronizada
passkey-synced-hint = Con copia de seguridad y disponible en tus otros dispositivos
passkey-bound = Solo este dispositivo
passkey-bound-hint = Guardada en un único dispositivo o llave de seguridad
passkey-current = En uso ahora
passkey-waiting = Sigue los pasos en tu dispositivo…
passkey-error-unsupported = Este navegador no admite llaves de acceso. Continúa de otra forma o prueba un navegador más reciente.
passkey-error-not-allowed = No se ha completado: se canceló o tardó demasiado. Inténtalo de nuevo o continúa de otra forma.
passkey-error-timeout = Ha tardado demasiado. Inténtalo de nuevo cuando quieras.
passkey-error-exists = Este dispositivo ya tiene una llave de acceso de tu cuenta; puedes entrar con ella.
passkey-error-security = Las llaves de acceso no funcionan en esta dirección. Abre el sitio en su dirección habitual e inténtalo de nuevo.
passkey-error-aborted = Se ha interrumpido. Inténtalo de nuevo.
passkey-error-constraint = Tu dispositivo necesita un bloqueo de pantalla. Configura un PIN, tu huella o tu cara e inténtalo de nuevo.
passkey-error-not-supported = Tu dispositivo no puede crear este tipo de llave. Prueba con otro dispositivo, tu teléfono o una llave de seguridad.
passkey-error-unknown = Tu dispositivo no ha podido terminar. Inténtalo de nuevo o continúa de otra forma.
passkey-error-network = No hemos podido conectar con el servidor. Revisa tu conexión e inténtalo de nuevo.

## Datos que faltan
complete-title = Ya casi está
complete-lead = { $tenant } necesita algún dato más.
complete-lead-app = { $application } necesita algún dato más.

## Consentimiento
consent-title = { $application } pide acceso
consent-lead = Si lo permites, podrá:
consent-api = Acceso a: { $api }
consent-allow = Permitir
consent-deny = No permitir
consent-return = Después volverás a { $host }.
consent-later = Puedes retirarlo cuando quieras en tu cuenta.
consent-privacy = Privacidad en { $application }
scope-openid = Saber que eres tú
scope-profile = Ver tu nombre y tu perfil
scope-email = Ver tu correo electrónico
scope-phone = Ver tu número de teléfono
scope-address = Ver tu dirección postal
scope-offline-access = Mantener el acceso cuando no estés

## Cerrar sesión
signout-title = ¿Cerrar sesión?
signout-lead = Se cerrará tu sesión de { $tenant } en este dispositivo.
signout-lead-app = Se cerrará tu sesión de { $application } y { $tenant } en este dispositivo.
signout-stay = Mantener la sesión abierta
signed-out-title = Has cerrado sesión
signed-out-lead = Hasta pronto.
signed-out-return = Volver a la aplicación
signed-out-again = Iniciar sesión de nuevo

## Enlaces de los correos
link-title-sign-in = ¿Iniciar sesión con este enlace?
link-title-verify-email = ¿Confirmar esta dirección?
link-title-recover = ¿Recuperar tu cuenta?
link-title-denied = Gracias por avisarnos
link-title-expired = Este enlace ha caducado
link-title-used = Este enlace ya se usó
link-lead-sign-in = Un clic y estás dentro.
link-lead-verify-email = Un clic y queda confirmada.
link-lead-recover = Un clic y podrás crear una llave de acceso o una contraseña nueva.
link-lead-other = La petición vino de otro navegador. Confirma solo si fuiste tú.
link-lead-denied = Nadie ha entrado. No tienes que hacer nada más.
link-lead-expired = Los enlaces solo valen un rato. Pide uno nuevo.
link-lead-used = Cada enlace sirve una vez. Si no fuiste tú, pide uno nuevo y revisa la actividad de tu cuenta.
link-device = Dispositivo
link-origin = Lugar
link-when = Hora
link-confirm-sign-in = Iniciar sesión
link-confirm-verify-email = Confirmar dirección
link-confirm-recover = Continuar
link-confirm-other = Sí, fui yo
link-deny = No, no fui yo
link-done-title-sign-in = Confirmado
link-done-title-verify-email = Dirección confirmada
link-done-title-recover = Confirmado
link-done-title-new-password = Tu contraseña está guardada
link-done-here = Gracias. Ya puedes seguir.
link-done-there = Vuelve a la ventana donde empezaste: sigue sola. Puedes cerrar esta.
link-restart = Empezar de nuevo
device-title = Conectar un dispositivo
device-lead = Escribe el código que muestra tu dispositivo.
field-device-code = Código del dispositivo
device-confirm-title = ¿Conectar { $application }?
device-confirm-lead = Continúa solo si tu dispositivo muestra este código. El dispositivo podrá:
device-done-title = Tu dispositivo está conectado
device-done-lead = Ya puedes volver a él. Esta página ya no hace falta.
device-denied-title = El dispositivo no se conectó
device-denied-lead = No se permitió nada. Puedes cerrar esta página.

form-post-title = Volviendo a la aplicación…
form-post-lead = Si no pasa nada, pulsa el botón.

## Por qué volvió un formulario
problem-identifier-missing = Escribe tu correo electrónico.
problem-email-invalid = No parece una dirección de correo. Revisa si hay errores.
problem-account-unknown = No hay ninguna cuenta con lo que has escrito. Comprueba que esté bien escrito.
problem-email-taken = Esta dirección ya está en uso.
problem-name-missing = Dinos cómo te llamas.
problem-field-missing = Rellena todos los campos obligatorios.
problem-field-invalid = Hay algo que no encaja. Revisa lo que has escrito.
problem-password-wrong = No coincide. Revisa tu contraseña o continúa con un código.
problem-password-missing = Escribe tu contraseña.
problem-password-too-short = Usa al menos { $min } caracteres.
problem-password-too-long = Usa como máximo { $max } caracteres.
problem-password-needs-number = Añade una cifra.
problem-password-needs-mixed-case = Usa minúsculas y mayúsculas.
problem-password-needs-symbol = Añade algo que no sea ni letra ni cifra, como un espacio o una coma.
problem-password-weak = Esta contraseña es fácil de adivinar. Añade una o dos palabras.
problem-password-breached = Esta contraseña ha aparecido en una filtración. Elige otra.
problem-password-reused = Ya usaste esta contraseña. Elige una nueva.
problem-code-missing = Escribe el código del correo.
problem-code-wrong = Ese código no es correcto. { $attempts_left ->
    [0] Pide uno nuevo.
    [one] Te queda un intento.
   *[other] Te quedan { $attempts_left } intentos.
}
problem-code-expired = Este código ha caducado. Pide uno nuevo.
problem-too-many-attempts = Demasiados intentos. Espera { $minutes ->
    [one] un minuto
   *[other] { $minutes } minutos
} e inténtalo de nuevo.
problem-mail-failed = No hemos podido enviar el correo. Revisa la dirección o inténtalo dentro de un momento.
problem-passkey-unknown = No conocemos esta llave de acceso; puede que se haya quitado. Continúa con tu correo electrónico.
problem-passkey-rejected = No hemos podido comprobar tu llave de acceso. Inténtalo de nuevo o continúa de otra forma.
problem-passkey-unverified = Tu dispositivo no ha confirmado que eres tú. Desbloquéalo con tu huella, tu cara o tu PIN e inténtalo de nuevo.
problem-passkey-expired = La página estuvo abierta demasiado tiempo. Inténtalo de nuevo.
problem-passkey-exists = Este dispositivo ya tiene una llave de acceso de tu cuenta.
problem-passkey-not-allowed = Aquí no se acepta este tipo de llave de acceso. Prueba con otro dispositivo u otra llave de seguridad.
problem-passkey-other-account = Esa llave de acceso es de otra cuenta. Usa una de esta cuenta.
problem-sign-up-closed = Ahora mismo no se pueden crear cuentas.
problem-form-expired = La página estuvo abierta demasiado tiempo. Envíala otra vez.
problem-confirmation-wrong = Lo que has escrito no coincide. No se ha eliminado nada.
problem-last-sign-in-method = Es tu única forma de entrar. Añade otra primero.
problem-last-owner = Eres la única persona propietaria. Da antes ese papel a otra persona en la consola (Team); después podrás eliminar tu cuenta.
problem-primary-email = Es tu dirección principal. Elige antes otra como principal.
problem-email-unverified = Confirma antes esta dirección.

## Buenas noticias
notice-code-sent = Un código nuevo va en camino.
notice-profile-saved = Tu perfil está guardado.
notice-email-added = Dirección añadida. Confírmala con el código que hemos enviado.
notice-email-verified = Dirección confirmada.
notice-email-primary = Tu dirección principal ha cambiado.
notice-email-removed = Dirección quitada.
notice-passkey-added = Tu llave de acceso está lista.
notice-passkey-renamed = Nombre cambiado.
notice-passkey-removed = Llave de acceso quitada. Ya no sirve para entrar.
notice-password-saved = Tu contraseña está guardada.
notice-password-removed = Tu contraseña ya no existe. A partir de ahora entra con tu llave de acceso.
notice-device-signed-out = Sesión cerrada en ese dispositivo.
notice-devices-signed-out = Sesión cerrada en todos los demás dispositivos.
notice-app-disconnected = La aplicación ya no tiene acceso.
notice-confirmed = Gracias, sabemos que eres tú. Puedes seguir.

## Páginas de error
error-title-unknown-client = No conocemos esta aplicación
error-what-unknown-client = La aplicación que te ha enviado aquí no está registrada con nosotros.
error-do-unknown-client = Vuelve a la aplicación y avisa a sus creadores. Si la estás desarrollando, revisa el ID de cliente y que la dirección sea la correcta.
error-title-redirect-uri-mismatch = La dirección de retorno no está registrada
error-what-redirect-uri-mismatch = Para protegerte, solo devolvemos a las personas a direcciones que la aplicación ha registrado. Esta no está entre ellas.
error-do-redirect-uri-mismatch = Si desarrollas la aplicación, añade exactamente esta dirección a sus URL de retorno en la consola: cada carácter cuenta. Si no, avisa a sus creadores.
error-title-redirect-uri-missing = No sabemos adónde devolverte
error-what-redirect-uri-missing = La aplicación no ha dicho adónde volver después de iniciar sesión.
error-do-redirect-uri-missing = Si desarrollas la aplicación, envía el parámetro redirect_uri con una de sus URL de retorno registradas.
error-title-invalid-request = A esta petición le falta algo
error-what-invalid-request = La aplicación nos ha enviado una petición que no entendemos.
error-do-invalid-request = Vuelve a la aplicación e inténtalo de nuevo. Si sigue pasando, avisa a sus creadores.
error-title-flow-expired = Esta página es demasiado antigua
error-what-flow-expired = El inicio de sesión tardó más de lo que podemos esperar, o se terminó en otra pestaña.
error-do-flow-expired = No pasa nada. Empieza de nuevo.
error-title-cookies-blocked = Tu navegador bloquea nuestras cookies
error-what-cookies-blocked = Sin una cookie no podemos recordar que eres tú entre dos páginas.
error-do-cookies-blocked = Permite las cookies en este sitio e inténtalo de nuevo. Las ventanas privadas a veces también las bloquean.
error-title-rate-limited = Un poco demasiado rápido
error-what-rate-limited = Han llegado muchas peticiones de tu red en poco tiempo.
error-do-rate-limited = Espera { $minutes ->
    [one] un minuto
   *[other] { $minutes } minutos
} e inténtalo de nuevo.
error-title-account-locked = Una pequeña pausa
error-what-account-locked = Hubo demasiados intentos fallidos, así que hemos pausado esta forma de entrar para proteger tu cuenta.
error-do-account-locked = Inténtalo de nuevo dentro de { $minutes ->
    [one] un minuto
   *[other] { $minutes } minutos
}. Entrar con una llave de acceso sigue funcionando.
error-title-not-a-member = Todavía no eres miembro
error-what-not-a-member = Has entrado, pero esta aplicación es solo para sus miembros.
error-do-not-a-member = Pide a quien gestiona la aplicación que te añada, o usa otra cuenta.

error-title-account-disabled = Esta cuenta está desactivada
error-what-account-disabled = Ahora mismo no puedes entrar con ella.
error-do-account-disabled = Si crees que es un error, pide ayuda.
error-title-access-denied = No tienes acceso
error-what-access-denied = Tu cuenta no puede usar esta aplicación.
error-do-access-denied = Pide acceso a quien gestiona la aplicación o entra con otra cuenta.
error-title-form-expired = Envíalo otra vez, por favor
error-what-form-expired = La página estuvo abierta demasiado tiempo o venía de otro sitio. No se ha cambiado nada.
error-do-form-expired = Vuelve atrás, recarga la página e inténtalo de nuevo.
error-title-not-found = Aquí no hay nada
error-what-not-found = Esta página no existe o se ha movido.
error-do-not-found = Revisa la dirección o empieza desde el principio.
error-title-busy = Un momento, por favor
error-what-busy = Ahora mismo hay muchas personas entrando.
error-do-busy = Espera unos segundos e inténtalo de nuevo.
error-title-server-error = Algo ha fallado por nuestra parte
error-what-server-error = No es culpa tuya y no has perdido nada.
error-do-server-error = Inténtalo dentro de un momento. Si sigue pasando, indica el número de abajo al pedir ayuda.
error-received = Hemos recibido
error-detail = Detalles para desarrolladores
error-request = Número de petición
error-retry = Intentarlo de nuevo
error-home = Ir a la página de inicio
error-settings = Abrir los ajustes de la aplicación

## Segundo paso
field-factor-code = Código de la aplicación
field-recovery-code = Código de recuperación
factor-title = Un paso más
factor-lead = Abre tu aplicación de autenticación y escribe el código que muestra.
factor-recovery-title = Usar un código de recuperación
factor-recovery-lead = Escribe uno de los códigos que guardaste. Cada uno sirve una sola vez.
factor-remember = No volver a preguntar en este navegador durante { $days ->
    [one] un día
   *[other] { $days } días
}
factor-use-recovery = Usar un código de recuperación
factor-use-app = Usar mi aplicación de autenticación
factor-setup-title = Configura el inicio de sesión en dos pasos
factor-setup-lead = { $tenant } pide un segundo paso al iniciar sesión: un código de una aplicación de tu teléfono.
factor-setup-begin = Configurar
factor-setup-scan = Escanéalo con una aplicación de autenticación o escribe la clave en ella.
factor-setup-key = Clave
factor-setup-qr = Código QR para la aplicación de autenticación
factor-setup-open = Abrir en una aplicación de este dispositivo
factor-setup-code = Escribe el código que muestra la aplicación.
codes-title = Guarda tus códigos de recuperación
codes-lead = Si pierdes el teléfono, cada uno de estos códigos te permite entrar una vez. Solo se muestran ahora: imprímelos o guárdalos en tu gestor de contraseñas.
codes-copy = Copiar
codes-copied = Copiado
codes-print = Imprimir
codes-kept = Los he guardado
problem-factor-wrong = Ese código no es correcto. Escribe el que la aplicación muestra ahora.
problem-factor-used = Ese código ya se ha usado. Espera al siguiente.
notice-factor-removed = La aplicación se ha quitado. Ya no se piden sus códigos.
