"""Every answer that belongs to the first tier, read by the types of the crate `fusionauth-rust-client`, generated from the vendor's
own description: closed lists of words, whole numbers for times, ids that are ids. What those types do not know is told too."""

import base64
import json
import pathlib
import re
import subprocess

import pytest
import requests

from fusionauth_rig import Api, Passkey, totp
from server import binary

# Where the types and the clients that people use (Python, TypeScript) disagree, the clients are right: the description that the types
# were made from has lists in the place of maps, and names in the place of what WebAuthn says.
WRONG_TYPES = [
    r"refused: fieldErrors: invalid type: map, expected a sequence",
    r"refused: (group|groups\[\d+\])\.roles: invalid type: map, expected a sequence",
    r"refused: members: invalid type: map, expected a sequence",
    r"refused: options\.pubKeyCredParams\[0\]\.(alg: invalid type: integer `-7`|type: unknown variant `public-key`)",
    r"refused: options\.allowCredentials\[0\]\.type: unknown variant `public-key`",
]
# Fields that came after the version that the types describe, or that only some endpoint adds.
KNOWN_EXTRAS = [
    r"GET /\.well-known/openid-configuration: unknown: ",  # the standard's, and there are more of them than types
    r"GET /api/jwt/validate: unknown: \.jwt\.",  # claims
    r"oauth-configuration: unknown: \.logoutURL$",
    r"unknown: .*passwordValidationRules\.disallowUserLoginId$",
    r"unknown: .*methods\[\]\.name$",
]


def reader():
    """The program that reads answers; `./test` builds it beside the server."""
    path = pathlib.Path(binary()).parent / "fusionauth-shapes"
    assert path.is_file(), f"{path} is missing: cargo build -p fusionauth-shapes"
    return path


class Recording(Api):
    """Calls whose answers are kept."""

    def __init__(self, server, key="", tenant=None, seen=None):
        super().__init__(server, key, tenant)
        self.seen = [] if seen is None else seen

    def with_key(self, key, tenant=None):
        return Recording(self.server, key, tenant, self.seen)

    def note(self, verb, path, answer):
        if answer.content:
            self.seen.append({"verb": verb, "path": path, "status": answer.status_code, "body": answer.json()})
        return answer

    def call(self, verb, path, body=None, **more):
        return self.note(verb, path, super().call(verb, path, body, **more))

    def crud(self, path, one, document, change, more=None):
        """Makes, finds, changes in both ways and deletes; the last version comes back."""
        made = self.good("POST", path, {one: document} | (more or {}))[one]
        place = f"{path}/{made['id']}"
        self.good("GET", path)
        self.good("GET", place)
        self.good("PUT", place, {one: made | change} | (more or {}))
        return place, self.good("PATCH", place, {one: change})[one]


