"""A small relying party: Flask with Authlib as its documentation shows it, nothing of Doorward's own.

Settings come by environment: ISSUER CLIENT_ID CLIENT_SECRET PORT, and SCOPE, TOKEN_ENDPOINT_AUTH_METHOD if wanted.
"""

import json
import os
import secrets

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, jsonify, redirect, render_template_string, request, session, url_for

PORT = int(os.environ["PORT"])
# Tokens stay here and the browser gets a random key: three tokens do not fit a cookie.
SIGNED_IN = {}

app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)
# Cookies know no ports, so every application on localhost needs a name of its own.
app.config["SESSION_COOKIE_NAME"] = f"flask_app_{PORT}"

oauth = OAuth(app)
oauth.register(
    "doorward",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ.get("CLIENT_SECRET") or None,
    server_metadata_url=os.environ["ISSUER"].rstrip("/") + "/.well-known/openid-configuration",
    client_kwargs={
        "scope": os.environ.get("SCOPE", "openid profile email offline_access"),
        "code_challenge_method": "S256",
        "token_endpoint_auth_method": os.environ.get("TOKEN_ENDPOINT_AUTH_METHOD", "client_secret_basic"),
    },
)

PAGE = """<!doctype html><html lang="en"><title>Flask app</title><link rel="icon" href="data:,">
{% if claims %}<h1 id="signed-in">{{ claims.name }}</h1><pre id="claims">{{ text }}</pre>
<a id="profile" href="/profile">Profile</a> <a id="logout" href="/logout">Sign out</a>
{% else %}<h1 id="signed-out">Signed out</h1><a id="login" href="/login">Sign in</a>{% endif %}</html>"""


def home_address(endpoint):
    return f"http://localhost:{PORT}" + url_for(endpoint)


def token():
    return SIGNED_IN.get(session.get("key"))


def show():
    claims = (token() or {}).get("userinfo")
    return render_template_string(PAGE, claims=claims, text=json.dumps(claims, indent=1))


@app.get("/")
def home():
    return show()


@app.get("/login")
def login():
    # Whatever the journey asks for (prompt, max_age, login_hint, ui_locales ...) is passed on.
    return oauth.doorward.authorize_redirect(home_address("callback"), **request.args.to_dict())


@app.get("/callback")
def callback():
    received = oauth.doorward.authorize_access_token()
    session["key"] = secrets.token_urlsafe()
    SIGNED_IN[session["key"]] = dict(received)
    return redirect("/profile")


@app.get("/profile")
def profile():
    return show() if token() else redirect("/login")


@app.get("/tokens")
def tokens():
    return jsonify(token())


@app.get("/refresh")
def refresh():
    held = token()
    fresh = oauth.doorward.fetch_access_token(grant_type="refresh_token", refresh_token=held["refresh_token"])
    held.update(fresh)
    return jsonify(held)


@app.get("/userinfo")
def userinfo():
    return jsonify(oauth.doorward.userinfo(token=token()))


@app.get("/logout")
def logout():
    held = SIGNED_IN.pop(session.pop("key", None), {})
    return oauth.doorward.logout_redirect(
        post_logout_redirect_uri=home_address("signed_out"), id_token_hint=held.get("id_token")
    )


@app.get("/signed-out")
def signed_out():
    oauth.doorward.validate_logout_response()
    return show()


@app.errorhandler(OAuthError)
def refused(error):
    body = f'<!doctype html><title>Refused</title><link rel="icon" href="data:,"><pre id="refused">{error.error or "mismatch"}</pre>'
    return body, 400


@app.errorhandler(Exception)
def broken(error):
    app.logger.exception("unexpected")
    body = '<!doctype html><title>Broken</title><link rel="icon" href="data:,"><pre id="refused"></pre>'
    return body.replace("></pre>", f">{type(error).__name__}</pre>"), 400


if __name__ == "__main__":
    app.run("127.0.0.1", PORT, threaded=True)
