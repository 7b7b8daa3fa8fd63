"""The vendor's tutorial: its set-up script and its Flask application, with clients of two generations, in a real browser."""

import json
import urllib.parse

import pytest
import requests
from playwright.sync_api import expect

from fusionauth_rig import CLIENTS, GENERATIONS, Api, python_of, run_python
from pages import Account, Hosted, path_of
from ports import free_port

APPLICATION = "e9fdb985-9173-4e01-9d73-ac2d60d1dc8e"


def set_up(server, generation, app_url):
    info = server.info["fusionauth"]
    environment = {"FUSIONAUTH_URL": info["base_url"], "FUSIONAUTH_API_KEY": info["api_key"], "APP_URL": app_url}
    return run_python(generation, "set_up.py", **environment)


def start_app(clients, server, generation, port, **more):
    settings = {
        "client_id": APPLICATION,
        "client_secret": "change-this-in-production-to-be-a-real-secret",
        "issuer": server.info["fusionauth"]["base_url"],
        "app_secret_key": "a key of this test",
    } | more
    script = CLIENTS / "fusionauth_python" / "app" / "server.py"
    return clients._start(f"fusionauth-{generation}", [python_of(generation), str(script)], port, settings)


@pytest.fixture(params=GENERATIONS)
def tutorial(request, own_server, clients):
    """A server that was set up, and the application, with the clients of one generation."""
    port = free_port()
    done = set_up(own_server, request.param, f"http://localhost:{port}")
    assert done.returncode == 0, done.stdout + done.stderr
    return own_server, start_app(clients, own_server, request.param, port), request.param


def test_1_the_set_up_script_runs_once(tutorial):
    server, app, generation = tutorial
    again = set_up(server, generation, app.url)
    assert again.returncode != 0
    assert "could not make the RSA key" in again.stderr and "[duplicate]keyId" in again.stderr
    assert "Traceback" not in again.stderr


def sign_in(someone, server, app, password=None):
    someone.page.goto(app.url)
    expect(someone.page.locator("#guest")).to_be_visible()
    someone.page.locator("#login").click()
    hosted = Hosted(someone, server)
    hosted.identify(server.info["admin"]["email"])
    hosted.give_password(password or server.info["admin"]["password"])
    return hosted


def profile(someone):
    return json.loads(someone.page.locator("#profile").inner_text())


def test_2_a_person_signs_in_with_a_password_and_out_again(tutorial, person):
    server, app, _ = tutorial
    someone = person()
    hosted = sign_in(someone, server, app)
    hosted.sees("#passkey-skip")
    hosted.decline_passkey()
    expect(someone.page.locator("#signed-in")).to_have_text(f"Logged in as {server.info['admin']['email']}")
    told = profile(someone)["userinfo"]
    assert told["authenticationType"] == "PASSWORD" and told["name"] == "Ada Lovelace"
    assert told["aud"] == APPLICATION and told["iss"] == server.url
    # A browser drops cookies above 4096 bytes: the session holds the whole token answer.
    cookies = [c for c in someone.context.cookies() if c["name"].startswith("fusionauth_app_")]
    assert len(cookies) == 1 and len(cookies[0]["value"]) < 3800, len(cookies[0]["value"])
    someone.page.locator("#leave").click()
    expect(someone.page.locator("#guest")).to_be_visible()
    someone.page.locator("#login").click()
    hosted.sees("#identifier")


def test_3_a_person_signs_in_with_a_passkey(tutorial, person):
    server, app, _ = tutorial
    someone = person()
    hosted = sign_in(someone, server, app)
    hosted.decline_passkey()
    expect(someone.page.locator("#signed-in")).to_be_visible()
    Account(someone, server).open("passkeys").add_passkey()
    someone.page.goto(app.url)
    someone.page.locator("#leave").click()
    expect(someone.page.locator("#guest")).to_be_visible()
    someone.page.locator("#login").click()
    hosted.press_passkey_button()
    expect(someone.page.locator("#signed-in")).to_be_visible()
    told = profile(someone)
    assert told["userinfo"]["authenticationType"] == "WebAuthn"


def test_4_whoever_is_not_registered_gets_no_code(tutorial, person):
    server, app, _ = tutorial
    stranger = Api(server).user()
    someone = person()
    someone.page.goto(app.url + "/login")
    hosted = Hosted(someone, server)
    hosted.identify(stranger["email"])
    hosted.give_password("password of a user")
    hosted.wait_until(lambda: not hosted.at("#password"))
    assert someone.page.url.startswith(server.url), someone.page.url
    expect(someone.page.locator("body")).to_contain_text("not a member")