def directory(api):
    tenant = api.good("GET", "/api/tenant")["tenants"][0]
    place, _ = api.crud("/api/tenant", "tenant", {"name": "Second"}, {"data": {"a": 1}})
    api.good("POST", "/api/tenant/search", {"search": {"name": "*"}})
    api.good("DELETE", place)
    api.good("GET", "/api/tenant/password-validation-rules")
    api.good("GET", f"/api/tenant/password-validation-rules/{tenant['id']}")
    events = {name: {"enabled": True, "transactionType": "None"} for name in ("user.create", "user.login.success")}
    change = {
        "eventConfiguration": {"events": events},
        "emailConfiguration": {"defaultFromName": "Us"},
        "multiFactorConfiguration": {"loginPolicy": "Enabled"},
    }
    api.good("PATCH", f"/api/tenant/{tenant['id']}", {"tenant": change})

    place, application = api.crud("/api/application", "application", {"name": "Passing"}, {"data": {"b": [1]}})
    made = api.good("POST", place + "/role", {"role": {"name": "r", "isDefault": True}})["role"]
    for verb, body in (("PUT", {"name": "r", "description": "d"}), ("PATCH", {"isSuperRole": True})):
        api.good(verb, f"{place}/role/{made['id']}", {"role": body})
    api.good("GET", place + "/oauth-configuration")
    api.good("POST", "/api/application/search", {"search": {"name": "*"}})
    role = made["id"]

    place, group = api.crud("/api/group", "group", {"name": "Group"}, {"data": {"c": True}}, {"roleIds": [role]})
    api.good("POST", "/api/group/search", {"search": {"name": "*"}})
    user = api.user()
    members = {"members": {group["id"]: [{"userId": user["id"]}]}}
    api.good("POST", "/api/group/member", members)
    api.good("PUT", "/api/group/member", members)
    api.good("POST", "/api/group/member/search", {"search": {"groupId": group["id"]}})
    api.good("GET", f"/api/user/{user['id']}")
    api.good("DELETE", place)

    made = api.good("POST", "/api/api-key", {"apiKey": {"key": "a-key-of-the-tour", "permissions": {"endpoints": {"/api/user": ["GET"]}}}})
    place = f"/api/api-key/{made['apiKey']['id']}"
    api.good("GET", place)
    api.good("PUT", place, {"apiKey": {"metaData": {"attributes": {"description": "x"}}}})
    api.good("PATCH", place, {"apiKey": {"permissions": {"endpoints": {"/api/tenant": ["GET"]}}}})
    for algorithm, more in (("RS256", {"length": 2048}), ("ES256", {}), ("HS256", {})):
        key = api.good("POST", "/api/key/generate", {"key": {"algorithm": algorithm, "name": algorithm} | more})["key"]
        api.good("GET", f"/api/key/{key['id']}")
    api.good("PUT", f"/api/key/{key['id']}", {"key": {"name": "Renamed"}})
    api.good("POST", "/api/key/import", {"key": {"algorithm": "HS256", "name": "Ours", "secret": "s" * 40}})
    api.good("GET", "/api/key")
    api.good("POST", "/api/key/search", {"search": {"name": "*"}})
    hook = {"url": "http://localhost:1/", "global": True, "eventsEnabled": {"user.create": False}, "headers": {"a": "b"}}
    place, _ = api.crud("/api/webhook", "webhook", hook, {"description": "d"})
    api.good("POST", "/api/webhook/search", {"search": {"description": "*"}})
    api.good("DELETE", place)
    configuration = api.good("GET", "/api/system-configuration")["systemConfiguration"]
    api.good("PUT", "/api/system-configuration", {"systemConfiguration": configuration})
    api.good("PATCH", "/api/system-configuration", {"systemConfiguration": {"data": {"x": 1}}})
    api.good("GET", "/api/system/version")
    api.good("GET", "/api/status")


