"""The Auth0 accent, journeys 10, 14, 15 and 17: what programs do without our pages, by auth0-python, auth0-spa-js and plain calls."""

import time

import pytest
from playwright.sync_api import expect

from auth0_accent import Library, OverHttps, SinglePage, application, claims_of
from conftest import new_email
from environments import python_of
from pages import Hosted, path_of
from ports import free_port

DATABASE = "Username-Password-Authentication"
PASSWORD = "correct horse battery staple 7"
NEW_PASSWORD = "another staple under rain 8"


@pytest.fixture
def https(server):
    return OverHttps(server)


@pytest.fixture(scope="module")
def passworded(database, tmp_path_factory):
    """A server whose people may have passwords."""
    from server import Doorward

    started = Doorward(tmp_path_factory.mktemp("passworded") / "data", database.new_url()).start()
    started.admin.allow_passwords()
    yield OverHttps(started)
    started.stop()


@pytest.fixture(params=["auth0_python", "auth0_python_4"])
def library(request):
    return lambda server, **client: Library(python_of(request.param), server, **client)


def test_journey_10_password_refresh_userinfo_and_revocation(passworded, library, email):
    audience = passworded.auth0["audience"]
    auth0 = library(passworded)
    signup = {"email": email, "password": PASSWORD, "connection": DATABASE, "name": "Ada Lovelace", "user_metadata": {"plan": "gold"}}
    made = auth0.call("Database", "signup", signup)["value"]
    assert made["email"] == email and made["email_verified"] is False and len(made["_id"]) == 24
    assert passworded.mailbox.code(email), "the address is asked to be proven"

    login = {"username": email, "password": PASSWORD, "scope": "openid profile email offline_access", "realm": DATABASE}
    tokens = auth0.call("GetToken", "login", login | {"audience": audience})["value"]
    _, claims = claims_of(tokens["access_token"])
    assert claims["sub"] == f"auth0|{made['_id']}" and claims["gty"] == "password" and claims["permissions"] == []
    _, about = claims_of(tokens["id_token"])
    assert about["name"] == "Ada Lovelace" and about["email_verified"] is False

    opaque, again, known = auth0.calls(
        ["GetToken", "login", login],
        ["GetToken", "refresh_token", {"refresh_token": tokens["refresh_token"]}],
        ["Users", "userinfo", {"access_token": tokens["access_token"]}],
    )
    assert opaque["value"]["access_token"].count(".") == 0, "a token for nobody but us is opaque"
    assert again["value"]["refresh_token"] != tokens["refresh_token"] and again["value"]["id_token"]
    assert claims_of(again["value"]["access_token"])[1]["gty"] == "refresh_token"
    assert known["value"]["sub"] == claims["sub"] and known["value"]["email"] == email
    about_opaque = auth0.call("Users", "userinfo", {"access_token": opaque["value"]["access_token"]})["value"]
    assert about_opaque["sub"] == claims["sub"] and about_opaque["picture"].startswith(passworded.issuer)

    revoked, after = auth0.calls(
        ["RevokeToken", "revoke_refresh_token", {"token": again["value"]["refresh_token"]}],
        ["GetToken", "refresh_token", {"refresh_token": again["value"]["refresh_token"]}],
    )
    assert revoked["value"] in ("", None, {})
    assert after["code"] == "invalid_grant" and "invalid refresh token" in after["message"].lower()
    # Its access token went with it.
    assert auth0.call("Users", "userinfo", {"access_token": again["value"]["access_token"]}).get("code") == "invalid_token"


