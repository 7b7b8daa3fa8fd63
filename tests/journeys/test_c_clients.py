"""Journey c: unmodified clients do their work, and what they never send is refused with the right error."""

import json
import time
import urllib.parse

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import expect

from clients.processes import registered
from pages import Demo, Hosted, path_of
from relying_party import RelyingParty, granted, refused
from scriptless import Scriptless


def text_of(someone, selector):
    return someone.page.locator(selector).inner_text()


def get_json(someone, url):
    """What the application answers to this browser."""
    answer = someone.context.request.get(url)
    assert answer.status == 200, f"{url}: {answer.status} {answer.text()}"
    return answer.json()


def sign_up_at(app, server, someone, email, name="Ada Lovelace"):
    someone.page.goto(app.url + "/login")
    hosted = Hosted(someone, server)
    hosted.open_signup()
    hosted.sign_up(name, email)
    expect(someone.page.locator("#signed-in")).to_have_text(name)
    return json.loads(text_of(someone, "#claims"))


def whole_life(app, server, someone, email):
    """Sign up, refresh, userinfo, logout, sign in again."""
    claims = sign_up_at(app, server, someone, email)
    assert claims["email"] == email and claims["email_verified"] is True
    assert claims["name"] == "Ada Lovelace"
    assert claims["iss"] == server.issuer

    first = get_json(someone, app.url + "/tokens")
    second = get_json(someone, app.url + "/refresh")
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"], "the refresh token was not rotated"

    told = get_json(someone, app.url + "/userinfo")
    assert told["sub"] == claims["sub"] and told["email"] == email

    someone.page.goto(app.url + "/logout")
    expect(someone.page.locator("#signed-out")).to_be_visible()
    assert path_of(someone.page.url) == "/signed-out"
    # The provider's session is over too.
    someone.page.goto(app.url + "/login")
    Hosted(someone, server).press_passkey_button()
    expect(someone.page.locator("#signed-in")).to_be_visible()
    assert json.loads(text_of(someone, "#claims"))["sub"] == claims["sub"]


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_authlib(server, person, clients, email, method):
    settings = registered(server, "Flask", token_endpoint_auth_method=method)
    app = clients.flask(token_endpoint_auth_method=method, **settings)
    whole_life(app, server, person(), email)


def test_authlib_as_the_seeded_application(server, person, clients, email):
    """The application that `dev` seeds takes any port of localhost."""
    seeded = server.standard
    app = clients.flask(
        issuer=seeded["issuer"], client_id=seeded["client_id"], client_secret=seeded["client_secret"]
    )
    claims = sign_up_at(app, server, person(), email)
    assert claims["email"] == email


@pytest.mark.parametrize("response_mode", ["query", "form_post"])
def test_openid_client(server, person, clients, email, response_mode):
    app = clients.node(response_mode=response_mode, client_auth="basic", **registered(server, "Node"))
    whole_life(app, server, person(), email)


def test_openid_client_as_a_public_client(server, person, clients, email):
    settings = registered(server, "Node single page", kind="spa", token_endpoint_auth_method="none")
    assert "client_secret" not in settings, "a public client was given a secret"
    whole_life(clients.node(client_auth="none", **settings), server, person(), email)


def key_pair():
    key = ec.generate_private_key(ec.SECP256R1())
    algorithm = jwt.algorithms.ECAlgorithm
    names = {"kid": "journey", "alg": "ES256", "use": "sig"}
    return json.loads(algorithm.to_jwk(key)) | names, json.loads(algorithm.to_jwk(key.public_key())) | names


def test_openid_client_with_private_key_jwt(server, person, clients, email):
    private, public = key_pair()
    settings = registered(
        server, "Node with a key", token_endpoint_auth_method="private_key_jwt", jwks={"keys": [public]}
    )
    settings.pop("client_secret", None)
    whole_life(clients.node(client_auth="private_key_jwt", private_jwk=private, **settings), server, person(), email)


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_openid_client_with_other_signatures(server, person, clients, email, algorithm):
    settings = registered(server, f"Node {algorithm}", signing_alg=algorithm)
    app = clients.node(client_auth="basic", signing_alg=algorithm, **settings)
    ada = person()
    sign_up_at(app, server, ada, email)
    header = jwt.get_unverified_header(get_json(ada, app.url + "/tokens")["id_token"])
    assert header["alg"] in {algorithm, {"EdDSA": "Ed25519"}.get(algorithm)}