def people(api):
    anyone = api.with_key(None)
    application = api.application(
        roles=[{"name": "user", "isDefault": True}],
        loginConfiguration={"generateRefreshTokens": True, "requireAuthentication": True},
        passwordlessConfiguration={"enabled": True},
        oauthConfiguration={"enabledGrants": ["authorization_code", "refresh_token", "password", "urn:ietf:params:oauth:grant-type:device_code"]},
    )
    profile = {
        "username": "ada-of-the-tour", "mobilePhone": "+49 30 1234", "birthDate": "1815-12-10", "timezone": "Europe/Berlin",
        "preferredLanguages": ["de"], "data": {"plan": "gold"}, "imageUrl": "https://x.example/a.png", "middleName": "K",
    }  # fmt: skip
    user = api.user(application, roles=["user"], **profile)
    place = f"/api/user/{user['id']}"
    document = api.good("GET", place)["user"]
    api.good("PUT", place, {"user": document})
    api.good("PATCH", place, {"user": {"data": {"more": 1}}})
    api.good("GET", f"/api/user?email={user['email']}")
    api.good("GET", f"/api/user/search?ids={user['id']}")
    api.good("POST", "/api/user/search", {"search": {"queryString": "*", "accurateTotal": True}})
    api.good("DELETE", "/api/user/bulk?dryRun=true&userId=" + user["id"])
    registration = f"/api/user/registration/{user['id']}"
    api.good("GET", f"{registration}/{application['id']}")
    for verb in ("PUT", "PATCH"):
        api.good(verb, registration, {"registration": {"applicationId": application["id"], "roles": ["user"], "username": "ada"}})
    api.call("POST", registration, {"registration": {"applicationId": application["id"]}}, expect=400)
    api.call("POST", "/api/user", {"user": {"email": "no address", "password": "x"}}, expect=400)

    tokens = api.login(user, application, expect=200).json()
    holder = api.with_key("Bearer " + tokens["token"])
    holder.good("GET", "/api/jwt/validate")
    other = api.application()
    api.good("POST", registration, {"registration": {"applicationId": other["id"]}})
    holder.good("GET", f"/api/jwt/issue?applicationId={other['id']}")
    api.good("GET", f"/api/jwt/refresh?userId={user['id']}")
    api.good("GET", f"/api/jwt/refresh/{tokens['refreshTokenId']}")
    anyone.good("POST", "/api/jwt/refresh", {"refreshToken": tokens["refreshToken"]})
    anyone.good("GET", "/api/jwt/public-key")
    api.good("PUT", "/api/login", {"userId": user["id"], "applicationId": application["id"]})
    api.good("PUT", f"/api/login/{user['id']}/{application['id']}")
    for stranger, status in ((api.user(), 202), (api.user(application, passwordChangeRequired=True), 203)):
        api.login(stranger, application, expect=status)

    changing = api.good("POST", "/api/user/forgot-password", {"loginId": user["email"]})["changePasswordId"]
    anyone.good("POST", f"/api/user/change-password/{changing}", {"password": "another password"})
    by_name = {"loginId": user["email"], "password": "password of a user", "currentPassword": "another password"}
    api.good("POST", "/api/user/change-password", by_name)
    api.good("PUT", f"/api/user/verify-email?email={user['email']}&sendVerifyEmail=false")
    path = f"/api/user/verify-registration?email={user['email']}&applicationId={application['id']}&sendVerifyPasswordEmail=false"
    api.good("PUT", path)

    start = {"applicationId": application["id"], "loginId": user["email"]}
    code = api.good("POST", "/api/passwordless/start", start)["code"]
    anyone.good("POST", "/api/passwordless/login", {"code": code})

    passkey = Passkey("http://localhost:3000")
    options = api.good("POST", "/api/webauthn/register/start", {"userId": user["id"], "workflow": "general"})["options"]
    given = {"origin": passkey.origin, "rpId": "localhost"}
    registered = given | {"userId": user["id"], "credential": passkey.register(options)}
    made = anyone.good("POST", "/api/webauthn/register/complete", registered)["credential"]
    for act in ("login", "assert"):
        begin = {"applicationId": application["id"], "userId": user["id"], "workflow": "general"}
        options = api.good("POST", "/api/webauthn/start", begin)["options"]
        signed = given | {"applicationId": application["id"], "credential": passkey.sign(options)}
        anyone.good("POST", f"/api/webauthn/{act}", signed)
    api.good("GET", f"/api/webauthn?userId={user['id']}")
    api.good("GET", f"/api/webauthn/{made['id']}")

    secret = api.good("GET", "/api/two-factor/secret")
    now, plain = api.server.clock.now(), base64.b64decode(secret["secret"])
    method = {"method": "authenticator", "secret": secret["secret"], "code": totp(plain, now)}
    api.good("POST", f"/api/user/two-factor/{user['id']}", method)
    due = api.login(user, application, expect=242).json()
    told = {"twoFactorId": due["twoFactorId"], "code": totp(plain, now + 30), "trustComputer": True}
    trust = anyone.good("POST", "/api/two-factor/login", told)["twoFactorTrustId"]
    api.good("GET", f"/api/two-factor/status/{trust}?userId={user['id']}")
    api.good("POST", "/api/two-factor/status", {"userId": user["id"], "twoFactorTrustId": trust})
    api.good("POST", "/api/two-factor/start", {"userId": user["id"], "applicationId": application["id"]})
    api.good("GET", f"/api/user/{user['id']}")
    api.good("POST", f"/api/user/two-factor/recovery-code/{user['id']}")
    api.good("GET", f"/api/user/two-factor/recovery-code/{user['id']}")
    return application, user


