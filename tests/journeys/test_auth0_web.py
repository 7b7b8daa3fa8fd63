"""The Auth0 accent, journeys 6 (a, b, c) and 9: express-openid-connect at a browser, and APIs guarded by the vendor's libraries."""

import json
import subprocess

import pytest
import requests

from auth0_accent import OverHttps, application, claims_of
from clients.processes import HERE
from environments import python_of
from pages import Hosted, path_of
from ports import free_port

REGULAR = ["authorization_code", "implicit", "refresh_token", "client_credentials"]


@pytest.fixture
def https(server):
    return OverHttps(server)


class Express:
    """The app built on express-openid-connect, at a person's browser."""

    def __init__(self, person, server, client):
        self.page = person.page
        self.client = client
        self.hosted = Hosted(person, server)

    def json(self, path="/profile"):
        self.page.goto(self.client.url + path)
        self.page.wait_for_url(lambda url: url.startswith(self.client.url) and path_of(url) == path)
        return json.loads(self.page.locator("body").inner_text())

    def sign_up(self, name, email):
        self.page.goto(self.client.url + "/signup")
        self.hosted.sign_up(name, email)
        self.page.wait_for_url(self.client.url + "/profile")

    def sign_out(self):
        self.page.goto(self.client.url + "/logout")
        self.page.wait_for_url(lambda url: url.rstrip("/") == self.client.url)
        assert self.page.locator("#state").inner_text() == "out"


@pytest.fixture
def express(https, person, clients):
    def start(**settings):
        port = free_port()
        made = application(https, f"Express {port}", port, grant_types=REGULAR)
        known = {"client_id": made["client_id"], "client_secret": made["client_secret"]}
        client = clients.auth0("node", https, script="web.mjs", port=port, **known | settings)
        return Express(person(ignore_https_errors=True), https, client)

    return start


def must_sign_in_again(app):
    app.page.goto(app.client.url + "/login")
    app.hosted.sees("#passkey-signin")


def test_journey_6a_an_id_token_by_form_post(express, email):
    app = express()
    posts = []
    app.page.on("request", lambda r: r.method == "POST" and path_of(r.url) == "/callback" and posts.append(r.post_data))
    app.sign_up("Ada Lovelace", email)
    user = app.json()["user"]
    assert user["email"] == email and user["name"] == "Ada Lovelace" and len(user["sid"]) == 32
    names = {pair.split("=")[0] for pair in posts[0].split("&")}
    assert {"id_token", "state"} <= names and "code" not in names and "access_token" not in names
    app.sign_out()
    must_sign_in_again(app)


def test_journey_6b_code_audience_userinfo_refresh_and_oidc_logout(express, https, email):
    asked = []
    app = express(audience=https.auth0["audience"], scope="openid profile email offline_access read:admin-messages unheard:of")
    app.page.on("request", lambda r: asked.append(r.url))
    app.sign_up("Grace Hopper", email)
    shown = app.json()
    assert shown["userinfo"]["sub"] == shown["user"]["sub"] and shown["userinfo"]["email"] == email
    assert shown["refreshToken"]
    _, claims = claims_of(shown["accessToken"])
    # Enforced permissions: a scope that the person does not hold is not granted, and one that nobody knows is left out.
    assert claims["scope"] == "openid profile email offline_access" and claims["permissions"] == []
    fresh = app.json("/refresh")
    assert fresh["after"] != fresh["before"] and fresh["expiresIn"] > 0
    assert claims_of(fresh["after"])[1]["gty"] == "refresh_token"
    app.sign_out()
    assert any(path_of(url) == "/oidc/logout" for url in asked)
    must_sign_in_again(app)


def test_journey_6c_the_other_logout(express, email):
    asked = []
    app = express(auth0_logout="yes")
    app.page.on("request", lambda r: asked.append(r.url))
    app.sign_up("Alan Turing", email)
    app.sign_out()
    assert any(path_of(url) == "/v2/logout" for url in asked)
    assert not any(path_of(url) == "/oidc/logout" for url in asked)
    must_sign_in_again(app)