def test_openid_client_introspects_and_revokes(server, person, clients, email):
    app = clients.node(client_auth="basic", **registered(server, "Node"))
    ada = person()
    claims = sign_up_at(app, server, ada, email)
    told = get_json(ada, app.url + "/introspect")
    assert told["active"] is True and told["sub"] == claims["sub"]
    assert get_json(ada, app.url + "/revoke") == {"revoked": True}
    ada.page.goto(app.url + "/refresh")
    assert text_of(ada, "#refused") == "invalid_grant"


@pytest.mark.parametrize("kind", ["flask", "node"])
def test_a_tampered_state_is_refused_by_the_client(server, person, clients, email, kind):
    """That the answer carries the state back untouched is what lets the client see it."""
    app = getattr(clients, kind)(**registered(server, "Tampered"))
    ada = person()
    Demo(ada, server).sign_up("Ada Lovelace", email)

    # One step at a time, since a browser follows redirects on its own.
    login = ada.context.request.get(app.url + "/login", max_redirects=0).headers["location"]
    answer = ada.context.request.get(login, max_redirects=0)
    location = answer.headers["location"]
    assert "state=" in location, location
    ada.page.goto(location.replace("state=", "state=x"))
    assert text_of(ada, "#refused"), "the client took a tampered state"
    ada.page.goto(app.url + "/")
    expect(ada.page.locator("#signed-out")).to_be_visible()


# Refusals before the redirect_uri is proven: a page, never a redirect. RFC 6749, section 4.1.2.1.


def shows_a_page(someone, server, address, callback):
    someone.page.goto(address)
    assert someone.page.url.startswith(server.url), f"redirected to {someone.page.url}"
    hosted = Hosted(someone, server)
    assert hosted.error().strip()
    raw = requests.get(address, allow_redirects=False, timeout=10)
    assert raw.status_code == 400 and "Location" not in raw.headers, f"{raw.status_code} {raw.headers}"
    assert raw.headers["Content-Type"].startswith("text/html")
    assert callback.received == [], "the application heard of it"


@pytest.mark.parametrize(
    "change",
    [
        lambda uri: uri + "/more",
        lambda uri: uri + "?more=1",
        lambda uri: uri + "#fragment",
        lambda uri: uri.replace("/callback", "/Callback"),
        lambda uri: uri.replace("/callback", "/callback/../callback"),
        lambda uri: uri.replace("http://", "http://user@"),
        lambda uri: uri.replace("localhost", "localhost.example.com"),
        lambda uri: "javascript:alert(1)",
        lambda uri: "https://example.com/callback",
        lambda uri: None,
    ],
    ids=["longer", "query", "fragment", "case", "dots", "userinfo", "suffix", "javascript", "other", "missing"],
)
def test_wrong_redirect_uri(server, person, callback, relying_party, change):
    address, _asked = relying_party.begin(redirect_uri=change(callback.url))
    shows_a_page(person(), server, address, callback)


def test_unknown_client(server, person, callback, relying_party):
    address, _asked = relying_party.begin(client_id="no-such-client")
    shows_a_page(person(), server, address, callback)


def test_another_tenants_client(own_server, person, callback):
    """A client of another tenant is unknown here, at the page and at the token endpoint."""
    admin = own_server.admin
    other = admin.create_tenant("Elsewhere")
    foreign = admin.create_application("Foreign", [callback.url], tenant=other["slug"])
    stranger = RelyingParty(own_server, foreign, callback.url)
    address, _asked = stranger.begin()
    shows_a_page(person(), own_server, address, callback)
    answer = stranger.token(grant_type="client_credentials")
    refused(answer, "invalid_client", 401)

    # And a code of this tenant is nothing to it.
    local = RelyingParty(own_server, admin.create_application("Local", [callback.url]), callback.url)
    asked, answer = code_for(own_server, local, "ada@example.com")
    refused(stranger.redeem(answer["code"], asked), "invalid_client", 401)
    granted(local.redeem(answer["code"], asked))


# Refusals that go back to the application.


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "https://example.com/r"}, "request_uri_not_supported"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_refusals_that_go_back(server, callback, relying_party, changes, error):
    address, asked = relying_party.begin(**changes)
    answer = requests.get(address, allow_redirects=False, timeout=10)
    assert answer.status_code in (302, 303), answer.text
    location = answer.headers["Location"]
    assert location.startswith(callback.url), location
    parts = urllib.parse.urlsplit(location)
    told = dict(urllib.parse.parse_qsl(parts.query or parts.fragment))
    assert told["error"] == error, told
    assert told["state"] == asked["state"] and told["iss"] == server.issuer


