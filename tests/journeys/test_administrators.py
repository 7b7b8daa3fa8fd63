"""Programs and administrators: by direct requests to each surface, whatever a program may do to people, it cannot do it to somebody
who may enter the console; an ordinary user can still be changed."""

import json
import urllib.parse
import uuid

import pytest
import requests

from auth0_accent import OverHttps
from conftest import new_email
from corbado import project
from fusionauth_rig import Api as FusionAuth
from server import Doorward, until

PASSWORD = "correct horse battery staple 7"
OTHER = "violet staple under heavy rain 3"


@pytest.fixture(scope="module")
def server(database, tmp_path_factory):
    started = Doorward(tmp_path_factory.mktemp("administrators") / "data", database.new_url()).start()
    started.admin.allow_passwords()
    yield started
    started.stop()


def somebody(server, role=None):
    email = new_email(role or "user")
    user = server.admin.request("POST", "/users", json={"email": email, "password": PASSWORD, "name": "Ada"})
    if role:
        server.admin.request("PUT", f"/administrators/{user['id']}", json={"role": role})
    return user | {"email": email}


def refusals(server, user):
    return [e["actor"] for e in server.admin.events(type="administrator.change_refused", user_id=user["id"])]


def test_a_program_of_the_auth0_accent(server):
    https = OverHttps(server)
    grant = {"grant_type": "client_credentials", "audience": https.issuer + "api/v2/"} | https.auth0["management"]
    token = https.post("/oauth/token", json=grant).json()["access_token"]
    owner, plain = somebody(server, "owner"), somebody(server)

    def ask(method, path, **more):
        headers = {"Authorization": "Bearer " + token}
        return https.session().request(method, https.url + "/api/v2" + path, headers=headers, timeout=20, **more)

    def calls(user):
        [found] = ask("GET", "/users-by-email", params={"email": user["email"]}).json()
        id, at = found["user_id"], "/users/" + urllib.parse.quote(found["user_id"], safe="")
        totp = {"type": "totp", "name": "x", "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}
        for method, path, body in [
            ("PATCH", at, {"password": OTHER}),
            ("PATCH", at, {"email": new_email("stolen"), "email_verified": True}),
            ("PATCH", at, {"email_verified": False}),
            ("PATCH", at, {"blocked": True}),
            ("PATCH", at, {"blocked": False}),
            ("POST", "/tickets/password-change", {"user_id": id}),
            ("POST", "/tickets/email-verification", {"user_id": id}),
            ("POST", at + "/authentication-methods", totp),
            ("DELETE", at + "/authentication-methods", None),
            ("DELETE", at + "/authenticators", None),
            ("DELETE", at + "/multifactor/google-authenticator", None),
            ("POST", at + "/multifactor/actions/invalidate-remember-browser", None),
            ("DELETE", at, None),
        ]:
            yield f"{method} {path} {body}", ask(method, path, json=body)

    for call, answer in calls(owner):
        assert answer.status_code == 403, f"{call}: {answer.status_code} {answer.text}"
        told = answer.json()
        assert (told["statusCode"], told["error"], told["errorCode"]) == (403, "Forbidden", "operation_not_supported"), call
        assert "administrator (owner)" in told["message"]
    assert set(refusals(server, owner)) == {f"application:{grant['client_id']}"} and len(refusals(server, owner)) == 13
    for call, answer in calls(plain):
        assert answer.status_code < 300, f"{call}: {answer.status_code} {answer.text}"

    # A file of users neither.
    plain = somebody(server)
    rows = [{"email": one["email"], "email_verified": True, "name": "Imported"} for one in (owner, plain)]
    connection = next(one["id"] for one in ask("GET", "/connections").json() if one["name"] == "Username-Password-Authentication")
    form = {"connection_id": connection, "upsert": "true"}
    job = ask("POST", "/jobs/users-imports", data=form, files={"users": ("u.json", json.dumps(rows), "application/json")}).json()
    done = until("the job", lambda: (told := ask("GET", f"/jobs/{job['id']}").json())["status"] in ("completed", "failed") and told)
    assert (done["summary"]["updated"], done["summary"]["failed"]) == (1, 1), done
    assert server.admin.user(owner["id"])["name"] == "Ada" and server.admin.user(plain["id"])["name"] == "Imported"
    # What is no credential stays open.
    [found] = ask("GET", "/users-by-email", params={"email": owner["email"]}).json()
    at = "/users/" + urllib.parse.quote(found["user_id"], safe="")
    assert ask("PATCH", at, json={"name": "Ada King", "user_metadata": {"theme": "dark"}}).status_code == 200
    # An owner does it, by a key that may say who administers.
    server.admin.request("PUT", f"/users/{owner['id']}/password", json={"password": OTHER})


def test_a_key_of_the_fusionauth_accent(server):
    api = FusionAuth(server)
    made = api.good("POST", "/api/api-key", {"apiKey": {"name": "A back end", "permissions": {"endpoints": {}}}})["apiKey"]
    program = api.with_key(made["key"])
    application = api.application(passwordlessConfiguration={"enabled": True})
    owner, plain = somebody(server, "admin"), somebody(server)

    def calls(user):
        id, email = user["id"], user["email"]
        secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        yield from (
            (f"{verb} {path} {body}", program.call(verb, path, body))
            for verb, path, body in [
                ("PATCH", f"/api/user/{id}", {"user": {"password": OTHER}}),
                ("PATCH", f"/api/user/{id}", {"user": {"email": new_email("stolen")}}),
                ("PATCH", f"/api/user/{id}", {"user": {"passwordChangeRequired": True}}),
                ("POST", "/api/user/forgot-password", {"loginId": email, "sendForgotPasswordEmail": False}),
                ("POST", "/api/user/verify-email", {"userId": id}),
                ("PUT", f"/api/user/verify-email?email={email}&sendVerifyEmail=false", None),
                ("POST", "/api/passwordless/start", {"loginId": email, "applicationId": application["id"]}),
                ("PUT", f"/api/login/{id}/{application['id']}", None),
                ("POST", f"/api/user/two-factor/{id}", {"method": "authenticator", "code": "000000", "secretBase32Encoded": secret}),
                ("GET", f"/api/user/two-factor/recovery-code/{id}", None),
                ("POST", f"/api/user/two-factor/recovery-code/{id}", None),
                ("POST", "/api/webauthn/register/start", {"userId": id}),
                ("DELETE", f"/api/user/{id}", None),
                ("PUT", f"/api/user/{id}?reactivate=true", None),
                ("DELETE", f"/api/user/{id}?hardDelete=true", None),
            ]
        )

    for call, answer in calls(owner):
        assert answer.status_code == 403, f"{call}: {answer.status_code} {answer.text}"
        [error] = answer.json()["generalErrors"]
        assert error["code"] == "[administrator]" and "administrator (admin)" in error["message"]
    assert set(refusals(server, owner)) == {f"api_key:{made['id']}"} and len(refusals(server, owner)) == 15
    moved = plain
    for call, answer in calls(plain):
        assert answer.status_code != 403, f"{call}: {answer.text}"
        if "email" in call and "PATCH" in call:
            assert answer.status_code == 200, answer.text
            server.admin.request("PATCH", f"/users/{moved['id']}", json={"name": "moved"})
    assert program.call("GET", f"/api/user/{plain['id']}").status_code == 404, "deleted"
    # A whole-user call that changes no credential is a change of names.
    before = program.good("GET", f"/api/user/{owner['id']}")["user"]
    after = program.good("PATCH", f"/api/user/{owner['id']}", {"user": {"firstName": "Augusta", "data": {"theme": "dark"}}})["user"]
    assert (after["firstName"], after["data"], after["email"]) == ("Augusta", {"theme": "dark"}, before["email"])
    # Import of the same address, of a passkey.
    credential = {"userId": owner["id"], "credentialId": "AAAA", "publicKey": "AAAA", "name": "x"}
    assert program.call("POST", "/api/webauthn/import", {"credentials": [credential]}).status_code in (400, 403)


def test_an_application_of_the_corbado_accent(server):
    info = project(server, number=9001)
    auth = (info["project_id"], info["api_secret"])
    support, plain = somebody(server, "support"), somebody(server)

    def calls(user):
        at = f"/users/usr-{uuid.UUID(user['id']).int}"
        email = server.admin.list(f"/users/{user['id']}/identifiers")[0]["id"]
        for method, path, body in [
            ("POST", at + "/identifiers", {"identifierType": "email", "identifierValue": new_email("more"), "status": "verified"}),
            ("PATCH", f"{at}/identifiers/ide-{uuid.UUID(email).int}", {"status": "verified"}),
            ("PATCH", at, {"status": "disabled"}),
            ("PATCH", at, {"status": "active"}),
            ("DELETE", at, None),
        ]:
            answer = requests.request(method, server.url + "/v2" + path, auth=auth, json=body, timeout=10)
            yield f"{method} {path} {body}", answer

    for call, answer in calls(support):
        assert answer.status_code == 403, f"{call}: {answer.status_code} {answer.text}"
        error = answer.json()["error"]
        assert error["type"] == "forbidden" and "administrator (support)" in error["details"]
    assert set(refusals(server, support)) == {f"application:{info['project_id']}"} and len(refusals(server, support)) == 5
    for call, answer in calls(plain):
        assert answer.status_code < 300, f"{call}: {answer.status_code} {answer.text}"
    assert server.admin.request("GET", f"/users/{plain['id']}", expect=(404,))
