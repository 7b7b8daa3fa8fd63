"""An application written for Corbado: Flask, the package `passkeys` 1.1.x, components of web-js in its own pages.

It does what a newcomer's tutorial does, step by step: a page with the sign-up and login component, and a page behind it that
checks the session token, reads the user and the e-mail addresses by the Backend API, lists passkeys and logs out.

Settings come by environment: PROJECT_ID API_SECRET PORT; FRONTEND_API BACKEND_API FRONTEND_API_URL_SUFFIX (the three that point
it at Doorward); WEB_JS (a folder with index.js and index.css), and if wanted COOKIE, INITIAL_BLOCK, TELEMETRY.
"""

import os
from typing import List

from corbado_python_sdk import (
    Config,
    CorbadoSDK,
    IdentifierInterface,
    SessionInterface,
    UserEntity,
    UserInterface,
)
from corbado_python_sdk.entities.session_validation_result import SessionValidationResult
from corbado_python_sdk.generated.models.identifier import Identifier
from flask import Flask, render_template, request, send_from_directory
from werkzeug.exceptions import Unauthorized

app = Flask(__name__)

config = Config(api_secret=os.environ["API_SECRET"], project_id=os.environ["PROJECT_ID"])
config.frontend_api = os.environ["FRONTEND_API"]
config.backend_api = os.environ["BACKEND_API"]
sdk = CorbadoSDK(config=config)
sessions: SessionInterface = sdk.sessions
identifiers: IdentifierInterface = sdk.identifiers
users: UserInterface = sdk.users

SETTINGS = {
    "PROJECT_ID": os.environ["PROJECT_ID"],
    "SUFFIX": os.environ["FRONTEND_API_URL_SUFFIX"],
    "INITIAL_BLOCK": os.environ.get("INITIAL_BLOCK", ""),
    "TELEMETRY": bool(os.environ.get("TELEMETRY")),
}
COOKIE = os.environ.get("COOKIE", config.short_session_cookie_name)


@app.get("/web-js/<path:name>")
def web_js(name: str):
    return send_from_directory(os.environ["WEB_JS"], name)


@app.get("/")
def login() -> str:
    return render_template("login.html", **SETTINGS)


@app.get("/home")
def home() -> str:
    token: str = request.cookies.get(COOKIE) or ""
    result: SessionValidationResult = sessions.get_current_user(short_session=token)
    if not result.authenticated:
        raise Unauthorized()
    user: UserEntity = users.get(user_id=result.user_id)
    emails: List[Identifier] = identifiers.list_all_emails_by_user_id(user_id=result.user_id)
    known = {"id": user.user_id, "name": user.full_name, "email": emails[0].value if emails else ""}
    return render_template("home.html", user=known, **SETTINGS)


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