def test_a_public_client_must_use_pkce(server, callback):
    client = server.admin.create_application("SPA", [callback.url], kind="spa", token_endpoint_auth_method="none")
    app = RelyingParty(server, client, callback.url)
    address, _asked = app.begin(code_challenge=None, code_challenge_method=None)
    answer = requests.get(address, allow_redirects=False, timeout=10)
    assert "error=invalid_request" in answer.headers["Location"]


def test_denied_sign_in_is_told_in_the_asked_response_mode(server, person, callback, relying_party):
    for mode in ("query", "fragment", "form_post"):
        address, asked = relying_party.begin(prompt="none", response_mode=mode)
        someone = person()
        someone.page.goto(address)
        if mode == "fragment":
            someone.page.wait_for_url(lambda url: url.startswith(callback.url))
            told = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(someone.page.url).fragment))
            callback.next()
        else:
            told = callback.next()
        assert told["error"] == "login_required" and told["state"] == asked["state"], (mode, told)


# Refusals at the token endpoint.


def code_for(server, app, email, **changes):
    """A code for a new person, without a browser: (what was asked, the answer at the callback)."""
    address, asked = app.begin(**changes)
    answer = Scriptless(server, app.redirect_uri).sign_up(address, "Ada Lovelace", email)
    assert answer["state"] == asked["state"] and answer["iss"] == server.issuer and "code" in answer, answer
    return asked, answer


def test_a_replayed_code_revokes_its_tokens(server, relying_party, email):
    app = relying_party
    asked, answer = code_for(server, app, email)
    tokens = granted(app.redeem(answer["code"], asked))
    assert app.introspect(tokens["access_token"])["active"] is True
    assert app.introspect(tokens["refresh_token"])["active"] is True
    assert app.userinfo(tokens["access_token"]).status_code == 200

    refused(app.redeem(answer["code"], asked), "invalid_grant")
    # RFC 6749, section 4.1.2: somebody else had the code, so nobody keeps what came of it.
    assert app.introspect(tokens["refresh_token"]) == {"active": False}
    assert app.introspect(tokens["access_token"]) == {"active": False}
    refused(app.refresh(tokens["refresh_token"]), "invalid_grant")
    assert app.userinfo(tokens["access_token"]).status_code == 401


def test_a_replayed_code_revokes_refreshed_tokens_too(server, relying_party, email):
    app = relying_party
    asked, answer = code_for(server, app, email)
    tokens = granted(app.redeem(answer["code"], asked))
    later = granted(app.refresh(tokens["refresh_token"]))
    refused(app.redeem(answer["code"], asked), "invalid_grant")
    refused(app.refresh(later["refresh_token"]), "invalid_grant")


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": None},
        {"redirect_uri": "http://localhost:1/callback"},
    ],
    ids=["wrong-verifier", "no-verifier", "wrong-redirect-uri"],
)
def test_a_code_with_the_wrong_proof(server, relying_party, email, changes):
    asked, answer = code_for(server, relying_party, email)
    refused(relying_party.redeem(answer["code"], asked, **changes), "invalid_grant")


def test_a_code_of_another_client(server, callback, relying_party, email):
    other = RelyingParty(server, server.admin.create_application("Other", [callback.url]), callback.url)
    asked, answer = code_for(server, relying_party, email)
    refused(other.redeem(answer["code"], asked), "invalid_grant")


def test_a_refresh_token_of_another_client(server, callback, relying_party, email):
    other = RelyingParty(server, server.admin.create_application("Other", [callback.url]), callback.url)
    asked, answer = code_for(server, relying_party, email)
    tokens = granted(relying_party.redeem(answer["code"], asked))
    refused(other.refresh(tokens["refresh_token"]), "invalid_grant")
    # The thief's attempt costs the owner nothing, or ends the family: either way nothing was issued to the thief.
    assert other.introspect(tokens["refresh_token"]) == {"active": False}


def test_a_wrong_secret(server, relying_party, email):
    asked, answer = code_for(server, relying_party, email)
    bad = relying_party.redeem(answer["code"], asked, auth=(relying_party.client_id, "wrong"))
    refused(bad, "invalid_client", 401)
    # RFC 6749, section 5.2: who used Basic is answered in Basic.
    assert bad.headers["WWW-Authenticate"].startswith("Basic")
    refused(
        relying_party.redeem(answer["code"], asked, auth=None, client_id=relying_party.client_id),
        "invalid_client",
        401,
    )
    # Who does not know the secret must not be able to burn the code.
    granted(relying_party.redeem(answer["code"], asked))


def test_a_made_up_code(server, relying_party):
    _address, asked = relying_party.begin()
    for code in ("nonsense", "a.b.c", "A" * 400):
        refused(relying_party.redeem(code, asked), "invalid_grant")