def test_5_a_wrong_redirect_address_is_named_and_never_followed(tutorial, person):
    server, app, _ = tutorial
    query = {"response_type": "code", "client_id": APPLICATION, "scope": "openid", "state": "s"}
    for address in (f"http://127.0.0.1:{app.port}/callback", "http://localhost:1/callback", "https://evil.example/"):
        url = server.url + "/oauth2/authorize?" + urllib.parse.urlencode(query | {"redirect_uri": address})
        answer = requests.get(url, timeout=10, allow_redirects=False)
        assert answer.status_code == 400 and "location" not in answer.headers, address
        assert address in answer.text.replace("&#x2f;", "/")
        told = requests.get(url, timeout=10, headers={"Accept": "application/json"}, allow_redirects=False).json()
        assert told["error_reason"] == "invalid_redirect_uri"
    unknown = server.url + "/oauth2/authorize?" + urllib.parse.urlencode(query | {"client_id": APPLICATION[:-1] + "0"})
    told = requests.get(unknown, timeout=10, headers={"Accept": "application/json"}, allow_redirects=False)
    assert (told.status_code, told.json()["error_reason"]) == (400, "invalid_client_id")


def test_6_a_new_issuer_is_told_at_once_byte_for_byte(own_server):
    api = Api(own_server)
    tenant = api.good("GET", "/api/tenant")["tenants"][0]
    application = api.application()
    user = api.user(application)
    for issuer in ("acme.com", "https://id.example.com/", own_server.url):
        changed = api.good("PATCH", f"/api/tenant/{tenant['id']}", {"tenant": {"issuer": issuer}})
        assert changed["tenant"]["issuer"] == issuer
        discovery = requests.get(own_server.url + "/.well-known/openid-configuration", timeout=10).json()
        assert discovery["issuer"] == issuer
        # The addresses stay where the server is.
        assert discovery["token_endpoint"].startswith(own_server.url + "/")
        token = api.login(user, application, expect=200).json()["token"]
        checked = api.with_key(f"Bearer {token}").good("GET", "/api/jwt/validate")["jwt"]
        assert checked["iss"] == issuer


def test_a_person_signs_up_where_the_application_lets_people_register(own_server, person, clients, email):
    api = Api(own_server)
    port = free_port()
    home = f"http://localhost:{port}"
    application = api.application(
        roles=[{"name": "reader", "isDefault": True}],
        registrationConfiguration={"enabled": True},
        oauthConfiguration={"authorizedRedirectURLs": [home + "/callback"], "logoutURL": home + "/logout", "requireRegistration": True},
    )
    secret = application["oauthConfiguration"]["clientSecret"]
    app = start_app(
        clients, own_server, "new", port, client_id=application["id"], client_secret=secret, scope="openid email profile offline_access"
    )
    someone = person()
    someone.page.goto(app.url + "/login")
    hosted = Hosted(someone, own_server)
    hosted.open_signup()
    hosted.give_name_and_email("Grace Hopper", email, "a long password of Grace")
    hosted.wait_until(lambda: hosted.at("#passkey-skip") or hosted.at("#code") or not hosted.is_hosted())
    if hosted.at("#code"):
        hosted.give_code(email)
    if hosted.at("#passkey-skip"):
        hosted.decline_passkey()
    expect(someone.page.locator("#signed-in")).to_have_text(f"Logged in as {email}")
    token = profile(someone)
    told = api.with_key(f"Bearer {token['access_token']}").good("GET", "/api/jwt/validate")["jwt"]
    assert told["applicationId"] == application["id"] and told["roles"] == ["reader"]
    assert token["refresh_token"]
    assert path_of(someone.page.url) == "/"


def test_a_password_that_must_be_changed_is_changed_on_the_way_in(own_server, person, clients):
    api = Api(own_server)
    port = free_port()
    home = f"http://localhost:{port}"
    application = api.application(
        oauthConfiguration={"authorizedRedirectURLs": ["http://localhost:*/callback"], "authorizedURLValidationPolicy": "AllowWildcards", "logoutURL": home + "/logout"},
    )
    secret = application["oauthConfiguration"]["clientSecret"]
    user = api.user(application, passwordChangeRequired=True, passwordChangeReason="Breached")
    app = start_app(clients, own_server, "new", port, client_id=application["id"], client_secret=secret)
    someone = person()
    someone.page.goto(app.url + "/login")
    hosted = Hosted(someone, own_server)
    hosted.identify(user["email"])
    hosted.give_password("password of a user")
    expect(someone.page.locator("h1")).to_have_text("Choose a new password")
    # Not by the way round: there is no session yet.
    someone.page.goto(own_server.url + "/account")
    hosted.sees("#identifier")
    someone.page.go_back()
    expect(someone.page.locator("h1")).to_have_text("Choose a new password")
    hosted.give_password("password of a user")
    hosted.sees("#error")
    hosted.give_password("another long password")
    hosted.sees("#passkey-skip")
    hosted.decline_passkey()
    expect(someone.page.locator("#signed-in")).to_have_text(f"Logged in as {user['email']}")
    assert api.login(user, application).status_code == 404
    assert api.login(user, application, password="another long password").status_code == 200
    assert api.good("GET", f"/api/user/{user['id']}")["user"]["passwordChangeRequired"] is False