def test_journey_10_refusals(passworded, library, email):
    auth0 = library(passworded)
    signup = {"email": email, "password": PASSWORD, "connection": DATABASE}
    login = {"username": email, "password": "wrong", "realm": DATABASE, "scope": "openid"}
    first, second, weak, wrong, realm, audience, unknown_code = auth0.calls(
        ["Database", "signup", signup],
        ["Database", "signup", signup],
        ["Database", "signup", signup | {"email": "x" + email, "password": "short"}],
        ["GetToken", "login", login],
        ["GetToken", "login", login | {"realm": "elsewhere"}],
        ["GetToken", "client_credentials", {"audience": "https://nowhere.example"}],
        ["GetToken", "authorization_code", {"code": "nonsense", "redirect_uri": "http://localhost:3000/callback"}],
    )
    assert "value" in first
    assert second["status"] == 400 and second["code"] == "user_exists"
    assert weak["code"] == "invalid_password"
    assert (wrong["status"], wrong["code"], wrong["message"]) == (403, "invalid_grant", "Wrong email or password.")
    assert realm["code"] == "invalid_request"
    assert audience["status"] == 403 and audience["code"] == "access_denied" and "nowhere.example" in audience["message"]
    assert unknown_code["status"] == 403 and unknown_code["code"] == "invalid_grant"
    stranger = library(passworded, client_secret="not the secret").call("GetToken", "login", login | {"password": PASSWORD})
    assert stranger["status"] == 401 and stranger["code"] == "invalid_client"
    nobody = library(passworded, client_id="nobody").call("GetToken", "login", login)
    assert nobody["status"] == 401 and nobody["code"] == "invalid_client"
    # A grant that the application may not use.
    made = passworded.admin.create_application("No passwords", ["http://localhost:3000/callback"], accent="auth0")
    plain = library(passworded, client_id=made["client_id"], client_secret=made["client_secret"])
    refused = plain.call("GetToken", "login", login | {"password": PASSWORD})
    assert refused["status"] == 403 and refused["code"] == "unauthorized_client"


def test_journey_10_a_new_password_by_mail(passworded, library, person, email):
    auth0 = library(passworded)
    auth0.call("Database", "signup", {"email": email, "password": PASSWORD, "connection": DATABASE})
    seen = passworded.mailbox.seen(email)
    known, unknown = auth0.calls(
        ["Database", "change_password", {"email": email, "connection": DATABASE}],
        ["Database", "change_password", {"email": new_email("nobody"), "connection": DATABASE}],
    )
    assert isinstance(known["value"], str) and known == unknown, "nobody learns who has an account"
    someone = person(ignore_https_errors=True)
    # Mails lead to the tenant's first address.
    hosted = Hosted(someone, passworded._server)
    someone.page.goto(passworded.mailbox.link(email, not_in=seen))
    hosted.click("#continue, button[value=confirm]")
    # What was asked for comes first, and then a passkey, which would make it needless.
    hosted.sees("#keep-password")
    hosted.fill("#password", NEW_PASSWORD)
    hosted.click("#continue")
    hosted.decline_passkey()
    hosted.wait_until(lambda: path_of(someone.page.url) == "/account")
    login = {"username": email, "realm": DATABASE}
    old, new = auth0.calls(
        ["GetToken", "login", login | {"password": PASSWORD}], ["GetToken", "login", login | {"password": NEW_PASSWORD}]
    )
    assert old["status"] == 403 and old["code"] == "invalid_grant" and new["value"]["access_token"], (old, new)


def test_journey_10_a_code_by_mail(https, library):
    auth0 = library(https)
    email = new_email("grace")
    start = {"email": email, "send": "code"}
    assert auth0.call("Passwordless", "email", start)["value"]["email"] == email
    code = https.mailbox.code(email)
    login = {"username": email, "realm": "email", "scope": "openid email", "audience": ""}
    wrong = auth0.call("GetToken", "passwordless_login", login | {"otp": "000000" if code != "000000" else "111111"})
    assert wrong["status"] == 403 and wrong["code"] == "invalid_grant"
    tokens = auth0.call("GetToken", "passwordless_login", login | {"otp": code})["value"]
    _, claims = claims_of(tokens["id_token"])
    assert claims["email"] == email and claims["email_verified"] is True
    assert auth0.call("GetToken", "passwordless_login", login | {"otp": code})["code"] == "invalid_grant", "once"

    # A second code voids the first, and leads to the same person.
    seen = https.mailbox.seen(email)
    auth0.call("Passwordless", "email", start)
    first = https.mailbox.newest(email, "code", not_in=seen)
    seen = https.mailbox.seen(email)
    auth0.call("Passwordless", "email", start)
    second = https.mailbox.code(email, not_in=seen)
    if first["code"] != second:
        assert auth0.call("GetToken", "passwordless_login", login | {"otp": first["code"]})["code"] == "invalid_grant"
    again = auth0.call("GetToken", "passwordless_login", login | {"otp": second})["value"]
    assert claims_of(again["id_token"])[1]["sub"] == claims["sub"]
    # Guessing ends.
    auth0.call("Passwordless", "email", start)
    for _ in range(6):
        auth0.call("GetToken", "passwordless_login", login | {"otp": "999999"})
    seen = https.mailbox.seen(email)
    assert auth0.call("GetToken", "passwordless_login", login | {"otp": second})["code"] == "invalid_grant"
    assert auth0.call("Passwordless", "sms", {"phone_number": "+441632960961"})["code"] == "invalid_request"


