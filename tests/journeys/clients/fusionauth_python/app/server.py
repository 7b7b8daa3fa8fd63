"""The application of the vendor's tutorial, written anew: Flask with Authlib, the whole token answer kept in the session's cookie."""

import json
import os
from urllib.parse import quote_plus, urlencode

from authlib.integrations.flask_client import OAuth
from dotenv import load_dotenv
from flask import Flask, redirect, render_template, session, url_for

load_dotenv()
env = os.environ

app = Flask(__name__)
app.secret_key = env["APP_SECRET_KEY"]
app.config["SESSION_COOKIE_NAME"] = f"fusionauth_app_{env['PORT']}"
oauth = OAuth(app)
oauth.register(
    "vendor",
    client_id=env["CLIENT_ID"],
    client_secret=env["CLIENT_SECRET"],
    client_kwargs={"scope": env.get("SCOPE", "openid profile email"), "code_challenge_method": "S256"},
    server_metadata_url=env["ISSUER"] + "/.well-known/openid-configuration",
)


@app.route("/login")
def login():
    return oauth.vendor.authorize_redirect(redirect_uri=url_for("callback", _external=True))


@app.route("/callback")
def callback():
    session["user"] = oauth.vendor.authorize_access_token()
    return redirect("/")


@app.route("/logout")
def logout():
    session.clear()
    return redirect("/")


@app.route("/")
def home():
    leave = env["ISSUER"] + "/oauth2/logout?" + urlencode({"client_id": env["CLIENT_ID"]}, quote_via=quote_plus)
    user = session.get("user")
    return render_template("home.html", session=user, profile=json.dumps(user, indent=2), leave=leave)


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=int(env["PORT"]))