def test_other_errors_of_the_token_endpoint(server, relying_party):
    refused(relying_party.token(grant_type="urn:example:magic", username="a", password="b"), "unsupported_grant_type")
    refused(relying_party.token(grant_type="password", username="a", password="b"), "unauthorized_client")
    refused(relying_party.token(), "invalid_request")
    refused(relying_party.token(grant_type="authorization_code"), "invalid_request")
    refused(relying_party.refresh("nonsense"), "invalid_grant")
    assert requests.get(relying_party.endpoints["token_endpoint"], timeout=10).status_code == 405


def test_an_expired_code(own_server, callback, email):
    client = own_server.admin.create_application("RP", [callback.url])
    app = RelyingParty(own_server, client, callback.url)
    asked, answer = code_for(own_server, app, email)
    # RFC 6749, section 4.1.2: ten minutes at most.
    own_server.clock.advance(601)
    refused(app.redeem(answer["code"], asked), "invalid_grant")


def test_refresh_rotation_overlap_and_reuse(own_server, callback, email):
    client = own_server.admin.create_application("RP", [callback.url])
    app = RelyingParty(own_server, client, callback.url)
    asked, answer = code_for(own_server, app, email)
    first = granted(app.redeem(answer["code"], asked))["refresh_token"]
    second = granted(app.refresh(first))["refresh_token"]
    # The answer was lost on the way, and the client asks again: the same successor.
    assert granted(app.refresh(first))["refresh_token"] == second
    third = granted(app.refresh(second))["refresh_token"]
    assert third not in (first, second)
    # Long after the overlap an old token can only be a thief's, or the thief has the new one: the family dies.
    own_server.clock.advance(600)
    refused(app.refresh(first), "invalid_grant")
    refused(app.refresh(third), "invalid_grant")
    assert app.introspect(third) == {"active": False}


def test_refresh_narrows_and_never_widens(server, relying_party, email):
    asked, answer = code_for(server, relying_party, email, scope="openid email offline_access")
    tokens = granted(relying_party.redeem(answer["code"], asked))
    refused(relying_party.refresh(tokens["refresh_token"], scope="openid email phone offline_access"), "invalid_scope")
    narrow = granted(relying_party.refresh(tokens["refresh_token"], scope="openid"))
    assert narrow.get("scope", "openid").split() == ["openid"]


def test_revocation(server, relying_party, email):
    asked, answer = code_for(server, relying_party, email)
    tokens = granted(relying_party.redeem(answer["code"], asked))
    assert relying_party.revoke(tokens["refresh_token"]).status_code == 200
    refused(relying_party.refresh(tokens["refresh_token"]), "invalid_grant")
    # RFC 7009, section 2.2: an unknown token is already what the client wants it to be.
    assert relying_party.revoke("nonsense").status_code == 200


def test_introspection_asks_who_is_asking(server, relying_party):
    endpoint = relying_party.endpoints["introspection_endpoint"]
    answer = requests.post(endpoint, data={"token": "x"}, timeout=10)
    assert answer.status_code == 401, answer.text
    assert relying_party.introspect("nonsense") == {"active": False}


def test_userinfo_refuses(server, relying_party, email):
    endpoint = relying_party.endpoints["userinfo_endpoint"]
    bare = requests.get(endpoint, timeout=10)
    assert bare.status_code == 401 and bare.headers["WWW-Authenticate"].startswith("Bearer")
    # RFC 6750, section 3.1: without a token there is no error code; with a bad one it is invalid_token.
    assert "error=" not in bare.headers["WWW-Authenticate"]
    wrong = relying_party.userinfo("nonsense")
    assert wrong.status_code == 401 and 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]
    asked, answer = code_for(server, relying_party, email, scope="openid")
    tokens = granted(relying_party.redeem(answer["code"], asked))
    told = relying_party.userinfo(tokens["access_token"]).json()
    assert set(told) == {"sub"}, "userinfo tells more than the scope"
    # An ID token is no access token.
    assert relying_party.userinfo(tokens["id_token"]).status_code == 401


def test_without_offline_access_there_is_no_refresh_token(server, relying_party, email):
    asked, answer = code_for(server, relying_party, email, scope="openid")
    assert "refresh_token" not in granted(relying_party.redeem(answer["code"], asked))


def test_client_credentials(server, callback):
    machine = server.admin.create_application("Machine", [], kind="machine", grant_types=["client_credentials"])
    app = RelyingParty(server, machine, callback.url)
    tokens = granted(app.token(grant_type="client_credentials"))
    assert tokens["token_type"].lower() == "bearer" and tokens["expires_in"] > 0
    assert "refresh_token" not in tokens and "id_token" not in tokens
    refused(app.token(auth=(machine["client_id"], "wrong"), grant_type="client_credentials"), "invalid_client", 401)


