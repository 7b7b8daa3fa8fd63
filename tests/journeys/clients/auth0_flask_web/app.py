"""A web app as tutorials for Auth0 build it with Flask and Authlib: sign up, sign in, profile, two pages fed by an API, sign out.

Settings come by environment: DOMAIN CLIENT_ID CLIENT_SECRET PORT, and AUDIENCE and API_SERVER_URL when there is an API.
"""

import functools
import json
import os
import secrets
import urllib.parse

import requests
from authlib.integrations.flask_client import OAuth
from flask import Flask, redirect, render_template_string, session, url_for

PORT = int(os.environ["PORT"])
DOMAIN = os.environ["DOMAIN"]
AUDIENCE = os.environ.get("AUDIENCE")
API_SERVER_URL = os.environ.get("API_SERVER_URL")

app = Flask(__name__)
app.secret_key = secrets.token_hex(32)
# Cookies know no ports, so every application on localhost needs a name of its own.
app.config["SESSION_COOKIE_NAME"] = f"web_{PORT}"
app.config["SERVER_NAME"] = f"localhost:{PORT}"

oauth = OAuth(app)
oauth.register(
    "auth0",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    client_kwargs={"scope": "openid profile email"},
    server_metadata_url=f"https://{DOMAIN}/.well-known/openid-configuration",
)

PAGE = """<!doctype html><html lang="en"><title>Web app</title><link rel="icon" href="data:,">
{% if user %}<a id="logout" href="/logout">Log Out</a>{% else %}<a id="login" href="/login">Log In</a>
<a id="signup" href="/signup">Sign Up</a>{% endif %}
{% if profile %}<img id="picture" src="{{ profile.picture }}" alt=""><h1 id="name">{{ profile.name }}</h1>
<p id="email">{{ profile.email }}</p><pre id="claims">{{ text }}</pre>{% endif %}
{% if message %}<pre id="message">{{ message }}</pre>{% endif %}</html>"""


def show(**context):
    return render_template_string(PAGE, user=session.get("user"), **context)


def requires_auth(view):
    @functools.wraps(view)
    def guarded(*args, **kwargs):
        if session.get("user") is None:
            return redirect(url_for("login"))
        return view(*args, **kwargs)

    return guarded


def ask_for(**more):
    if AUDIENCE:
        more["audience"] = AUDIENCE
    return oauth.auth0.authorize_redirect(redirect_uri=url_for("callback", _external=True), **more)


@app.get("/")
def home():
    return show()


@app.get("/login")
def login():
    return ask_for()


@app.get("/signup")
def signup():
    return ask_for(screen_hint="signup")


@app.route("/callback", methods=["GET", "POST"])
def callback():
    # The whole answer is kept, in the cookie.
    session["user"] = oauth.auth0.authorize_access_token()
    return redirect("/profile")


@app.get("/logout")
def logout():
    session.clear()
    query = {"returnTo": url_for("home", _external=True), "client_id": os.environ["CLIENT_ID"]}
    return redirect(f"https://{DOMAIN}/v2/logout?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote_plus))


@app.get("/profile")
@requires_auth
def profile():
    claims = session["user"].get("userinfo")
    return show(profile=claims, text=json.dumps(claims, indent=1))


def message(path, access_token=None):
    headers = {"authorization": f"Bearer {access_token}"} if access_token else {}
    return show(message=json.dumps(requests.get(API_SERVER_URL + path, headers=headers, timeout=10).json()))


@app.get("/public")
def public():
    return message("/api/messages/public")


@app.get("/protected")
@requires_auth
def protected():
    return message("/api/messages/protected", session["user"].get("access_token"))


@app.get("/admin")
@requires_auth
def admin():
    return message("/api/messages/admin", session["user"].get("access_token"))


if __name__ == "__main__":
    app.run("127.0.0.1", PORT, threaded=True)
