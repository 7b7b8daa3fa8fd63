"""Tokens as others see them: PyJWT with the published keys, key rotation, discovery. An independent implementation."""

import base64
import hashlib

import jwt
import pytest
import requests

from relying_party import RelyingParty, granted
from scriptless import Scriptless
from server import until

ALGORITHMS = {"RS256": {"RS256"}, "ES256": {"ES256"}, "EdDSA": {"EdDSA", "Ed25519"}}


def signed_in(server, app, email, **changes):
    address, asked = app.begin(**changes)
    answer = Scriptless(server, app.redirect_uri).sign_up(address, "Ada Lovelace", email)
    return asked, granted(app.redeem(answer["code"], asked))


def application(server, callback, **more):
    return RelyingParty(server, server.admin.create_application("RP", [callback.url], **more), callback.url)


def key_for(app, token):
    kid = jwt.get_unverified_header(token)["kid"]
    found = [key for key in app.jwks() if key["kid"] == kid]
    assert len(found) == 1, f"{len(found)} keys with kid {kid}"
    return jwt.PyJWK(found[0])


def verified(app, token, audience, allowed):
    header = jwt.get_unverified_header(token)
    assert header["alg"] in allowed, header
    return jwt.decode(
        token,
        key_for(app, token),
        algorithms=[header["alg"]],
        audience=audience,
        issuer=app.server.issuer,
        options={"require": ["iss", "sub", "aud", "exp", "iat"]},
    )


def half_hash(value):
    """at_hash with a SHA-256 algorithm: OpenID Connect Core, section 3.1.3.6."""
    return base64.urlsafe_b64encode(hashlib.sha256(value.encode()).digest()[:16]).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_id_token(server, callback, email, algorithm):
    app = application(server, callback, signing_alg=algorithm)
    asked, tokens = signed_in(server, app, email)
    claims = verified(app, tokens["id_token"], app.client_id, ALGORITHMS[algorithm])
    assert claims["nonce"] == asked["nonce"]
    assert claims["aud"] in (app.client_id, [app.client_id])
    assert claims["email"] == email and claims["email_verified"] is True and claims["name"] == "Ada Lovelace"
    assert claims["auth_time"] <= claims["iat"] < claims["exp"]
    assert isinstance(claims["amr"], list) and claims["acr"]
    if "at_hash" in claims and algorithm != "EdDSA":
        assert claims["at_hash"] == half_hash(tokens["access_token"])
    assert app.userinfo(tokens["access_token"]).json()["sub"] == claims["sub"]