def test_client_credentials_are_not_for_every_client(server, relying_party):
    refused(relying_party.token(grant_type="client_credentials"), "unauthorized_client")


def test_private_key_jwt_refusals(server, callback):
    private, public = key_pair()
    made = server.admin.create_application(
        "Keyed machine",
        [],
        kind="machine",
        grant_types=["client_credentials"],
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [public]},
    )
    made.pop("client_secret", None)
    app = RelyingParty(server, made, callback.url)
    key = jwt.algorithms.ECAlgorithm.from_jwk(json.dumps(private))
    now = int(time.time())
    claims = {
        "iss": app.client_id,
        "sub": app.client_id,
        "aud": server.issuer,
        "iat": now,
        "exp": now + 60,
    }

    def ask(signing_key=key, **changes):
        body = {k: v for k, v in (claims | {"jti": f"{time.monotonic_ns()}"} | changes).items() if v is not None}
        assertion = jwt.encode(body, signing_key, "ES256", headers={"kid": "journey"})
        return assertion, send(assertion)

    def send(assertion):
        return app.token(
            auth=None,
            grant_type="client_credentials",
            client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            client_assertion=assertion,
        )

    assertion, answer = ask()
    granted(answer)
    refused(send(assertion), "invalid_client", 401)  # the same jti again
    refused(ask(ec.generate_private_key(ec.SECP256R1()))[1], "invalid_client", 401)
    refused(ask(exp=now - 600)[1], "invalid_client", 401)
    refused(ask(aud="https://example.com")[1], "invalid_client", 401)
    refused(ask(sub="somebody-else")[1], "invalid_client", 401)
    refused(ask(exp=None)[1], "invalid_client", 401)
    unsigned = jwt.encode(claims | {"jti": "none"}, None, "none")
    refused(send(unsigned), "invalid_client", 401)


# Logout. OpenID Connect RP-Initiated Logout 1.0, sections 2 and 3.


def signed_in_tokens(server, someone, callback, app, email):
    Demo(someone, server).sign_up("Ada Lovelace", email)
    address, asked = app.begin()
    someone.page.goto(address)
    return granted(app.redeem(callback.next()["code"], asked))


def test_logout_never_redirects_to_an_address_that_is_not_registered(server, person, callback, relying_party, email):
    ada = person()
    tokens = signed_in_tokens(server, ada, callback, relying_party, email)
    query = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "https://example.com/"}
    ada.page.goto(relying_party.endpoints["end_session_endpoint"] + "?" + urllib.parse.urlencode(query))
    assert ada.page.url.startswith(server.url)
    hosted = Hosted(ada, server)
    if hosted.at("#signout-confirm"):
        hosted.click("#signout-confirm")
    assert ada.page.url.startswith(server.url)


def test_logout_without_a_hint_asks(server, person, callback, relying_party, email):
    """Anybody can put a link to the endpoint on a page; only the person can say that it is meant."""
    ada = person()
    signed_in_tokens(server, ada, callback, relying_party, email)
    ada.page.goto(relying_party.endpoints["end_session_endpoint"])
    hosted = Hosted(ada, server)
    hosted.sees("#signout-confirm")
    address, _asked = relying_party.begin(prompt="none")
    ada.page.goto(address)
    assert "code" in callback.next(), "the session ended without the person's word"
    ada.page.goto(relying_party.endpoints["end_session_endpoint"])
    hosted.click("#signout-confirm")
    expect(ada.page.locator("#signout-confirm")).to_have_count(0)
    address, _asked = relying_party.begin(prompt="none")
    ada.page.goto(address)
    assert callback.next()["error"] == "login_required"


def test_a_tampered_sign_in_is_refused_with_a_way_on(server, person, relying_party):
    """State travels with the person, sealed: a changed seal opens nothing, and the page says what to do."""
    address, _asked = relying_party.begin()
    mallory = person()
    mallory.page.goto(address)
    hosted = Hosted(mallory, server)
    hosted.sees("#identifier")
    mallory.page.evaluate(
        """() => document.querySelectorAll('input[type=hidden]').forEach((field) => {
             if (field.value.length > 20) {
               const at = Math.floor(field.value.length / 2);
               field.value = field.value.slice(0, at) + (field.value[at] === 'A' ? 'B' : 'A') + field.value.slice(at + 1);
             }
           })"""
    )
    hosted.identify("mallory@example.com")
    assert hosted.error()
    assert hosted.has_way_on()