def actions(api, application, user):
    document = {"name": "Ban", "temporal": True, "preventLogin": True, "options": [{"name": "Silent", "localizedNames": {"de": "Still"}}]}
    place, ban = api.crud("/api/user-action", "userAction", document, {"localizedNames": {"de": "Sperre"}})
    _, reason = api.crud("/api/user-action-reason", "userActionReason", {"code": "SPAM", "text": "Spam"}, {"localizedTexts": {"de": "Werbung"}})
    victim = api.user(application)
    action = {
        "actioneeUserId": victim["id"], "actionerUserId": user["id"], "userActionId": ban["id"], "reasonId": reason["id"],
        "option": "Silent", "comment": "again", "expiry": int(api.server.clock.now() * 1000) + 3_600_000,
    }  # fmt: skip
    taken = api.good("POST", "/api/user/action", {"action": action})["action"]
    api.good("GET", f"/api/user/action?userId={victim['id']}")
    api.good("GET", f"/api/user/action/{taken['id']}")
    later = {"action": {"expiry": action["expiry"] + 1000, "comment": "longer", "actionerUserId": user["id"]}}
    api.good("PUT", f"/api/user/action/{taken['id']}", later)
    api.login(victim, application, expect=409)
    api.good("DELETE", f"/api/user/action/{taken['id']}", {"action": {"actionerUserId": user["id"]}})


def oauth(api, application, user):
    client = {"client_id": application["id"], "client_secret": application["oauthConfiguration"]["clientSecret"]}
    for path in ("/.well-known/jwks.json", "/.well-known/openid-configuration"):
        api.note("GET", path, requests.get(api.base + path, timeout=10))
    wanted = api.user(application)
    form = client | {"grant_type": "password", "username": wanted["email"], "password": "password of a user", "scope": "openid offline_access"}
    for path, sent in (("/oauth2/token", form), ("/oauth2/device_authorize", client | {"scope": "openid"})):
        answer = api.note("POST", path, requests.post(api.base + path, data=sent, timeout=10))
        assert answer.status_code == 200, answer.text


def kept(api):
    api.crud("/api/email/template", "emailTemplate", {"name": "Hello", "defaultSubject": "x", "defaultTextTemplate": "y"}, {"defaultFromName": "z"})
    api.crud("/api/theme", "theme", {"name": "Dark", "stylesheet": "a {}"}, {"data": {}})
    field = api.good("POST", "/api/form/field", {"field": {"key": "user.firstName", "name": "First", "type": "string"}})["field"]
    api.good("GET", "/api/form/field")
    api.good("GET", f"/api/form/field/{field['id']}")
    api.good("PUT", f"/api/form/field/{field['id']}", {"field": field})
    form = api.good("POST", "/api/form", {"form": {"name": "Form", "steps": [{"fields": [field["id"]]}], "type": "registration"}})["form"]
    api.good("GET", "/api/form")
    api.good("GET", f"/api/form/{form['id']}")
    api.good("PUT", f"/api/form/{form['id']}", {"form": form})


@pytest.mark.any_database
def test_answers_have_the_shapes_of_the_typed_client(own_server):
    api = Recording(own_server)
    directory(api)
    application, user = people(api)
    actions(api, application, user)
    oauth(api, application, user)
    kept(api)
    lines = "\n".join(json.dumps(one) for one in api.seen)
    done = subprocess.run([str(reader())], input=lines, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    wrong = {f"{one['call']}: {one['problem']}" for one in told["problems"]}
    known = [*WRONG_TYPES, *KNOWN_EXTRAS]
    left = [one for one in wrong if not any(re.search(pattern, one) for pattern in known)]
    assert not left, "\n".join(sorted(left))
    unused = [pattern for pattern in known if not any(re.search(pattern, one) for one in wrong)]
    assert not unused, f"no longer needed: {unused}"
    assert not told["missing"], f"never asked: {told['missing']}"
