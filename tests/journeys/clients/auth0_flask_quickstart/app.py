"""A web app as a quickstart for Auth0 of 2022 built it: Authlib told only of the base address, and the profile from /userinfo.

Settings come by environment: DOMAIN CLIENT_ID CLIENT_SECRET PORT.
"""

import functools
import json
import os
import secrets
import urllib.parse

from authlib.integrations.flask_client import OAuth
from flask import Flask, redirect, render_template_string, session, url_for

PORT = int(os.environ["PORT"])
BASE = f"https://{os.environ['DOMAIN']}"

app = Flask(__name__)
app.secret_key = secrets.token_hex(32)
app.config["SESSION_COOKIE_NAME"] = f"quickstart_{PORT}"
app.config["SERVER_NAME"] = f"localhost:{PORT}"

oauth = OAuth(app)
auth0 = oauth.register(
    "auth0",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    api_base_url=BASE,
    server_metadata_url=f"{BASE}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email"},
)

PAGE = """<!doctype html><html lang="en"><title>Quickstart</title><link rel="icon" href="data:,">
{% if profile %}<img class="avatar" src="{{ profile.picture }}" alt=""><h2>Welcome {{ profile.name }}</h2>
<a id="logout" href="/logout">Logout</a><pre id="claims">{{ text }}</pre>
{% else %}<a id="login" href="/login">Log In</a>{% endif %}</html>"""


def requires_auth(view):
    @functools.wraps(view)
    def guarded(*args, **kwargs):
        return view(*args, **kwargs) if "profile" in session else redirect("/")

    return guarded


@app.get("/")
def home():
    return render_template_string(PAGE)


@app.get("/callback")
def callback():
    auth0.authorize_access_token()
    userinfo = auth0.get("userinfo").json()
    session["jwt_payload"] = userinfo
    session["profile"] = {"user_id": userinfo["sub"], "name": userinfo["name"], "picture": userinfo["picture"]}
    return redirect("/dashboard")


@app.get("/login")
def login():
    # The audience was empty in that app when none was set.
    return auth0.authorize_redirect(redirect_uri=url_for("callback", _external=True), audience="")


@app.get("/dashboard")
@requires_auth
def dashboard():
    return render_template_string(PAGE, profile=session["profile"], text=json.dumps(session["jwt_payload"], indent=1))


@app.get("/logout")
def logout():
    session.clear()
    params = {"returnTo": url_for("home", _external=True), "client_id": os.environ["CLIENT_ID"]}
    return redirect(auth0.api_base_url + "/v2/logout?" + urllib.parse.urlencode(params))


if __name__ == "__main__":
    app.run("127.0.0.1", PORT, threaded=True)
