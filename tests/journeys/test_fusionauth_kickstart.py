"""Kickstart files: an empty server set up by one, a used one left alone, a bad one that leaves nothing; and the commands."""

import json
import re
import uuid

import pytest
import requests

from fusionauth_rig import Api, claims
from server import Doorward

KEY = "bf69486b-4733-4470-a592-f1bfce7af580"
TENANT = "30663132-6464-6665-3032-326466613934"


@pytest.fixture
def kickstarted(new_server, tmp_path):
    """A server started with a kickstart file; `prepare` writes files beside it."""

    def start(document, files=None, **more):
        for name, text in (files or {}).items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text)
        path = tmp_path / "kickstart.json"
        path.write_text(json.dumps(document))
        return new_server(kickstart=path, **more)

    return start


def file(**more):
    """In the shape of the files that the vendor's quick starts come with."""
    application = "E9FDB985-9173-4E01-9D73-AC2D60D1DC8E"
    document = {
        "variables": {
            "apiKey": KEY,
            "defaultTenantId": TENANT,
            "applicationId": application,
            "clientSecret": "super-secret-secret-that-should-be-regenerated-for-production",
            "newUserId": "00000000-0000-0000-0000-000000000001",
            "adminEmail": "admin@example.com",
            "adminPassword": "password",
            "keyId": "#{UUID()}",
        },
        "apiKeys": [{"key": "#{apiKey}", "description": "Unrestricted API key", "keyManager": True}],
        "requests": [
            {"method": "PATCH", "url": "api/system-configuration", "body": {"systemConfiguration": {
                "corsConfiguration": {"allowCredentials": True, "allowedMethods": ["GET", "POST"], "enabled": True}}}},
            {"method": "POST", "url": "/api/key/generate/#{keyId}", "tenantId": "#{defaultTenantId}",
             "body": {"key": {"algorithm": "RS256", "name": "For ExampleApp", "length": 2048}}},
            {"method": "PATCH", "url": "/api/tenant/#{defaultTenantId}", "body": {"tenant": {"issuer": "http://localhost:9011"}}},
            {"method": "POST", "url": "/api/theme/#{UUID()}", "body": {
                "sourceThemeId": "75a068fd-e94b-451a-9aeb-3ddb9a3b5987", "theme": {"name": "Colors", "stylesheet": "@{css/styles.css}"}}},
            {"method": "POST", "url": "/api/email/template", "body": "&{mail/template.json}"},
            {"method": "POST", "url": "/api/application/#{applicationId}", "tenantId": "#{FUSIONAUTH_TENANT_ID}", "body": {"application": {
                "name": "ExampleApp",
                "oauthConfiguration": {
                    "authorizedRedirectURLs": ["http://localhost:5001/callback"], "logoutURL": "http://localhost:5001/logout",
                    "clientSecret": "#{clientSecret}", "enabledGrants": ["authorization_code", "refresh_token"],
                    "generateRefreshTokens": True, "requireRegistration": True},
                "jwtConfiguration": {"enabled": True, "accessTokenKeyId": "#{keyId}", "idTokenKeyId": "#{keyId}"}}}},
            {"method": "POST", "url": "/api/user/registration/#{newUserId}", "body": {
                "user": {"email": "richard@example.com", "password": "password", "firstName": "Fred", "lastName": "Flintstone"},
                "registration": {"applicationId": "#{applicationId}", "data": {"favoriteColor": "chartreuse"}}}},
            {"method": "POST", "url": "/api/user/registration", "body": {
                "user": {"email": "#{adminEmail}", "password": "#{adminPassword}", "data": {"Company": "PiedPiper"}},
                "registration": {"applicationId": "#{FUSIONAUTH_APPLICATION_ID}", "roles": ["admin"]}}},
        ],
    }  # fmt: skip
    return document | more


FILES = {
    "css/styles.css": 'body { color: "red"; }\n',
    "mail/template.json": json.dumps({"emailTemplate": {"name": "Welcome of #{adminEmail}", "defaultSubject": "Hello ${user.email}"}}),
}


def test_8_and_24_a_kickstart_file_sets_an_empty_server_up_once(kickstarted):
    server = kickstarted(file(), FILES)
    api = Api(server, KEY)
    tenant = api.good("GET", "/api/tenant")["tenants"][0]
    assert tenant["id"] == TENANT and tenant["issuer"] == "http://localhost:9011"
    names = sorted(a["name"] for a in api.good("GET", "/api/application")["applications"])
    assert names == ["ExampleApp", "FusionAuth", "Tenant Manager"]
    application = api.good("GET", "/api/application/E9FDB985-9173-4E01-9D73-AC2D60D1DC8E")["application"]
    assert application["id"] == "e9fdb985-9173-4e01-9d73-ac2d60d1dc8e"
    [theme] = [t for t in api.good("GET", "/api/theme")["themes"] if t["name"] == "Colors"]
    assert theme["stylesheet"] == FILES["css/styles.css"]
    [template] = api.good("GET", "/api/email/template")["emailTemplates"]
    assert template["name"] == "Welcome of admin@example.com" and template["defaultSubject"] == "Hello ${user.email}"
    cors = api.good("GET", "/api/system-configuration")["systemConfiguration"]["corsConfiguration"]
    assert cors["allowedMethods"] == ["GET", "POST"] and cors["allowedOrigins"] == []
    fred = api.login({"email": "richard@example.com"}, application, password="password", expect=200).json()
    assert fred["user"]["id"] == "00000000-0000-0000-0000-000000000001" and "lastName" in fred["user"]
    admin = api.good("GET", "/api/user?email=admin@example.com")["user"]
    assert admin["registrations"][0]["roles"] == ["admin"]
    # The key may make keys; a second start passes the file over.
    api.good("POST", "/api/api-key", {"apiKey": {"key": "another"}})
    server.stop()
    server.start()
    assert Api(server, KEY).good("GET", "/api/user?email=admin@example.com")["user"]["id"] == admin["id"]
    assert "is passed over" in server.log_tail(400)
    # What a browser app does then: sign in at the pages, with a refresh token; the token endpoint takes the id in either case.
    form = {"grant_type": "refresh_token", "refresh_token": "none", "client_id": "E9FDB985-9173-4E01-9D73-AC2D60D1DC8E",
            "client_secret": file()["variables"]["clientSecret"]}  # fmt: skip
    refused = requests.post(server.url + "/oauth2/token", data=form, timeout=10)
    assert (refused.status_code, refused.json()["error_reason"]) == (400, "refresh_token_not_found")