def test_journey_10_a_link_by_mail_leads_to_the_application(https, library, person, callback):
    email = new_email("alan")
    client = https.admin.create_application("Links", [callback.url], accent="auth0")
    auth0 = library(https, client_id=client["client_id"], client_secret=client["client_secret"])
    auth0.call("Passwordless", "email", {"email": email, "send": "code"})
    code = https.mailbox.code(email)
    made = https.post(
        "/oauth/token",
        json={
            "grant_type": "http://auth0.com/oauth/grant-type/passwordless/otp", "username": email, "otp": code, "realm": "email",
            "client_id": https.auth0["client_id"], "client_secret": https.auth0["client_secret"], "scope": "openid",
        },
    )  # fmt: skip
    assert made.status_code == 403, "a code is for the application that asked for it"
    https.admin.request("POST", "/users", json={"email": email, "email_verified": True, "name": "Alan Turing"})
    seen = https.mailbox.seen(email)
    asked = auth0.call("Passwordless", "email", {"email": email, "send": "link", "auth_params": {"state": "mine", "scope": "openid"}})
    assert asked["value"]["email"] == email
    someone = person(ignore_https_errors=True)
    hosted = Hosted(someone, https._server)
    someone.page.goto(https.mailbox.link(email, not_in=seen))
    hosted.click("#continue, button[value=confirm]")
    hosted.wait_until(lambda: hosted.at("#passkey-skip") or someone.page.url.startswith(callback.url))
    if hosted.at("#passkey-skip"):
        hosted.decline_passkey()
    answer = callback.next()
    assert answer["state"] == "mine" and answer["code"]


def test_journey_10_pushed_requests(https, library, person, callback):
    client = https.admin.create_application(
        "Pushing", [callback.url], accent="auth0", require_pushed_authorization_requests=True
    )
    auth0 = library(https, client_id=client["client_id"], client_secret=client["client_secret"])
    push = {"response_type": "code", "redirect_uri": callback.url, "scope": "openid", "state": "kept", "audience": https.auth0["audience"]}
    pushed, bad = auth0.calls(
        ["PushedAuthorizationRequests", "pushed_authorization_request", push],
        ["PushedAuthorizationRequests", "pushed_authorization_request", push | {"redirect_uri": "https://elsewhere.example/"}],
    )
    assert pushed["value"]["request_uri"].startswith("urn:ietf:params:oauth:request_uri:") and pushed["value"]["expires_in"] > 0
    assert bad["status"] == 400 and bad["code"] == "invalid_request"
    query = {"client_id": client["client_id"], "request_uri": pushed["value"]["request_uri"]}
    shown = https.get("/authorize", params=query)
    assert shown.status_code == 303 and shown.headers["location"].startswith("/signin")
    other = https.get("/authorize", params=query | {"client_id": https.auth0["client_id"]})
    assert other.status_code == 400 and "location" not in other.headers, "another client's"
    unpushed = https.get("/authorize", params={"client_id": client["client_id"]} | push)
    assert "error=invalid_request" in unpushed.headers["location"] and "state=kept" in unpushed.headers["location"]


