"""The Corbado accent and the Python package `passkeys`, three versions, unmodified. Journeys 14 to 17."""

import base64
import os
import subprocess
import time

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

import corbado
from clients import passkeys_sdk
from corbado import Components, Script
from server import until


@pytest.fixture(params=passkeys_sdk.VERSIONS)
def version(request):
    return request.param


def validate(app, token):
    """Whose token it is, as the package sees it."""
    answer = requests.post(app.url + "/validate", json={"token": token}, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()["user_id"]


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def test_14_tokens_are_taken_and_bent_ones_refused(server, clients, version, email):
    info = corbado.project(server)
    app = clients.corbado(info, version=version, program="newer.py")
    done = Script(info).sign_up_by_code(server.mailbox, email)
    token = done["sessionToken"]
    claims = claims_of(token)
    assert validate(app, token) == claims["sub"]
    assert "aud" not in claims and claims["iss"] == info["frontend_api"] and claims["email"] == email
    assert claims["nbf"] < claims["iat"] < claims["exp"] == claims["iat"] + 900
    assert set(jwt.get_unverified_header(token)) >= {"alg", "typ", "kid"}

    # Another key under the same name.
    foreign = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kid = jwt.get_unverified_header(token)["kid"]
    assert validate(app, jwt.encode(claims, foreign, algorithm="RS256", headers={"kid": kid})) is None
    # No signature, another algorithm, another person.
    head, body, signature = token.split(".")
    bent = base64.urlsafe_b64encode(base64.urlsafe_b64decode(body + "==").replace(b"usr-", b"usr-9")).rstrip(b"=")
    assert validate(app, f"{head}.{bent.decode()}.{signature}") is None
    assert validate(app, f"{head}.{body}.") is None
    assert validate(app, jwt.encode(claims, None, algorithm="none")) is None
    assert validate(app, jwt.encode(claims, "secret" * 8, algorithm="HS256", headers={"kid": kid})) is None
    assert validate(app, "") is None
    # A genuine token of a project with another issuer.
    other = corbado.project(server, embedded={"issuer": "https://elsewhere.example.com"})
    stranger = Script(other).sign_up_by_code(server.mailbox, "stranger-" + email)
    assert claims_of(stranger["sessionToken"])["iss"] == "https://elsewhere.example.com"
    assert validate(app, stranger["sessionToken"]) is None


def test_14_an_expired_token_is_refused_and_a_rotated_key_is_taken(own_server, clients, version, email):
    info = corbado.project(own_server, embedded={"session_token_lifetime_seconds": 60})
    app = clients.corbado(info, version=version, program="newer.py")
    fresh = Script(info).sign_up_by_code(own_server.mailbox, email)["sessionToken"]
    # The next key is published before it signs: the package keeps a key set for minutes, and does not ask again for a key that
    # it does not know within half a minute.
    until("the next key", lambda: len(requests.get(own_server.url + "/.well-known/jwks", timeout=10).json()["keys"]) == 2)
    assert validate(app, fresh) == claims_of(fresh)["sub"]
    own_server.clock.advance(-7200)
    old = Script(info).sign_up_by_code(own_server.mailbox, "old-" + email)["sessionToken"]
    assert claims_of(old)["exp"] < time.time()
    assert validate(app, old) is None
    own_server.clock.reset()
    # The package has the old key in its cache.
    own_server.admin.rotate_keys()
    rotated = Script(info).log_in_by_code(own_server.mailbox, email)["sessionToken"]
    assert jwt.get_unverified_header(rotated)["kid"] != jwt.get_unverified_header(fresh)["kid"]
    assert validate(app, rotated) == claims_of(fresh)["sub"]
    assert validate(app, fresh) == claims_of(fresh)["sub"]


def test_15_and_16_backend_calls_and_errors(server, version):
    info = corbado.project(server)
    environment = os.environ | {
        "CORBADO_PROJECT_ID": info["project_id"],
        "CORBADO_API_SECRET": info["api_secret"],
        "CORBADO_FRONTEND_API": info["frontend_api"],
        # Some configure it with the version, some without; the newest version of the package refuses a path.
        "CORBADO_BACKEND_API": info["backend_api"] + ("/v2" if version == "1.1.1" else ""),
        "SSL_CERT_FILE": info["ca_file"],
    }
    script = passkeys_sdk.HERE / "corbado_flask" / "backend_calls.py"
    ran = subprocess.run(
        [passkeys_sdk.python(version), str(script)], env=environment, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_16_every_error_has_all_five_members(server):
    info = corbado.project(server)
    basic = (info["project_id"], info["api_secret"])
    calls = [
        (401, requests.get(server.url + "/v2/users/usr-1", timeout=10)),
        (401, requests.get(server.url + "/v2/users/usr-1", auth=(basic[0], "corbado1_wrong"), timeout=10)),
        (401, requests.get(server.url + "/v2/users/usr-1", auth=("pro-999999", basic[1]), timeout=10)),
        (400, requests.get(server.url + "/v2/users/usr-1", auth=basic, timeout=10)),
        (400, requests.post(server.url + "/v2/users", auth=basic, data="{", timeout=10)),
        (413, requests.post(server.url + "/v2/users", auth=basic, data="x" * 200_000, timeout=10)),
        (405, requests.put(server.url + "/v2/users", auth=basic, json={}, timeout=10)),
        (404, requests.get(server.url + "/v2/connectTokens", headers={"X-Corbado-ProjectID": basic[0]}, timeout=10)),
        (400, requests.get(server.url + "/v2/session-config", timeout=10)),
        (400, requests.get(server.url + "/v2/auth/process", headers={"X-Corbado-ProjectID": basic[0]}, timeout=10)),
        (401, requests.get(server.url + "/v2/me", headers={"X-Corbado-ProjectID": basic[0]}, timeout=10)),
    ]
    for status, answer in calls:
        assert answer.status_code == status, answer.text
        body = answer.json()
        assert body["httpStatusCode"] == status and body["message"] and body["runtime"] >= 0
        assert body["requestData"]["requestID"].startswith("req-") and body["error"]["type"]


def test_17_the_newer_tutorial_with_the_newer_cookie(server, clients, person, email):
    app = clients.corbado(corbado.seeded(server), version="1.1.3", program="newer.py", web_js=2)
    assert requests.get(app.url + "/home", timeout=10).status_code == 401
    ada = Components(person(ignore_https_errors=True), app)
    ada.sign_up(email)
    ada.log_out()
    assert requests.get(app.url + "/home", timeout=10).status_code == 401
    with ada.touch_when_asked():
        ada.page.get_by_text("Login with Passkey").click()
        ada.is_home(email)


def test_17_the_same_with_the_newest_of_both(server, clients, person, email):
    app = clients.corbado(corbado.seeded(server), version="2.0.3", program="newer.py", web_js=3)
    ada = Components(person(ignore_https_errors=True), app)
    ada.sign_up(email)


def test_lists_for_back_ends(server, email):
    info = corbado.project(server)
    done = Script(info).sign_up_by_code(server.mailbox, email)
    user_id = claims_of(done["sessionToken"])["sub"]
    ask = lambda method, path, **more: requests.request(
        method, server.url + "/v2" + path, auth=(info["project_id"], info["api_secret"]), timeout=10, **more
    ).json()
    found = ask("GET", "/users", params={"filter[]": f"searchValue:eq:{email.upper()}"})
    assert [u["userID"] for u in found["users"]] == [user_id] and found["paging"]["totalItems"] == 1
    assert found["users"][0]["emailIdentifiers"][0]["status"] == "primary"
    renamed = ask("PATCH", f"/users/{user_id}", json={"fullName": "Ada King"})
    assert renamed["fullName"] == "Ada King" and isinstance(renamed["updatedMs"], int)
    assert ask("GET", f"/users/{user_id}/credentials") == {
        "credentials": [],
        "paging": {"page": 1, "totalPages": 0, "totalItems": 0},
    }
    listed = ask("GET", "/sessions", params={"filter[]": [f"userID:eq:{user_id[4:]}", "status:eq:active"]})
    session = listed["sessions"][0]
    assert (len(session["sessionID"]), session["status"], session["identifierValue"]) == (30, "active", email)
    secret = done["refreshToken"]
    me = {"X-Corbado-ProjectID": info["project_id"], "Authorization": f"Bearer {secret}"}
    assert requests.get(server.url + "/v2/me", headers=me, timeout=10).status_code == 200
    ask("POST", f"/sessions/{session['sessionID']}/revoke")
    assert requests.get(server.url + "/v2/me", headers=me, timeout=10).status_code == 401
    assert ask("GET", "/sessions", params={"filter[]": f"userID:eq:{user_id}"})["sessions"][0]["status"] == "logged_out"
    # A disabled user gets in by no way.
    again = Script(info).log_in_by_code(server.mailbox, email)
    assert ask("PATCH", f"/users/{user_id}", json={"status": "disabled"})["status"] == "disabled"
    me["Authorization"] = f"Bearer {again['refreshToken']}"
    assert requests.post(server.url + "/v2/me/refresh", headers=me, timeout=10).status_code == 401