def test_7_what_the_vendors_own_suites_ask_of_a_server(kickstarted):
    """Their calls, one after the other, on a server that was set up as theirs is."""
    document = file()
    server = kickstarted(document, FILES)
    api = Api(server, KEY)
    assert len(api.good("GET", "/api/application")["applications"]) == 3
    user = api.good("POST", "/api/user", {"user": {"email": "art@example.com", "password": "password", "username": "art"}})["user"]
    assert "password" not in user and "salt" not in user
    assert api.call("GET", f"/api/user/{uuid.uuid4()}").status_code == 404
    got = api.good("GET", f"/api/user/{user['id']}")["user"]
    assert got["email"] == "art@example.com" and got["active"] is True
    api.good("DELETE", f"/api/user/{user['id']}?hardDelete=true")
    assert api.call("GET", f"/api/user/{user['id']}").status_code == 404
    patch = {"application": {"loginConfiguration": {"generateRefreshTokens": True}}}
    application = api.good("PATCH", "/api/application/e9fdb985-9173-4e01-9d73-ac2d60d1dc8e", patch)["application"]
    answer = api.login({"email": "richard@example.com"}, application, password="password", expect=200).json()
    assert answer["refreshToken"] and claims(answer["token"])["applicationId"] == application["id"]
    assert api.with_key(None).call("POST", "/api/logout?global=true").status_code == 200


def test_24_a_used_server_is_left_alone(own_server, tmp_path):
    (tmp_path / "kickstart.json").write_text(json.dumps(file()))
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    own_server.stop()
    own_server.kickstart = tmp_path / "kickstart.json"
    own_server.start()
    assert Api(own_server, KEY).call("GET", "/api/tenant").status_code == 401


@pytest.mark.parametrize(
    "change, complaint",
    [
        ({"requests": [{"method": "POST", "url": "/api/user", "body": {"user": {"email": "no address", "password": "password"}}}]}, "user.email"),
        ({"requests": [{"method": "DELETE", "url": "/api/user/1"}]}, "only POST, PUT and PATCH"),
        ({"requests": [{"method": "POST", "url": "/api/user", "body": "#{nobody}"}]}, "no variable nobody"),
        ({"requests": [{"method": "POST", "url": "/api/user", "body": "&{nowhere.json}"}]}, "nowhere.json"),
        ({"apiKeys": []}, "at least one key"),
    ],
)
def test_24_a_bad_file_is_told_loudly_and_leaves_nothing(database, tmp_path, change, complaint):
    path = tmp_path / "kickstart.json"
    path.write_text(json.dumps(file(requests=[]) | change))
    server = Doorward(tmp_path / "data", database.new_url(), kickstart=path)
    with pytest.raises(AssertionError, match="ended with 1"):
        server.start()
    assert complaint in server.log_tail(), server.log_tail()
    # As empty as before: the same folder takes a good file.
    path.write_text(json.dumps(file(requests=[])))
    server.start()
    assert Api(server, KEY).good("GET", "/api/tenant")["tenants"][0]["id"] == TENANT
    server.stop()


def test_a_first_user_and_a_key_by_command(own_server):
    made = own_server.run("user-create", "--email", "first@example.com", "--first-name", "First", "--last-name", "User")
    assert made.returncode == 0, made.stderr
    password = re.search(r"password\s+(\S+)", made.stdout)[1]
    key = own_server.run("api-key-create", "--name", "Set-up")
    assert key.returncode == 0, key.stderr
    api = Api(own_server, key.stdout.strip())
    user = api.good("GET", "/api/user?email=first@example.com")["user"]
    assert (user["firstName"], user["lastName"], user["verified"]) == ("First", "User", True)
    assert api.login(user, password=password).status_code == 200
    own = own_server.run("api-key-create", "--name", "Reader", "--key", "any-form-at-all", "--scope", "GET /api/user")
    assert own.returncode == 0 and Api(own_server, "any-form-at-all").call("GET", "/api/user?email=first@example.com").status_code == 200
    assert Api(own_server, "any-form-at-all").call("GET", "/api/tenant").status_code == 401
