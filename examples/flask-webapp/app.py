"""A web application: sign-up, log-in and log-out at an OpenID Provider, and an API that it calls in the person's name."""

import functools
import hashlib
import json
import os
import urllib.parse

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, abort, redirect, render_template, request, session

ISSUER = os.environ["ISSUER"].rstrip("/")
PORT = int(os.environ.get("PORT", "4040"))
BASE_URL = os.environ.get("BASE_URL", f"http://localhost:{PORT}")
API_URL = os.environ.get("API_URL", "http://localhost:6060")
AUDIENCE = os.environ["AUDIENCE"]
if "CA_FILE" in os.environ:
    # Where the library that Authlib calls with looks for it.
    os.environ["REQUESTS_CA_BUNDLE"] = os.environ["CA_FILE"]

app = Flask(__name__)
app.secret_key = hashlib.sha256(os.environ["COOKIE_SECRET"].encode()).digest()
app.config.update(
    # Cookies know no ports, so every application on localhost needs a name of its own.
    SESSION_COOKIE_NAME=f"session-{PORT}",
    SESSION_COOKIE_SAMESITE="Lax",
    SESSION_COOKIE_SECURE=BASE_URL.startswith("https:"),
)

oauth = OAuth(app)
oauth.register(
    "provider",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={
        "scope": os.environ.get("SCOPE", "openid profile email"),
        "code_challenge_method": "S256",
    },
)


@app.context_processor
def person():
    return {"user": session.get("user")}


def signed_in(view):
    """Whoever is not signed in is sent to sign in, and comes back here."""

    @functools.wraps(view)
    def guarded():
        if "user" not in session:
            return redirect("/login?" + urllib.parse.urlencode({"return_to": request.full_path.rstrip("?")}))
        return view()

    return guarded


def ask_for_sign_in(**more):
    wanted = request.args.get("return_to", "/profile")
    # Only a path of this application: no other site, and no `//host`.
    session["return_to"] = wanted if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) else "/profile"
    # RFC 8707 calls the API `resource`; some providers know it as `audience`.
    return oauth.provider.authorize_redirect(f"{BASE_URL}/callback", resource=AUDIENCE, audience=AUDIENCE, **more)


@app.get("/login")
def login():
    return ask_for_sign_in()


@app.get("/signup")
def signup():
    # OpenID Connect Prompt Create 1.0; `screen_hint` for providers that know the wish by that name.
    return ask_for_sign_in(prompt="create", screen_hint="signup")


@app.get("/callback")
def callback():
    if "user" in session and "return_to" not in session:
        # The answer once more, by the back button.
        return redirect("/profile")
    try:
        token = oauth.provider.authorize_access_token()
    except AuthlibBaseError as error:
        app.logger.warning("a sign-in was refused: %s", error)
        return render_template("refused.html"), 400
    return_to = session.get("return_to", "/profile")
    session.clear()
    session.update(user=dict(token["userinfo"]), access_token=token["access_token"], id_token=token["id_token"])
    return redirect(return_to)


@app.post("/logout")
def logout():
    # A form of another site signs nobody out.
    if request.headers.get("Origin", BASE_URL) != BASE_URL:
        abort(403)
    query = {"post_logout_redirect_uri": BASE_URL + "/", "client_id": os.environ["CLIENT_ID"]}
    if "id_token" in session:
        query["id_token_hint"] = session["id_token"]
    session.clear()
    # OpenID Connect RP-Initiated Logout 1.0: the session at the provider ends too.
    return redirect(oauth.provider.load_server_metadata()["end_session_endpoint"] + "?" + urllib.parse.urlencode(query))


@app.get("/")
def home():
    return render_template("home.html")


@app.get("/profile")
@signed_in
def profile():
    return render_template("profile.html", claims=json.dumps(session["user"], indent=2))


def message(title, about):
    headers = {"Authorization": f"Bearer {session['access_token']}"} if "access_token" in session else {}
    try:
        answer = requests.get(f"{API_URL}/api/messages/{title.lower()}", headers=headers, timeout=10)
        status, body = answer.status_code, answer.json()
    except requests.RequestException as error:
        app.logger.error("the API does not answer: %s", error)
        status, body = 503, {"error_description": "The API does not answer. Try again in a moment."}
    words = body.get("message") or body.get("error_description") or "The API said nothing."
    shown = {"title": title, "about": about, "status": status, "words": words, "body": json.dumps(body, indent=2)}
    return render_template("message.html", **shown), status


@app.get("/public")
def public():
    return message("Public", "What the API tells everybody.")


@app.get("/protected")
@signed_in
def protected():
    return message("Protected", "What the API tells whoever is signed in.")


@app.get("/admin")
@signed_in
def admin():
    return message("Admin", "What the API tells people with the permission read:admin-messages.")


@app.errorhandler(404)
def not_found(_error):
    return render_template("not_found.html"), 404


if __name__ == "__main__":
    app.run("127.0.0.1", PORT, threaded=True)