def device(https, **more):
    client = {"client_id": https.auth0["client_id"], "client_secret": https.auth0["client_secret"]}
    begun = https.post("/oauth/device/code", data=client | {"scope": "openid profile offline_access", "audience": https.auth0["audience"]} | more)
    assert begun.status_code == 200, begun.text
    codes = begun.json()

    def poll(**changes):
        form = client | {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": codes["device_code"]} | changes
        answer = https.post("/oauth/token", data=form)
        return answer.status_code, answer.json(), answer.headers

    return codes, poll


def test_journey_14_a_device(own_server, person, email):
    https = OverHttps(own_server)
    codes, poll = device(https)
    assert codes["verification_uri"] == f"{https.issuer}activate" and codes["interval"] == 5 and codes["expires_in"] == 900
    assert len(codes["user_code"]) == 9 and codes["user_code"][4] == "-"
    status, body, _ = poll()
    assert (status, body["error"]) == (403, "authorization_pending")
    status, body, headers = poll()
    assert (status, body["error"]) == (429, "slow_down") and headers["x-ratelimit-reset"].isdigit()

    someone = person(ignore_https_errors=True)
    page, hosted = someone.page, Hosted(someone, https)
    page.goto(codes["verification_uri"])
    hosted.fill("#user-code", "BBBB-BBBB")
    hosted.continue_()
    hosted.sees("#error")
    hosted.fill("#user-code", codes["user_code"].lower())
    hosted.continue_()
    # Not signed in yet: an account is made first, and the code is not forgotten.
    hosted.open_signup()
    hosted.sign_up("Ada Lovelace", email)
    expect(page.locator("#user-code")).to_have_text(codes["user_code"].lower())
    hosted.click("#consent-allow")
    hosted.sees("#device-allowed")
    https.clock.advance(30)
    status, tokens, _ = poll()
    assert status == 200, tokens
    assert claims_of(tokens["access_token"])[1]["aud"][0] == https.auth0["audience"] and tokens["refresh_token"]
    assert claims_of(tokens["id_token"])[1]["name"] == "Ada Lovelace"
    assert poll()[1]["error"] == "invalid_grant", "once"

    # A no is told to the device, and a code that is too old as well.
    denied, ask = device(https)
    page.goto(denied["verification_uri_complete"])
    hosted.click("#consent-deny")
    hosted.sees("#device-denied")
    assert ask()[:2] == (403, {"error": "access_denied", "error_description": "User has denied the request."})
    _, late = device(https)
    https.clock.advance(901)
    status, body, _ = late()
    assert (status, body["error"]) == (403, "expired_token")
    # Another client's code.
    _, mine = device(https)
    other = https.admin.create_application("Other", ["http://localhost:3000/x"], accent="auth0", grant_types=["urn:ietf:params:oauth:grant-type:device_code"])
    status, body, _ = mine(client_id=other["client_id"], client_secret=other["client_secret"])
    assert (status, body["error"]) == (403, "invalid_grant")


def test_journey_14_client_credentials(https):
    management = https.auth0["management"]
    form = {"grant_type": "client_credentials", "audience": f"{https.issuer}api/v2/"} | management
    for arguments in ({"data": form}, {"json": form}):
        answer = https.post("/oauth/token", **arguments)
        assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store", answer.text
        _, claims = claims_of(answer.json()["access_token"])
        assert claims["sub"] == f"{management['client_id']}@clients" and "read:users" in claims["scope"].split()
        assert claims["aud"] == f"{https.issuer}api/v2/" and answer.json()["expires_in"] == 86400
    refusals = [
        (form | {"client_secret": "wrong"}, 401, "invalid_client"),
        (form | {"audience": "https://nowhere.example"}, 403, "access_denied"),
        (form | {"audience": ""}, 403, "access_denied"),
        (form | {"scope": "drop:tables"}, 403, "access_denied"),
        (form | {"grant_type": "magic"}, 400, "unsupported_grant_type"),
        (form | {"grant_type": "password"}, 403, "unauthorized_client"),
        ({"client_id": management["client_id"]}, 400, "invalid_request"),
    ]
    for body, status, error in refusals:
        answer = https.post("/oauth/token", json=body)
        assert (answer.status_code, answer.json()["error"]) == (status, error), (body, answer.text)


@pytest.fixture
def native(https, person, clients):
    """A page that runs the ceremonies itself, by auth0-spa-js."""

    def start(**more):
        port = free_port()
        grants = ["authorization_code", "refresh_token", "urn:doorward:params:oauth:grant-type:passkey"]
        made = application(https, f"Native {port}", port, scheme="https", kind="spa", grant_types=grants)
        tls = {"tls_cert": https.data_dir / "tls.pem", "tls_key": https.data_dir / "tls-key.pem"}
        settings = {"client_id": made["client_id"], "client_secret": None} | tls | more
        client = clients.auth0("node", https, script="spa.mjs", port=port, scheme="https", **settings)
        return SinglePage(person(ignore_https_errors=True), https, client)

    return start


def test_journey_15_passkeys_of_an_application_of_its_own(https, native, email):
    app = native(scope="openid profile email offline_access")
    app.open(useRefreshTokens=True, useMrrt=False)
    with app.person.authenticator.touch():
        made = app.run("return await window.client.passkey.signup(argument);", {"email": email, "name": "Ada Lovelace"})
        assert "value" in made, made
        _, claims = claims_of(made["value"]["id_token"])
        assert claims["email"] == email and claims["email_verified"] is False and claims["name"] == "Ada Lovelace"
        assert https.mailbox.code(email)
        taken = app.run("return await window.client.passkey.signup(argument);", {"email": email})
        assert "already exists" in taken["description"]

        again = app.run("return await window.client.passkey.login();")
        assert claims_of(again["value"]["id_token"])[1]["sub"] == claims["sub"]
    # A challenge serves once, and not for another application.
    script = """
      const { authSession, publicKey } = await window.client.passkey.getLoginChallenge();
      const credential = await navigator.credentials.get({ publicKey });
      return { auth_session: authSession, authn_response: credential.toJSON() };"""
    with app.person.authenticator.touch():
        answer = app.run(script)["value"]
    grant = {"grant_type": "urn:okta:params:oauth:grant-type:webauthn", "client_id": app.run("return window.client.options.clientId;")["value"]}
    own = {"client_id": https.auth0["client_id"], "client_secret": https.auth0["client_secret"]}
    other = https.post("/oauth/token", json=grant | answer | own)
    assert (other.status_code, other.json()["error"]) == (403, "invalid_grant")
    first = https.post("/oauth/token", json=grant | answer | {"scope": "openid"})
    assert first.status_code == 200, first.text
    second = https.post("/oauth/token", json=grant | answer | {"scope": "openid"})
    assert (second.status_code, second.json()["error"]) == (403, "invalid_grant")


def test_journey_15_passkeys_as_an_application_has_them(https):
    """What a client wants otherwise than its tenant counts for the ceremonies that it runs itself, and for their answer."""
    grants = ["authorization_code", "urn:doorward:params:oauth:grant-type:passkey"]
    made = application(https, "Own passkeys", free_port(), kind="spa", grant_types=grants)
    client = {"client_id": made["client_id"]}
    profile = {"user_profile": {"email": "new@example.com"}}

    def has(policy):
        https.admin.request("PATCH", f"/applications/{made['id']}", json={"policy": policy})

    begun = https.post("/passkey/challenge", json=client).json()
    has({"passkey": {"rp_id": "login.apps.example"}})
    asked = https.post("/passkey/challenge", json=client).json()["authn_params_public_key"]
    assert asked["rpId"] == "login.apps.example" != begun["authn_params_public_key"]["rpId"]
    asked = https.post("/passkey/register", json=client | profile).json()["authn_params_public_key"]
    assert asked["rp"]["id"] == "login.apps.example"
    has({"sign_up": {"enabled": False}})
    answer = https.post("/passkey/register", json=client | profile)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), answer.text
    has({"passkey": {"enabled": False}})
    for path, body in (("/passkey/challenge", client), ("/passkey/register", client | profile)):
        answer = https.post(path, json=body)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), answer.text
        assert answer.json()["error_description"] == "Passkeys are disabled"
    response = {"clientDataJSON": "AAAA", "authenticatorData": "AAAA", "signature": "AAAA"}
    given = {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": response}
    grant = {"grant_type": "urn:okta:params:oauth:grant-type:webauthn", "auth_session": begun["auth_session"], "authn_response": given}
    late = https.post("/oauth/token", json=client | grant)
    assert (late.status_code, late.json()["error"]) == (403, "unauthorized_client"), late.text


def test_journey_15_a_second_passkey_through_the_account_api(https, native, email):
    audience = f"{https.issuer}me/"
    scopes = "create:me:authentication_methods read:me:authentication_methods delete:me:authentication_methods"
    app = native()
    app.open()
    with app.person.authenticator.touch():
        made = app.run("return await window.client.passkey.signup(argument);", {"email": email, "audience": audience, "scope": f"openid {scopes}"})
    token = {"Authorization": f"Bearer {made['value']['access_token']}"}
    begun = https.post("/me/v1/authentication-methods", json={"type": "passkey"}, headers=token)
    assert begun.status_code == 202 and begun.headers["location"].startswith(f"{https.issuer}me/v1/authentication-methods/")
    method = begun.headers["location"].rsplit("/", 1)[1]
    create = """
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(argument);
      return (await navigator.credentials.create({ publicKey })).toJSON();"""
    # Another device: this one has a passkey for the account already, and would say so.
    app.person.authenticator.clear()
    with app.person.authenticator.touch():
        credential = app.run(create, begun.json()["authn_params_public_key"])["value"]
    verify = {"auth_session": begun.json()["auth_session"], "authn_response": credential}
    path = f"/me/v1/authentication-methods/{method}/verify"
    added = https.post(path, json=verify, headers=token)
    assert added.status_code == 201 and added.json()["type"] == "passkey", added.text
    assert https.post(path, json=verify, headers=token).status_code == 400, "once"
    listed = https.get("/me/v1/authentication-methods", headers=token).json()["authentication_methods"]
    assert len(listed) == 2 and added.json()["id"] in [one["id"] for one in listed]
    gone = https.session().delete(f"{https.url}/me/v1/authentication-methods/{listed[0]['id']}", headers=token, timeout=10)
    assert gone.status_code == 204
    assert len(https.get("/me/v1/authentication-methods", headers=token).json()["authentication_methods"]) == 1
    # A token for another audience opens nothing here.
    plain = https.post("/me/v1/authentication-methods", json={"type": "passkey"}, headers={"Authorization": "Bearer nonsense"})
    assert plain.status_code == 401


def test_journey_17_whoever_must_wait_is_told_how_long(passworded, library, email):
    auth0 = library(passworded)
    auth0.call("Database", "signup", {"email": email, "password": PASSWORD, "connection": DATABASE})
    body = {
        "grant_type": "password", "username": email, "password": "wrong", "client_id": passworded.auth0["client_id"],
        "client_secret": passworded.auth0["client_secret"],
    }  # fmt: skip
    for _ in range(20):
        answer = passworded.post("/oauth/token", json=body)
        if answer.status_code == 429:
            break
    assert answer.status_code == 429 and answer.json()["error"] == "too_many_attempts"
    wait = int(answer.headers["retry-after"])
    assert int(answer.headers["x-ratelimit-limit"]) >= 1 and answer.headers["x-ratelimit-remaining"] == "0"
    assert 0 < int(answer.headers["x-ratelimit-reset"]) - time.time() <= wait + 2
    right = passworded.post("/oauth/token", json=body | {"password": PASSWORD})
    assert right.status_code == 429, "the right password waits too"
    login = {"username": email, "password": PASSWORD, "realm": DATABASE, "scope": "openid"}
    told = auth0.call("GetToken", "login", login)
    assert told["status"] == 429