def test_access_token_is_rfc_9068(server, callback, email):
    app = application(server, callback)
    _asked, tokens = signed_in(server, app, email)
    header = jwt.get_unverified_header(tokens["access_token"])
    assert header["typ"] == "at+jwt"
    claims = jwt.decode(
        tokens["access_token"],
        key_for(app, tokens["access_token"]),
        algorithms=["RS256", "ES256", "EdDSA"],
        issuer=server.issuer,
        options={"verify_aud": False, "require": ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"]},
    )
    assert claims["client_id"] == app.client_id
    assert set(claims["scope"].split()) >= {"openid", "profile", "email"}
    assert abs(claims["exp"] - claims["iat"] - tokens["expires_in"]) <= 1
    assert claims["aud"] != app.client_id, "an access token must not pass for an ID token"


def test_an_id_token_is_not_signed_with_a_key_that_is_not_published(server, callback, email):
    """The public half only, and no symmetric key."""
    app = application(server, callback)
    for key in app.jwks():
        assert key["kty"] in ("RSA", "EC", "OKP")
        assert not set(key) & {"d", "p", "q", "dp", "dq", "qi", "k"}, "a private key is published"
        assert key["use"] == "sig" and key["kid"] and key["alg"]
        if key["kty"] == "RSA":
            assert jwt.PyJWK(key).key.key_size >= 2048


def test_key_rotation(own_server, callback, email):
    app = application(own_server, callback)
    _asked, before = signed_in(own_server, app, email)
    old = jwt.get_unverified_header(before["id_token"])["kid"]
    own_server.admin.rotate_keys()
    fresh = granted(app.refresh(before["refresh_token"]))
    new = jwt.get_unverified_header(fresh["access_token"])["kid"]
    assert new != jwt.get_unverified_header(before["access_token"])["kid"]
    keys = [key["kid"] for key in app.jwks()]
    assert old in keys, "the old key is gone while its tokens live"
    assert keys[0] == new, "whoever takes the first key whatever its name takes the one that signs"
    verified(app, before["id_token"], app.client_id, ALGORITHMS["RS256"])
    assert app.userinfo(before["access_token"]).status_code == 200
    # When no token of the old key can be alive any more, it goes.
    own_server.clock.advance(400 * 86_400)
    _asked, _after = signed_in(own_server, app, "bob-" + email)
    assert old not in {key["kid"] for key in app.jwks()}


def test_key_rotation_by_command(own_server, callback, email):
    app = application(own_server, callback)
    old = jwt.get_unverified_header(signed_in(own_server, app, "bob-" + email)[1]["id_token"])["kid"]
    before = until("the next key", lambda: (kids := {key["kid"] for key in app.jwks()}) - {old} and kids)
    done = own_server.run("keys", "rotate")
    assert done.returncode == 0, done.stderr
    own_server.stop()
    own_server.start()
    after = {key["kid"] for key in app.jwks()}
    assert before < after, (before, after)
    _asked, tokens = signed_in(own_server, app, email)
    new = jwt.get_unverified_header(tokens["id_token"])["kid"]
    assert new != old and new in before, "whoever read the keys before knows the one that signs now"


def test_discovery_tells_the_truth(server, relying_party):
    told = relying_party.endpoints
    issuer = server.issuer
    assert told["issuer"] == issuer
    for name, path in {
        "authorization_endpoint": "/connect/authorize",
        "token_endpoint": "/connect/token",
        "userinfo_endpoint": "/connect/userinfo",
        "introspection_endpoint": "/connect/introspect",
        "revocation_endpoint": "/connect/revoke",
        "end_session_endpoint": "/connect/logout",
    }.items():
        assert told[name] == issuer.rstrip("/") + path
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert set(told["response_modes_supported"]) >= {"query", "fragment", "form_post"}
    assert set(told["id_token_signing_alg_values_supported"]) >= {"RS256", "ES256"}
    assert "none" not in told["id_token_signing_alg_values_supported"]
    assert set(told["token_endpoint_auth_methods_supported"]) >= {
        "none",
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    }
    assert set(told["scopes_supported"]) >= {"openid", "profile", "email", "phone", "address", "offline_access"}
    assert told["authorization_response_iss_parameter_supported"] is True
    assert told["subject_types_supported"] and told["response_types_supported"]
    second = requests.get(issuer.rstrip("/") + "/.well-known/oauth-authorization-server", timeout=10)
    assert second.status_code == 200 and second.json()["issuer"] == issuer


def test_https_serves_the_same_with_the_local_ca(server):
    base = server.info["https_url"].rstrip("/")
    answer = requests.get(base + "/.well-known/openid-configuration", verify=server.info["ca_file"], timeout=10)
    assert answer.status_code == 200
    assert answer.json()["issuer"].startswith(base)
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(base + "/.well-known/openid-configuration", timeout=10)


def test_a_scope_of_a_resource_server_reaches_the_access_token(server, callback, email):
    audience = "https://api.example.com/" + email
    server.admin.request(
        "POST",
        "/resource-servers",
        json={"name": "Messages", "audience": audience, "scopes": [{"value": "read:messages", "description": "Read"}]},
    )
    app = application(server, callback)
    _asked, tokens = signed_in(server, app, email, scope="openid read:messages", resource=audience)
    claims = jwt.decode(
        tokens["access_token"],
        key_for(app, tokens["access_token"]),
        algorithms=["RS256"],
        audience=audience,
        issuer=server.issuer,
    )
    assert "read:messages" in claims["scope"].split()