@pytest.fixture
def machine(https):
    """A machine with a permission at an API of its own, and its tokens."""

    def make(**api):
        audience = f"https://api-{free_port()}.example.test"
        scopes = [{"value": "read:admin-messages"}]
        made = https.admin.request("POST", "/resource-servers", json={"audience": audience, "scopes": scopes} | api)
        client = https.admin.create_application(f"Machine {audience}", [], kind="machine", accent="auth0")
        grant = {"resource_server_id": made["id"], "scopes": ["read:admin-messages"]}
        https.admin.request("POST", f"/applications/{client['id']}/grants", json=grant)
        known = {"client_id": client["client_id"], "client_secret": client["client_secret"], "audience": audience}
        answer = https.post("/oauth/token", json={"grant_type": "client_credentials"} | known)
        assert answer.status_code == 200, answer.text
        return audience, client["client_id"], answer.json()["access_token"]

    return make


def ask(client, path, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.get(client.url + path, headers=headers, timeout=10).status_code


def test_journey_9_express_oauth2_jwt_bearer(https, clients, machine):
    audience, client_id, token = machine()
    header, claims = claims_of(token)
    assert header["typ"] == "JWT" and claims["sub"] == f"{client_id}@clients" and claims["gty"] == "client-credentials"
    assert claims["aud"] == audience and claims["azp"] == client_id and "client_id" not in claims and "jti" not in claims
    plain = clients.auth0("node", https, script="api.mjs", audience=audience)
    strict = clients.auth0("node", https, script="api.mjs", audience=audience, strict="yes")
    assert [ask(plain, path, token) for path in ("/any", "/scope", "/permission")] == [200, 200, 401]
    assert ask(plain, "/any") == 401
    assert ask(strict, "/any", token) == 401, "the accent's own form is not that of RFC 9068"

    _, _, elsewhere = machine()
    assert ask(plain, "/any", elsewhere) == 401, "a token for another audience"
    body, _, signature = token.rpartition(".")
    assert ask(plain, "/any", f"{body}.{signature[:-4]}AAAA") == 401

    audience, client_id, token = machine(standard_tokens=True)
    header, claims = claims_of(token)
    assert header["typ"] == "at+jwt" and claims["client_id"] == client_id and claims["jti"] and "azp" not in claims
    strict = clients.auth0("node", https, script="api.mjs", audience=audience, strict="yes")
    assert [ask(strict, path, token) for path in ("/any", "/scope")] == [200, 200]


def test_journey_9_permissions_of_a_person(https, express, clients, email):
    app = express(audience=https.auth0["audience"], scope="openid read:admin-messages")
    app.sign_up("Katherine Johnson", email)
    api = clients.auth0("node", https, script="api.mjs", audience=https.auth0["audience"])
    assert [ask(api, path, app.json()["accessToken"]) for path in ("/any", "/scope", "/permission")] == [200, 403, 401]
    user = https.admin.user_by_email(email)
    https.admin.give_role(user, "admin")
    app.sign_out()
    app.page.goto(app.client.url + "/login")
    app.hosted.press_passkey_button()
    app.page.wait_for_url(lambda url: url.startswith(app.client.url))
    token = app.json()["accessToken"]
    assert claims_of(token)[1]["permissions"] == ["read:admin-messages"]
    assert [ask(api, path, token) for path in ("/any", "/scope", "/permission")] == [200, 200, 200]


def test_journey_9_auth0_fastapi_api_and_auth0_api_python(https, clients, machine):
    audience, client_id, token = machine()
    python = python_of("auth0_python")
    api = clients.auth0("python", https, script="api.py", python=python, audience=audience)
    assert [ask(api, path, token) for path in ("/any", "/scope")] == [200, 200]
    assert ask(api, "/any") in (400, 401) and ask(api, "/any", "nonsense") == 401

    def verify(audience, token):
        command = [str(python), "-W", "ignore", str(HERE / "auth0_python" / "verify.py"), https.auth0["domain"], audience, token]
        done = subprocess.run(command, env={**https.trust, "PATH": ""}, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert verify(audience, token)["azp"] == client_id
    assert verify("https://other.example", token)["refused"] == "VerifyAccessTokenError"
