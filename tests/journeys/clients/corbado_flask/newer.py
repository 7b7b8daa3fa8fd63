"""The same application as later tutorials write it: `passkeys` 1.1.3 or 2.0.x, and the cookie `cbo_session_token`."""

import importlib.metadata
import os

from corbado_python_sdk import Config, CorbadoSDK, UserEntity
from flask import Flask, jsonify, render_template, request, send_from_directory
from werkzeug.exceptions import Unauthorized

app = Flask(__name__)

PROJECT = {"api_secret": os.environ["API_SECRET"], "project_id": os.environ["PROJECT_ID"]}
if importlib.metadata.version("passkeys") >= "2":
    config = Config(frontend_api=os.environ["FRONTEND_API"], backend_api=os.environ["BACKEND_API"], **PROJECT)
else:
    config = Config(**PROJECT)
    config.frontend_api = os.environ["FRONTEND_API"]
    config.backend_api = os.environ["BACKEND_API"]
sdk = CorbadoSDK(config=config)

SETTINGS = {
    "PROJECT_ID": os.environ["PROJECT_ID"],
    "SUFFIX": os.environ["FRONTEND_API_URL_SUFFIX"],
    "INITIAL_BLOCK": os.environ.get("INITIAL_BLOCK", ""),
    "TELEMETRY": False,
}


def user_id_of(token: str):
    """Whose token it is, and nobody's if the SDK does not take it."""
    if hasattr(sdk.sessions, "validate_token"):
        try:
            return sdk.sessions.validate_token(token).user_id
        except Exception:
            return None
    result = sdk.sessions.get_current_user(short_session=token)
    return result.user_id if result.authenticated else None


@app.get("/web-js/<path:name>")
def web_js(name: str):
    return send_from_directory(os.environ["WEB_JS"], name)


@app.get("/")
def login() -> str:
    return render_template("login.html", **SETTINGS)


@app.get("/home")
def home() -> str:
    user_id = user_id_of(request.cookies.get("cbo_session_token") or "")
    if not user_id:
        raise Unauthorized()
    user: UserEntity = sdk.users.get(user_id=user_id)
    emails = sdk.identifiers.list_all_emails_by_user_id(user_id=user_id)
    known = {"id": user.user_id, "name": user.full_name, "email": emails[0].value if emails else ""}
    return render_template("home.html", user=known, **SETTINGS)


@app.post("/validate")
def validate():
    return jsonify(user_id=user_id_of(request.get_json()["token"]))


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
