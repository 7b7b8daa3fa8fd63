### Los correos.

validity = Vale { $minutes ->
    [one] un minuto
   *[other] { $minutes } minutos
}. No se lo des a nadie, ni siquiera a nosotros.
or-link = O abre este enlace:
support = Ayuda
sender = Enviado por { $tenant }
fact-passkey = Llave de acceso
fact-address = Dirección nueva
fact-factor = Aplicación
fact-device = Dispositivo
fact-origin = Lugar
fact-time = Hora
month = { $month ->
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
moment = { $day } de { month } de { $year }, { $time } UTC

sign-in-subject = { $code } es tu código para { $tenant }
sign-in-heading = Tu código para entrar
sign-in-body = Escribe este código para iniciar sesión en { $tenant }.
sign-in-button = Iniciar sesión
sign-in-note = ¿No lo has pedido tú? Puedes ignorar este correo: sin el código no entra nadie.

verify-subject = { $code } es tu código para { $tenant }
verify-heading = Confirma tu correo
verify-body = Escribe este código para que { $tenant } sepa que esta dirección es tuya.
verify-button = Confirmar dirección
verify-note = ¿No lo has pedido tú? Seguramente alguien se equivocó al escribir. Puedes ignorar este correo.

step-up-subject = { $code } es tu código para { $tenant }
step-up-heading = ¿Eres tú?
step-up-body = Escribe este código para confirmar el cambio en tu cuenta.
step-up-button = Confirmar
step-up-note = ¿No estás cambiando nada? No uses el código y cierra sesión en los dispositivos que no conozcas.

recovery-subject = { $code } es tu código para { $tenant }
recovery-heading = Recupera tu cuenta
recovery-body = Escribe este código y podrás crear una llave de acceso o una contraseña nueva.
recovery-button = Recuperar mi cuenta
recovery-note = ¿No lo has pedido tú? Puedes ignorar este correo: sin el código no entra nadie.

exists-subject = { $code } es tu código para { $tenant }
exists-heading = Ya tienes una cuenta
exists-body = Alguien, seguramente tú, intentó crear una cuenta de { $tenant } con esta dirección. Ya existe una: escribe este código para iniciar sesión.
exists-button = Iniciar sesión
exists-note = ¿No fuiste tú? No ha cambiado nada, y nadie ha sabido que esta cuenta existe.

passkey-added-subject = Se añadió una llave de acceso a tu cuenta de { $tenant }
passkey-added-heading = Llave de acceso añadida
passkey-added-body = Ya puedes entrar con ella.
passkey-added-button = Ver tus llaves de acceso
passkey-added-note = ¿No fuiste tú? Quita la llave enseguida y cierra sesión en los demás dispositivos.

passkey-removed-subject = Se quitó una llave de acceso de tu cuenta de { $tenant }
passkey-removed-heading = Llave de acceso quitada
passkey-removed-body = Ya no sirve para entrar.
passkey-removed-button = Ver tus llaves de acceso
passkey-removed-note = ¿No fuiste tú? Revisa tus llaves de acceso y cierra sesión en los demás dispositivos.

new-device-subject = Nuevo inicio de sesión en tu cuenta de { $tenant }
new-device-heading = Inicio de sesión en un dispositivo nuevo
new-device-body = Alguien ha entrado en tu cuenta desde un dispositivo que no habíamos visto.
new-device-button = Ver tus dispositivos
new-device-note = ¿Fuiste tú? Entonces todo está bien. Si no, cierra la sesión de ese dispositivo enseguida.

recovery-used-subject = Se recuperó tu cuenta de { $tenant }
recovery-used-heading = Tu cuenta se ha recuperado
recovery-used-body = Alguien ha vuelto a entrar en tu cuenta con un código de este buzón.
recovery-used-button = Ver tu cuenta
recovery-used-note = ¿Fuiste tú? Entonces todo está bien. Si no, cambia primero la contraseña de tu correo y después cierra sesión en todos los dispositivos.

email-changed-subject = Tu dirección en { $tenant } ha cambiado
email-changed-heading = Tu dirección ha cambiado
email-changed-body = Los mensajes sobre tu cuenta de { $tenant } llegan ahora a otra dirección. Este es el último que recibes aquí.
email-changed-button = Pedir ayuda
email-changed-note = ¿No fuiste tú? Pide ayuda cuanto antes.

password-changed-subject = Ha cambiado la contraseña de tu cuenta de { $tenant }
password-changed-heading = Contraseña cambiada
password-changed-body = La contraseña de tu cuenta se ha definido, cambiado o eliminado. Se ha cerrado la sesión en todos los demás dispositivos.
password-changed-button = Gestionar la contraseña
password-changed-note = ¿No fuiste tú? Recupera el acceso con un código enviado a este buzón; después revisa tus llaves de acceso y pon una contraseña nueva.

factor-added-subject = El inicio de sesión en dos pasos de tu cuenta de { $tenant } está activado
factor-added-heading = El inicio de sesión en dos pasos está activado
factor-added-body = A partir de ahora, al iniciar sesión en tu cuenta también se pide un código de tu aplicación de autenticación.
factor-added-button = Ver el inicio de sesión en dos pasos
factor-added-note = ¿No has sido tú? Entonces alguien ha entrado en tu cuenta: quita la aplicación, cambia tu contraseña y cierra la sesión en todos los demás dispositivos.

factor-removed-subject = Se ha quitado una aplicación de autenticación de tu cuenta de { $tenant }
factor-removed-heading = Aplicación de autenticación quitada
factor-removed-body = Sus códigos ya no se piden ni se aceptan.
factor-removed-button = Ver el inicio de sesión en dos pasos
factor-removed-note = ¿No has sido tú? Entonces alguien ha entrado en tu cuenta: cambia tu contraseña y cierra la sesión en todos los demás dispositivos.

recovery-code-used-subject = Se ha usado un código de recuperación de tu cuenta de { $tenant }
recovery-code-used-heading = Se ha usado un código de recuperación
recovery-code-used-body = Alguien ha iniciado sesión con uno de tus códigos de recuperación. { $left ->
    [0] No queda ninguno: crea otros nuevos.
    [one] Queda uno: crea otros nuevos.
   *[other] Quedan { $left }.
}
recovery-code-used-button = Ver tus códigos de recuperación
recovery-code-used-note = ¿Has sido tú? Entonces todo está bien. Si no, cambia tu contraseña, crea códigos nuevos y cierra la sesión en todos los demás dispositivos.

deleted-subject = Tu cuenta de { $tenant } está eliminada
deleted-heading = Tu cuenta está eliminada
deleted-body = Tu cuenta, tus llaves de acceso y todas tus sesiones ya no existen, como pediste. Gracias por haber estado con nosotros.
deleted-note = Este es nuestro último correo sobre esta cuenta.

set-password-subject = Elige tu contraseña de { $tenant }
set-password-heading = Elige tu contraseña
set-password-body = Abre este enlace para elegir una contraseña de { $tenant }. Sirve una vez, durante { $minutes ->
    [one] un minuto
   *[other] { $minutes } minutos
}.
set-password-button = Elegir contraseña
set-password-note = ¿No lo has pedido tú? Puedes ignorar este correo: tu contraseña sigue igual.

sign-in-link-subject = Tu enlace para entrar en { $tenant }
sign-in-link-heading = Entrar
sign-in-link-body = Abre este enlace para entrar en { $tenant }. Sirve una vez, durante { $minutes ->
    [one] un minuto
   *[other] { $minutes } minutos
}.
sign-in-link-button = Entrar
sign-in-link-note = ¿No lo has pedido tú? Puedes ignorar este correo: sin el enlace no entra nadie.

invitation-subject = Tu cuenta en { $tenant }
invitation-heading = Tienes una cuenta
invitation-body = Alguien de { $tenant } ha creado una cuenta para ti. Inicia sesión para terminarla: con una llave de acceso no necesitarás nunca una contraseña.
invitation-button = Iniciar sesión
invitation-note = El enlace funciona una sola vez, durante siete días. ¿No sabes de qué se trata? Puedes ignorar este correo.

way-back-subject = Vuelve a entrar en tu cuenta de { $tenant }
way-back-heading = Vuelve a entrar en tu cuenta
way-back-body = El equipo de { $tenant } te envía este enlace para que inicies sesión y crees una nueva llave de acceso.
way-back-button = Volver a entrar
way-back-note = El enlace funciona una sola vez, durante un día. ¿No has pedido ayuda? No lo uses y avisa al equipo.
