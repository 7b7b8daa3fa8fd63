"""The vendor's API as programs use it, besides people's proofs: each journey of the accent that needs no page, and the device grant."""

import base64
import hashlib
import json
import time
import uuid

import jwt
import pytest
import requests

from fusionauth_rig import PASSWORD, Api, MailServer, Webhook, claims, errors
from pages import Hosted

# --- 17, 18: tenants and keys --------------------------------------------------------------------------------------------------------


def test_17_two_tenants_with_the_same_people(own_api):
    api = own_api
    first = api.good("GET", "/api/tenant")["tenants"][0]
    id = str(uuid.uuid4())
    copied = api.good("POST", f"/api/tenant/{id.upper()}", {"tenant": first | {"id": None, "name": "Second"}})["tenant"]
    assert copied["id"] == id and copied["jwtConfiguration"] == first["jwtConfiguration"]
    assert errors(api.call("POST", "/api/tenant", {"tenant": {"name": "Second"}}, expect=400)) == {"tenant.name": ["[duplicate]tenant.name"]}
    refused = api.call("POST", "/api/user", {"user": {"email": "twin@example.com", "password": PASSWORD}}, expect=400)
    assert refused.json()["generalErrors"][0]["code"] == "[TenantIdRequired]"
    one, two = Api(api.server, tenant=first["id"]), Api(api.server, tenant=id)
    twins = [t.good("POST", "/api/user", {"user": {"email": "twin@example.com", "password": PASSWORD}})["user"] for t in (one, two)]
    assert twins[0]["id"] != twins[1]["id"] and [t["tenantId"] for t in twins] == [first["id"], id]
    assert one.call("GET", f"/api/user/{twins[1]['id']}").status_code == 404
    assert api.good("GET", f"/api/user/{twins[1]['id']}")["user"]["tenantId"] == id, "an id tells its tenant"
    assert api.call("GET", f"/api/user/{uuid.uuid4()}").status_code == 404
    application = two.application(name="In the second")
    assert one.call("GET", f"/api/application/{application['id']}").status_code == 404
    bound = api.good("POST", "/api/api-key", {"apiKey": {"tenantId": id, "key": "bound-to-the-second"}})["apiKey"]
    there = api.with_key(bound["key"])
    assert there.good("GET", "/api/user?email=twin@example.com")["user"]["id"] == twins[1]["id"]
    assert there.call("GET", f"/api/user/{twins[0]['id']}").status_code == 404
    assert [t["id"] for t in there.good("GET", "/api/tenant")["tenants"]] == [id]
    assert there.call("GET", f"/api/tenant/{first['id']}").status_code == 404
    body = {"registration": {"applicationId": application["id"]}}
    api.good("POST", f"/api/user/registration/{twins[1]['id']}", body)
    told = claims(api.login(twins[1], application, expect=200).json()["token"])
    assert told["tid"] == id and told["iss"] == copied["issuer"]
    assert api.call("GET", "/api/user?email=twin@example.com", headers={"X-FusionAuth-TenantId": str(uuid.uuid4())}).status_code == 400
    document = requests.get(f"{api.base}/{id}/.well-known/openid-configuration", timeout=10).json()
    keys = requests.get(document["jwks_uri"], timeout=10).json()["keys"]
    header = jwt.get_unverified_header(api.login(twins[1], application, expect=200).json()["token"])
    assert header["kid"] in [k["kid"] for k in keys]
    webhooks_of_others_do_not_exist(api, there, first["id"], id)
    nor_do_documents_keys_and_tokens(api, one, there, application, id)
    api.good("DELETE", f"/api/tenant/{id}")
    assert api.call("GET", f"/api/tenant/{id}").status_code == 404


def webhooks_of_others_do_not_exist(api, there, first, second):
    url = "https://hooks.example/messages"
    hidden = [
        api.good("POST", "/api/webhook", {"webhook": settings | {"url": url, "httpAuthenticationUsername": "u", "httpAuthenticationPassword": "p"}})
        for settings in ({"global": True}, {"tenantIds": [first]}, {"tenantIds": [first, second]})
    ]
    for hook in hidden:
        path = f"/api/webhook/{hook['webhook']['id']}"
        for verb in ("GET", "PUT", "PATCH", "DELETE"):
            assert there.call(verb, path, None if verb in ("GET", "DELETE") else hook).status_code == 404, verb
        assert api.good("GET", path) == hook
    assert there.good("GET", "/api/webhook")["webhooks"] == there.good("POST", "/api/webhook/search", {})["webhooks"] == []
    refuse = lambda **more: errors(there.call("POST", "/api/webhook", {"webhook": {"url": url} | more}, expect=400))  # noqa: E731
    assert refuse(**{"global": True}) == {"webhook.global": ["[invalid]webhook.global"]}
    assert refuse(tenantIds=[second, first]) == {"webhook.tenantIds[1]": ["[doesNotExist]webhook.tenantIds[1]"]}
    pair = Api(api.server, tenant=first).good("POST", "/api/key/generate", {"key": {"algorithm": "ES256", "name": "Signs webhooks"}})["key"]
    signed = {"signatureConfiguration": {"enabled": True, "signingKeyId": pair["id"]}}
    field = "webhook.signatureConfiguration.signingKeyId"
    assert refuse(**signed) == {field: [f"[doesNotExist]{field}"]}
    own = there.good("POST", "/api/webhook", {"webhook": {"url": url}})["webhook"]
    assert (own["global"], own["tenantIds"]) == (False, [second])
    path = f"/api/webhook/{own['id']}"
    assert there.good("PATCH", path, {"webhook": {"url": url + "/2"}})["webhook"]["tenantIds"] == [second]
    assert there.call("PATCH", path, {"webhook": {"global": True}}).status_code == 400
    assert [hook["id"] for hook in there.good("GET", "/api/webhook")["webhooks"]] == [own["id"]]
    assert len(api.good("GET", "/api/webhook")["webhooks"]) == 4
    there.good("DELETE", path)


def nor_do_documents_keys_and_tokens(api, one, there, application, second):
    for path, body in (
        ("/api/theme", {"theme": {"name": "Theirs"}}),
        ("/api/email/template", {"emailTemplate": {"name": "Theirs"}}),
        ("/api/user-action", {"userAction": {"name": "Theirs"}}),
        ("/api/user-action-reason", {"userActionReason": {"text": "Theirs", "code": "T"}}),
    ):
        made = api.good("POST", path, body)
        [name] = made
        for verb, at in (("POST", path), ("PUT", f"{path}/{made[name]['id']}"), ("PATCH", f"{path}/{made[name]['id']}"),
                         ("DELETE", f"{path}/{made[name]['id']}")):  # fmt: skip
            assert there.call(verb, at, body).status_code == 401, (verb, at)
        assert api.good("GET", f"{path}/{made[name]['id']}") == made
    pair = one.good("POST", "/api/key/generate", {"key": {"algorithm": "ES256", "name": "Of the first"}})["key"]
    for noun, path in (("application", f"/api/application/{application['id']}"), ("tenant", f"/api/tenant/{second}")):
        for enabled in (True, False):
            body = {noun: {"jwtConfiguration": {"enabled": enabled, "accessTokenKeyId": pair["id"]}}}
            field = f"{noun}.jwtConfiguration.accessTokenKeyId"
            assert errors(there.call("PATCH", path, body, expect=400)) == {field: [f"[doesNotExist]{field}"]}
    assert there.call("GET", f"/api/key/{pair['id']}").status_code == 404
    assert "accessTokenKeyId" not in there.good("GET", f"/api/tenant/{second}")["tenant"]["jwtConfiguration"]
    elsewhere = one.application(loginConfiguration={"generateRefreshTokens": True})
    text = one.login(one.user(elsewhere), elsewhere, expect=200).json()["refreshToken"]
    assert there.call("DELETE", f"/api/jwt/refresh?token={text}").status_code == 404
    assert api.call("POST", "/api/jwt/refresh", {"refreshToken": text}).status_code == 200
    api.good("DELETE", f"/api/jwt/refresh?token={text}")
    assert api.call("POST", "/api/jwt/refresh", {"refreshToken": text}).status_code == 400


def test_18_a_key_may_do_what_it_says(api):
    name = f"limited-{uuid.uuid4()}"
    limited = {"key": name, "permissions": {"endpoints": {"/api/user": ["GET"]}}}
    made = api.good("POST", "/api/api-key", {"apiKey": limited})["apiKey"]
    assert made["permissions"] == limited["permissions"] and made["keyManager"] is False
    user = api.user()
    key = api.with_key(name)
    assert key.call("GET", f"/api/user/{user['id']}").status_code == 200
    for verb, path in (("POST", "/api/user"), ("GET", "/api/application"), ("GET", "/api/tenant"), ("GET", f"/api/api-key/{made['id']}"),
                       ("DELETE", f"/api/user/{user['id']}"), ("POST", "/api/user/search")):  # fmt: skip
        refused = key.call(verb, path, {})
        assert (refused.status_code, refused.content) == (401, b""), path
    free = f"everything-{uuid.uuid4()}"
    api.good("POST", "/api/api-key", {"apiKey": {"key": free}})
    assert api.with_key(free).call("GET", "/api/tenant").status_code == 200
    assert api.with_key(free).call("GET", f"/api/api-key/{made['id']}").status_code == 401, "no manager"
    assert api.call("POST", "/api/api-key", {"apiKey": {"keyManager": True}}).status_code == 400
    # Nor does it open the other door.
    admin = requests.get(api.base + "/admin/v1/users", headers={"Authorization": f"Bearer {free}"}, timeout=10)
    assert admin.status_code == 401
    # The old client changes keys by POST.
    change = {"apiKey": {"permissions": {"endpoints": {"/api/tenant": ["GET"]}}}}
    changed = api.good("POST", f"/api/api-key/{made['id']}", change)["apiKey"]
    assert changed["permissions"]["endpoints"] == {"/api/user": ["GET"], "/api/tenant": ["GET"]}
    assert key.call("GET", "/api/tenant").status_code == 200
    api.good("DELETE", f"/api/api-key/{made['id']}")
    assert key.call("GET", f"/api/user/{user['id']}").status_code == 401
    for header in ("", "Bearer x", "Basic eDp5"):
        assert requests.get(api.base + "/api/tenant", headers={"Authorization": header}, timeout=10).status_code == 401


# --- addresses as patterns, mail and pages of other origins ----------------------------------------------------------------------------


@pytest.mark.any_database
def test_addresses_are_patterns_only_where_the_application_says_so(api):
    patterns = {"authorizedRedirectURLs": ["https://*.apps.example/cb", "http://localhost:*/cb", "https://a.example/*/cb?t=*"]}
    exact = {"application": {"name": f"Exact {uuid.uuid4()}", "oauthConfiguration": patterns}}
    refused = errors(api.call("POST", "/api/application", exact, expect=400))
    assert {name.split("[")[0] for name in refused} == {"application.oauthConfiguration.authorizedRedirectURLs"}
    loose = patterns | {"authorizedURLValidationPolicy": "AllowWildcards"}
    application = api.application(oauthConfiguration=loose)
    assert application["oauthConfiguration"]["authorizedRedirectURLs"] == patterns["authorizedRedirectURLs"]
    bad = loose | {"authorizedRedirectURLs": ["https://*.example/cb"]}
    assert api.call("POST", "/api/application", {"application": {"name": f"Bad {uuid.uuid4()}", "oauthConfiguration": bad}}).status_code == 400

    def taken(address):
        query = {"client_id": application["id"], "response_type": "code", "redirect_uri": address, "scope": "openid", "state": "s"}
        answer = requests.get(api.base + "/oauth2/authorize", params=query, timeout=10, allow_redirects=False)
        assert answer.status_code in (303, 400), answer.status_code
        return answer.status_code == 303

    for good in ("https://one.apps.example/cb", "http://localhost:4711/cb", "https://a.example/tenant-1/cb?t=x"):
        assert taken(good), good
    for bad in (
        "https://apps.example/cb", "https://a.b.apps.example/cb", "https://evil.example/.apps.example/cb", "https://one.apps.example/cb/",
        "http://localhost/cb", "http://localhost:1@evil.example/cb", "https://a.example/%2e%2e/cb?t=x", "https://a.example/x/cb?t=a&t=b",
        "https://*.apps.example/cb",
    ):  # fmt: skip
        assert not taken(bad), bad
    # Back to exact: patterns have to go first.
    strict = {"application": {"oauthConfiguration": {"authorizedURLValidationPolicy": "ExactMatch"}}}
    assert api.call("PATCH", f"/api/application/{application['id']}", strict).status_code == 400


@pytest.fixture
def mail_server():
    listening = MailServer()
    yield listening
    listening.stop()


@pytest.mark.any_database
def test_mail_goes_by_the_servers_that_the_tenant_names(own_api, mail_server):
    api = own_api
    tenant = api.good("GET", "/api/tenant")["tenants"][0]
    user = api.user()
    forgot = lambda: api.good("POST", "/api/user/forgot-password", {"loginId": user["email"]})  # noqa: E731
    own = {"host": "127.0.0.1", "port": mail_server.port, "username": "post", "password": "a secret of the post", "security": "NONE",
           "defaultFromEmail": "post@acme.example", "defaultFromName": "Acme"}  # fmt: skip
    place = f"/api/tenant/{tenant['id']}"
    shown = api.good("PATCH", place, {"tenant": {"emailConfiguration": own}})["tenant"]["emailConfiguration"]
    assert shown["host"] == "127.0.0.1" and shown["port"] == mail_server.port and "password" not in shown
    before = len(api.server.mailbox.seen(user["email"]))
    forgot()
    until(lambda: mail_server.letters)
    letter = mail_server.letters[0]
    assert letter["user"] == "post" and letter["password"] == "a secret of the post"
    assert letter["from"] == "post@acme.example" and letter["to"] == [user["email"]] and "Acme" in letter["text"]
    assert len(api.server.mailbox.seen(user["email"])) == before
    # What was put back without its password keeps it; a new server is not told it.
    document = api.good("GET", place)["tenant"]
    api.good("PUT", place, {"tenant": document | {"name": "Renamed"}})
    forgot()
    until(lambda: len(mail_server.letters) > 1)
    assert mail_server.letters[1]["password"] == "a secret of the post"
    # A server that does not answer: the failure is in the log.
    api.good("PATCH", place, {"tenant": {"emailConfiguration": {"host": "localhost", "port": 1}}})
    forgot()
    until(lambda: any(e["type"] == "mail.failed" for e in api.server.admin.events()))
    assert "a secret of the post" not in json.dumps(api.server.admin.events()) + api.server.log_file.read_text()
    for wrong in ({"port": 70_000}, {"host": "no host"}, {"security": "MAYBE"}, {"defaultFromEmail": "nobody"}):
        name = f"tenant.emailConfiguration.{next(iter(wrong))}"
        assert list(errors(api.call("PATCH", place, {"tenant": {"emailConfiguration": wrong}}, expect=400))) == [name]
    # Back to the mailbox of development.
    api.good("PATCH", place, {"tenant": {"emailConfiguration": {"host": "localhost", "port": 25, "username": None}}})
    forgot()
    until(lambda: len(api.server.mailbox.seen(user["email"])) > before)


@pytest.mark.any_database
def test_pages_of_other_origins_are_answered_as_configured(own_api):
    api, origin = own_api, "https://app.example"
    path = api.base + "/api/status"

    def ask(verb="GET", origin=origin, **headers):
        return requests.request(verb, path, headers={"Origin": origin} | headers, timeout=10)

    def preflight(method, headers="", origin=origin):
        more = {"Access-Control-Request-Method": method} | ({"Access-Control-Request-Headers": headers} if headers else {})
        return ask("OPTIONS", origin, **more)

    assert "access-control-allow-origin" not in ask().headers, "nothing is configured"
    cors = {"enabled": True, "allowCredentials": True, "allowedOrigins": [origin], "allowedMethods": ["PUT"],
            "allowedHeaders": ["Authorization"], "exposedHeaders": ["X-Request-Id"], "preflightMaxAgeInSeconds": 600}  # fmt: skip
    api.good("PATCH", "/api/system-configuration", {"systemConfiguration": {"corsConfiguration": cors}})
    read = ask()
    assert read.status_code == 200 and read.headers["access-control-allow-origin"] == origin
    assert read.headers["access-control-allow-credentials"] == "true" and read.headers["access-control-expose-headers"] == "X-Request-Id"
    good = preflight("PUT", "authorization")
    assert (good.status_code, good.headers["access-control-max-age"]) == (204, "600")
    assert good.headers["access-control-allow-methods"] == "PUT" and good.headers["access-control-allow-headers"] == "authorization"
    for refused in (ask(origin="https://evil.example"), preflight("DELETE"), preflight("PUT", "x-other"), preflight("PUT", origin="null"), ask("DELETE")):
        assert refused.status_code == 403 and "access-control-allow-origin" not in refused.headers
    assert ask(origin=api.base).status_code == 200, "our own pages are no other origin"
    assert requests.get(path, timeout=10).status_code == 200
    api.good("PATCH", "/api/system-configuration", {"systemConfiguration": {"corsConfiguration": {"allowedOrigins": ["*"]}}})
    anybody = ask(origin="https://anybody.example")
    assert anybody.headers["access-control-allow-origin"] == "https://anybody.example"
    assert "access-control-allow-credentials" not in anybody.headers, "not for everybody"


# --- the device grant -------------------------------------------------------------------------------------------------------------------

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def test_a_device_is_let_in_under_the_vendors_paths(own_server, person):
    api = Api(own_server)
    oauth = {"enabledGrants": ["authorization_code", "refresh_token", DEVICE], "clientAuthenticationPolicy": "NotRequired"}
    application = api.application(oauthConfiguration=oauth)
    user = api.user(application)
    tenant = api.good("GET", "/api/tenant")["tenants"][0]
    document = requests.get(f"{api.base}/{tenant['id']}/.well-known/openid-configuration", timeout=10).json()
    assert DEVICE in document["grant_types_supported"]

    def post(url, **form):
        return requests.post(url, data={"client_id": application["id"]} | form, timeout=10)

    codes = post(document["device_authorization_endpoint"], scope="openid offline_access unknown-scope").json()
    assert codes["verification_uri"] == api.base + "/oauth2/device" and codes["expires_in"] == 1800 and codes["interval"] == 5
    token = document["token_endpoint"]
    poll = lambda **more: post(token, **({"grant_type": DEVICE, "device_code": codes["device_code"]} | more))  # noqa: E731
    waiting = poll()
    assert (waiting.status_code, waiting.json()["error"]) == (400, "authorization_pending")
    early = poll()
    assert (early.status_code, early.json()["error"]) == (400, "slow_down")
    validate = lambda **more: requests.get(api.base + "/oauth2/device/validate", params=more, timeout=10)  # noqa: E731
    assert validate(client_id=application["id"], user_code=codes["user_code"]).status_code == 200
    other = api.application(oauthConfiguration=oauth)
    assert validate(client_id=other["id"], user_code=codes["user_code"]).status_code == 404
    assert validate(client_id=application["id"], user_code="BBBB-BBBB").status_code == 404
    assert validate(user_code="x").json()["error_reason"] == "missing_client_id"
    closed = api.application()
    refused = requests.post(document["device_authorization_endpoint"], timeout=10,
                            data={"client_id": closed["id"], "client_secret": closed["oauthConfiguration"]["clientSecret"]})  # fmt: skip
    assert (refused.status_code, refused.json()["error_reason"]) == (400, "grant_type_disabled")
    keyless = requests.post(document["device_authorization_endpoint"], data={"client_id": closed["id"]}, timeout=10)
    assert keyless.status_code == 401
    wrong_secret = post(document["device_authorization_endpoint"], client_secret="wrong")
    assert wrong_secret.status_code == 401, "a secret that is sent is checked"

    someone = person()
    hosted = Hosted(someone, own_server)
    someone.page.goto(codes["verification_uri_complete"])
    hosted.continue_()
    hosted.identify(user["email"])
    hosted.give_password(PASSWORD)
    hosted.wait_until(lambda: hosted.at("#passkey-skip") or hosted.at("#consent-allow"))
    if hosted.at("#passkey-skip"):
        hosted.decline_passkey()
    hosted.click("#consent-allow")
    hosted.sees("#device-allowed")
    own_server.clock.advance(30)
    assert post(token, grant_type=DEVICE, device_code=codes["device_code"], client_id=other["id"]).json()["error"] == "invalid_grant"
    answer = poll()
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["userId"] == user["id"] and told["refresh_token"] and claims(told["id_token"])["aud"] == application["id"]
    assert poll().json()["error"] == "invalid_grant", "once"
    late = post(document["device_authorization_endpoint"]).json()
    own_server.clock.advance(1801)
    assert poll(device_code=late["device_code"]).json()["error"] == "expired_token"


# --- 19, 20: changes and tolerance -----------------------------------------------------------------------------------------------------


def test_19_three_kinds_of_change(api):
    def fresh():
        urls = {"oauthConfiguration": {"authorizedRedirectURLs": ["https://a.example/cb"]}}
        return api.application(**urls, data={"color": "red", "size": 1})["id"]

    def change(body, kind):
        path = f"/api/application/{id}"
        answer = requests.patch(api.base + path, data=json.dumps(body), timeout=10,
                                headers={"Authorization": api.key, "Content-Type": kind})  # fmt: skip
        assert answer.status_code == 200, answer.text
        assert answer.json() == api.good("GET", path)
        return answer.json()["application"]

    urls = {"authorizedRedirectURLs": ["https://b.example/cb"]}
    patch = {"application": {"oauthConfiguration": urls, "data": {"color": None}}}
    id = fresh()
    joined = change(patch, "application/json")
    assert joined["oauthConfiguration"]["authorizedRedirectURLs"] == ["https://a.example/cb", "https://b.example/cb"]
    assert joined["data"] == {"size": 1}
    id = fresh()
    merged = change(patch, "application/merge-patch+json")
    assert merged["oauthConfiguration"]["authorizedRedirectURLs"] == ["https://b.example/cb"] and merged["data"] == {"size": 1}
    id = fresh()
    steps = [
        {"op": "replace", "path": "/application/oauthConfiguration/authorizedRedirectURLs", "value": ["https://b.example/cb"]},
        {"op": "remove", "path": "/application/data/color"},
    ]
    stepped = change(steps, "application/json-patch+json")
    assert stepped["oauthConfiguration"]["authorizedRedirectURLs"] == ["https://b.example/cb"] and stepped["data"] == {"size": 1}
    # A user's password stays when a whole document without it is put.
    user = api.user()
    document = api.good("GET", f"/api/user/{user['id']}")["user"] | {"firstName": "Augusta"}
    api.good("PUT", f"/api/user/{user['id']}", {"user": document})
    assert api.login(user).status_code == 200
    assert api.good("GET", f"/api/user/{user['id']}")["user"]["firstName"] == "Augusta"


def test_where_a_sign_out_returns_to(api, server):
    callback, own, console = "https://app.example/cb", "https://app.example/bye", "https://app.example/home"
    app = api.application(oauthConfiguration={"authorizedRedirectURLs": [callback], "logoutURL": own})
    row = next(one for one in server.admin.list("/applications") if one["client_id"] == app["id"])
    server.admin.request("PATCH", f"/applications/{row['id']}", json={"post_logout_redirect_uris": [console]})

    def goes_to(**asked):
        answer = requests.get(api.base + "/oauth2/logout", params=asked, timeout=10, allow_redirects=False)
        assert answer.status_code == 302
        return answer.headers["location"]

    known = {"client_id": app["id"]}
    assert goes_to(**known) == own
    assert goes_to(**known, post_logout_redirect_uri=callback, state="s 1") == callback + "?state=s+1"
    assert goes_to(**known, post_logout_redirect_uri=console) == console, "registered with us, if not by the vendor's document"
    for foreign in ("https://evil.example/", console + "/", callback + "?x=1", "javascript:alert(1)"):
        assert goes_to(**known, post_logout_redirect_uri=foreign) == own, foreign
    assert goes_to(client_id="nobody", post_logout_redirect_uri=console) == "/"


def test_19_what_was_set_elsewhere_stays(own_api):
    """A change of an application, or of its tenant, touches what it names."""
    api = own_api
    admin = api.server.admin
    back, logout = "http://localhost:5001/callback", "http://localhost:5001/bye"
    application = api.application(oauthConfiguration={"logoutURL": logout})
    path = f"/applications/{application['id']}"
    read = lambda: admin.request("GET", path)  # noqa: E731
    assert sorted(read()["post_logout_redirect_uris"]) == sorted([back, logout])
    policy = read()["policy"] | {"code": {"enabled": False}, "passkey": {"enabled": False}}
    there = {"policy": policy, "home_uri": "http://localhost:5001/", "post_logout_redirect_uris": [back, logout, "http://localhost:5001/gone"]}
    admin.request("PATCH", path, json=there | {"second_factor": "required"})
    before = read()
    tenant = api.good("GET", "/api/tenant")["tenants"][0]
    change = {"emailConfiguration": {"verifyEmail": True, "unverified": {"behavior": "Gated"}}, "jwtConfiguration": {"timeToLiveInSeconds": 120}}
    api.good("PATCH", f"/api/tenant/{tenant['id']}", {"tenant": change})
    after = read()
    assert after["access_token_lifetime_seconds"] == 120 and after["policy"]["sign_up"]["verify_email"] == "during"
    for name in ("home_uri", "post_logout_redirect_uris", "second_factor"):
        assert after[name] == before[name], name
    assert (after["policy"]["code"], after["policy"]["passkey"]) == ({"enabled": False}, {"enabled": False})
    moved = {"logoutURL": "http://localhost:5001/farewell", "authorizedRedirectURLs": []}
    api.call("PATCH", f"/api/application/{application['id']}", {"application": {"oauthConfiguration": moved}}, expect=200,
             headers={"Content-Type": "application/merge-patch+json"})  # fmt: skip
    after = read()
    assert after["post_logout_redirect_uris"] == [moved["logoutURL"], "http://localhost:5001/gone"]
    assert (after["home_uri"], after["policy"]["code"]) == ("http://localhost:5001/", {"enabled": False})
    switched = {"application": {"webAuthnConfiguration": {"enabled": False}, "registrationConfiguration": {"enabled": True}}}
    api.good("PATCH", f"/api/application/{application['id']}", switched)
    assert read()["policy"]["sign_up"]["enabled"] is True


def test_19_a_relying_party_goes_when_that_is_said(own_api):
    api = own_api
    path = f"/api/tenant/{api.good('GET', '/api/tenant')['tenants'][0]['id']}"
    party = lambda: api.good("GET", path)["tenant"]["webAuthnConfiguration"].get("relyingPartyId")  # noqa: E731
    before = party()
    api.good("PATCH", path, {"tenant": {"webAuthnConfiguration": {"relyingPartyId": "localhost"}}})
    assert party() == "localhost"
    name = api.good("GET", path)["tenant"]["name"]
    api.good("PUT", path, {"tenant": {"name": name, "webAuthnConfiguration": {"enabled": True}}})
    assert party() == "localhost", "left out is not taken away"
    api.good("PATCH", path, {"tenant": {"webAuthnConfiguration": {"relyingPartyId": None}}})
    assert party() is None and before is None


def test_20_what_is_not_read_finds_nobody(api):
    user = api.user()
    for search in ({"query": json.dumps({"match": {"email": "nobody@example.com"}})}, {"query": "{}", "queryString": "*"}):
        assert errors(api.call("POST", "/api/user/search", {"search": search}, expect=400)) == {"search.query": ["[invalid]search.query"]}
    doomed = {"query": json.dumps({"match_all": {}}), "userIds": [user["id"]]}
    assert errors(api.call("DELETE", "/api/user/bulk", doomed, expect=400)) == {"query": ["[invalid]query"]}
    assert api.call("GET", f"/api/user/{user['id']}").status_code == 200


def test_20_what_clients_send_without_meaning_it(api):
    user = api.user()
    assert api.good("GET", f"/api/user/{user['id'].upper()}/")["user"]["id"] == user["id"]
    assert api.good("GET", f"/api/user/search?ids={user['id']}&ids={uuid.uuid4()}&offset=false")["total"] == 1
    assert api.call("POST", "/api/logout?global=undefined&refreshToken=undefined", expect=200).content == b""
    twice = requests.get(api.base + "//api/user/" + user["id"], headers={"Authorization": api.key, "Length": "3"}, timeout=10)
    assert twice.status_code == 200
    api.good("PUT", f"/api/user/{user['id']}?reactivate=true&x=null")
    more = {"user": {"firstName": "Ada", "aFieldOfTomorrow": {"a": 1}}, "eventInfo": {"ipAddress": "1.2.3.4"}, "another": 1}
    assert api.good("PATCH", f"/api/user/{user['id']}", more)["user"]["firstName"] == "Ada"
    for raw in ("", "{", "[]", "null", '"text"', "1"):
        answer = requests.post(api.base + "/api/user", data=raw, headers={"Authorization": api.key}, timeout=10)
        assert answer.status_code == 400 and (answer.json().get("fieldErrors") or answer.json().get("generalErrors")), raw
    assert errors(api.call("POST", "/api/user/not-an-id", {"user": {"email": "x@example.com"}}, expect=400)) == {"userId": ["[couldNotConvert]userId"]}
    assert api.call("GET", "/api/user/00000000").status_code == 404
    for path, status in (("/api/nowhere", 404), ("/api/system/version", 405)):
        answer = api.call("PATCH", path)
        assert answer.status_code == status and answer.json()["generalErrors"], path


# --- 21: webhooks -----------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def receiver():
    listening = Webhook()
    yield listening
    listening.stop()


def until(condition, within=15):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def enable(api, events, transaction="None"):
    tenant = api.good("GET", "/api/tenant")["tenants"][0]
    wanted = {name: {"enabled": True, "transactionType": transaction} for name in events}
    api.good("PATCH", f"/api/tenant/{tenant['id']}", {"tenant": {"eventConfiguration": {"events": wanted}}})


def test_21_webhooks_are_told_signed_and_again(own_api, receiver):
    api = own_api
    pair, secret = str(uuid.uuid4()), str(uuid.uuid4())
    rsa = api.good("POST", f"/api/key/generate/{pair}", {"key": {"algorithm": "RS256", "length": 2048, "name": "Webhooks"}})["key"]
    shared = "a secret that both sides know, long enough"
    api.good("POST", f"/api/key/import/{secret}", {"key": {"algorithm": "HS256", "name": "Shared", "secret": shared}})
    events = ["user.create", "user.create.complete", "user.login.success", "jwt.refresh-token.revoke"]
    enable(api, events)
    hook = {"url": receiver.url, "global": True, "eventsEnabled": {name: True for name in events}, "headers": {"X-Extra": "yes"},
            "httpAuthenticationUsername": "u", "httpAuthenticationPassword": "p",
            "signatureConfiguration": {"enabled": True, "signingKeyId": pair}}  # fmt: skip
    made = api.good("POST", "/api/webhook", {"webhook": hook})["webhook"]
    application = api.application(loginConfiguration={"generateRefreshTokens": True})
    user = api.user(application)
    until(lambda: receiver.of("user.create") and receiver.of("user.create.complete"))
    message = receiver.of("user.create")[0]
    assert message["event"]["user"]["email"] == user["email"] and message["event"]["tenantId"] == user["tenantId"]
    sent = {name.lower(): value for name, value in message["headers"].items()}
    assert sent["x-extra"] == "yes" and sent["authorization"] == "Basic " + base64.b64encode(b"u:p").decode()
    digest = base64.b64encode(hashlib.sha256(message["body"]).digest()).decode()
    published = jwt.PyJWKClient(api.base + "/.well-known/jwks.json").get_signing_key_from_jwt(sent["x-fusionauth-signature-jwt"])
    assert published.key_id == rsa["kid"]
    told = jwt.decode(sent["x-fusionauth-signature-jwt"], published.key, algorithms=["RS256"])
    assert told == {"request_body_sha256": digest}

    api.good("PATCH", f"/api/webhook/{made['id']}", {"webhook": {"signatureConfiguration": {"signingKeyId": secret}}})
    tokens = api.login(user, application, expect=200).json()
    until(lambda: receiver.of("user.login.success"))
    message = receiver.of("user.login.success")[0]
    sent = {name.lower(): value for name, value in message["headers"].items()}
    digest = base64.b64encode(hashlib.sha256(message["body"]).digest()).decode()
    told = jwt.decode(sent["x-fusionauth-signature-jwt"], shared, algorithms=["HS256"])
    assert told == {"request_body_sha256": digest}

    # A receiver that is away is told later.
    receiver.status = 500
    api.good("DELETE", f"/api/jwt/refresh/{tokens['refreshTokenId']}")
    until(lambda: receiver.of("jwt.refresh-token.revoke"))
    receiver.status = 200
    until(lambda: len(receiver.of("jwt.refresh-token.revoke")) > 1, within=30)
    first, second = receiver.of("jwt.refresh-token.revoke")[:2]
    assert first["event"]["id"] == second["event"]["id"] and first["event"]["applicationTimeToLiveInSeconds"][application["id"]] == 3600
    assert api.call("DELETE", f"/api/key/{secret}").status_code == 400, "a key in use stays"


def test_21_a_webhook_may_object(own_api, receiver):
    api = own_api
    enable(api, ["user.create", "user.create.complete"], "AbsoluteMajority")
    hook = {"url": receiver.url, "global": True, "eventsEnabled": {"user.create": True, "user.create.complete": True}}
    api.good("POST", "/api/webhook", {"webhook": hook})
    receiver.status = 403
    refused = {"user": {"email": "refused@example.com", "password": PASSWORD}}
    answer = api.call("POST", "/api/user", refused)
    assert answer.status_code == 504 and answer.json()["generalErrors"]
    assert api.call("GET", "/api/user?email=refused@example.com").status_code == 404
    receiver.status = 200
    api.good("POST", "/api/user", refused)
    until(lambda: receiver.of("user.create.complete"))
    # Asked once, and not told again afterwards.
    assert [m["event"]["user"]["email"] for m in receiver.of("user.create")] == ["refused@example.com"] * 2


def test_21_what_nobody_is_asked_about_is_told(own_api, receiver):
    """A kind of transaction is for events that may be refused; others are told whatever it says."""
    api = own_api
    enable(api, ["user.deactivate", "user.reactivate"], "AbsoluteMajority")
    hook = {"url": receiver.url, "global": True, "eventsEnabled": {"user.deactivate": True, "user.reactivate": True}}
    api.good("POST", "/api/webhook", {"webhook": hook})
    user = api.user()
    api.good("DELETE", f"/api/user/{user['id']}")
    api.good("PUT", f"/api/user/{user['id']}?reactivate=true")
    until(lambda: receiver.of("user.reactivate"))
    assert receiver.of("user.reactivate")[0]["event"]["user"]["id"] == user["id"]
    assert len(receiver.of("user.deactivate")) == 1, "asked, and told before the other if it were told"


# --- 22: keys ---------------------------------------------------------------------------------------------------------------------------


def test_22_public_keys_of_every_kind(api):
    kinds = {"RS256": {"length": 2048}, "RS384": {"length": 3072}, "ES256": {}, "ES384": {}, "Ed25519": {}}
    user, seen = api.user(), {}
    for algorithm, more in kinds.items():
        key = api.good("POST", "/api/key/generate", {"key": {"algorithm": algorithm, "name": f"{algorithm} {uuid.uuid4()}"} | more})["key"]
        assert "privateKey" not in key and key["publicKey"].startswith("-----BEGIN PUBLIC KEY-----")
        application = api.application(jwtConfiguration={"enabled": True, "accessTokenKeyId": key["id"], "idTokenKeyId": key["id"]})
        api.good("POST", f"/api/user/registration/{user['id']}", {"registration": {"applicationId": application["id"]}})
        token = api.login(user, application, expect=200).json()["token"]
        name = "EdDSA" if algorithm == "Ed25519" else algorithm
        assert jwt.get_unverified_header(token)["kid"] == key["kid"]
        by_jwks = jwt.PyJWKClient(api.base + "/.well-known/jwks.json").get_signing_key_from_jwt(token)
        jwt.decode(token, by_jwks.key, algorithms=[name], audience=application["id"])
        anyone = api.with_key(None)
        pem = anyone.good("GET", f"/api/jwt/public-key?kid={key['kid']}")["publicKey"]
        jwt.decode(token, pem, algorithms=[name], audience=application["id"])
        assert anyone.good("GET", f"/api/jwt/public-key?applicationId={application['id']}")["publicKey"] == pem == key["publicKey"]
        seen[key["kid"]] = (token, name, application)
    # A rotation: another key signs, and what the old one signed still verifies.
    kid, (token, name, application) = next(iter(seen.items()))
    new = api.good("POST", "/api/key/generate", {"key": {"algorithm": "RS256", "length": 2048, "name": f"Next {uuid.uuid4()}"}})["key"]
    patch = {"application": {"jwtConfiguration": {"accessTokenKeyId": new["id"], "idTokenKeyId": new["id"]}}}
    api.good("PATCH", f"/api/application/{application['id']}", patch)
    fresh = api.login(user, application, expect=200).json()["token"]
    assert jwt.get_unverified_header(fresh)["kid"] == new["kid"] != kid
    for one in (token, fresh):
        assert api.with_key(f"Bearer {one}").call("GET", "/api/jwt/validate").status_code == 200
    assert set(api.with_key(None).good("GET", "/api/jwt/public-key")["publicKeys"]) >= set(seen) | {new["kid"]}
    used = api.call("DELETE", f"/api/key/{new['id']}")
    assert used.status_code == 400
    assert api.call("POST", "/api/key/generate", {"key": {"algorithm": "RS256", "name": "x"}}).status_code == 400
    renamed = api.good("PUT", f"/api/key/{new['id']}", {"key": {"name": "Renamed"}})["key"]
    assert renamed["name"] == "Renamed" and renamed["kid"] == new["kid"]


# --- 23: groups ---------------------------------------------------------------------------------------------------------------------------


def test_23_a_group_gives_roles_while_one_is_in_it(api):
    application = api.application(roles=[{"name": "reader"}, {"name": "writer"}])
    roles = {role["name"]: role["id"] for role in application["roles"]}
    user = api.user(application, roles=["reader"])
    group = api.good("POST", "/api/group", {"group": {"name": f"Writers {uuid.uuid4()}", "data": {"k": 1}}, "roleIds": [roles["writer"]]})["group"]
    assert [r["name"] for r in group["roles"][application["id"]]] == ["writer"] and group["data"] == {"k": 1}

    def told():
        return sorted(claims(api.login(user, application, expect=200).json()["token"])["roles"])

    assert told() == ["reader"]
    body = {"members": {group["id"]: [{"userId": user["id"]}]}}
    member = api.good("POST", "/api/group/member", body)["members"][group["id"]][0]
    assert member["userId"] == user["id"] and told() == ["reader", "writer"]
    found = api.good("POST", "/api/group/member/search", {"search": {"groupId": group["id"]}})
    assert found["total"] == 1 and found["members"][0]["id"] == member["id"]
    assert api.good("GET", f"/api/user/{user['id']}")["user"]["memberships"][0]["groupId"] == group["id"]
    api.good("DELETE", "/api/group/member", {"memberIds": [member["id"]]})
    assert told() == ["reader"]
    other = api.user(application)
    api.good("PUT", "/api/group/member", body)
    api.good("PUT", "/api/group/member", {"members": {group["id"]: [{"userId": other["id"]}]}})
    assert told() == ["reader"] and "writer" in claims(api.login(other, application).json()["token"])["roles"]
    unknown = {"registration": {"applicationId": application["id"], "roles": ["king"]}}
    assert "registration.roles" in errors(api.call("POST", f"/api/user/registration/{api.user()['id']}", unknown, expect=400))
    assert errors(api.call("POST", f"/api/user/registration/{user['id']}", {"registration": {"applicationId": application["id"]}}, expect=400)) == {
        "registration.applicationId": ["[duplicate]registration.applicationId"]
    }
    api.good("DELETE", f"/api/group/{group['id']}")
    assert api.call("GET", f"/api/group/{group['id']}").status_code == 404


# --- the rest of the nouns, in short -----------------------------------------------------------------------------------------------------


def test_objects_come_back_as_they_were_given(api):
    application = api.application(data={"a": [1, {"b": None}]}, unknownField={"kept": True})
    got = api.good("GET", f"/api/application/{application['id']}")["application"]
    assert got == application and got["unknownField"] == {"kept": True}
    again = api.good("PUT", f"/api/application/{application['id']}", {"application": got})["application"]
    drop = lambda d: {k: v for k, v in d.items() if k != "lastUpdateInstant"}  # noqa: E731
    assert drop(again) == drop(got)
    shown = api.good("GET", f"/api/application/{application['id']}/oauth-configuration")
    assert shown["oauthConfiguration"]["clientSecret"] == application["oauthConfiguration"]["clientSecret"]
    hidden = api.with_key(None).good("GET", f"/api/application/{application['id']}/oauth-configuration")
    assert "clientSecret" not in hidden["oauthConfiguration"]
    api.good("DELETE", f"/api/application/{application['id']}")
    assert application["id"] in [a["id"] for a in api.good("GET", "/api/application?inactive=true")["applications"]]
    api.good("PUT", f"/api/application/{application['id']}?reactivate=true")
    role = api.good("POST", f"/api/application/{application['id']}/role", {"role": {"name": "r", "isSuperRole": True}})["role"]
    assert role["isSuperRole"] is True
    changed = api.good("PATCH", f"/api/application/{application['id']}/role/{role['id']}", {"role": {"description": "d"}})["role"]
    assert changed["description"] == "d" and changed["name"] == "r" and changed["isSuperRole"] is True
    api.good("DELETE", f"/api/application/{application['id']}/role/{role['id']}")
    api.good("DELETE", f"/api/application/{application['id']}?hardDelete=true")
    assert api.call("GET", f"/api/application/{application['id']}").status_code == 404


def test_people_are_never_shown_with_their_secrets(api):
    user = api.user(data={"plan": "gold"}, mobilePhone="555", preferredLanguages=["de", "en"], birthDate="1815-12-10", imageUrl="https://x.example/a.png")
    got = api.good("GET", f"/api/user/{user['id']}")["user"]
    for secret in ("password", "salt", "factor", "encryptionScheme"):
        assert secret not in got
    assert got["data"] == {"plan": "gold"} and got["preferredLanguages"] == ["de", "en"] and got["birthDate"] == "1815-12-10"
    assert got["imageUrl"] == "https://x.example/a.png" and got["mobilePhone"] == "555"
    assert api.call("GET", f"/api/user?loginId={user['email']}&loginIdTypes=username").status_code == 404
    assert api.good("GET", f"/api/user?loginId={user['email'].upper()}")["user"]["id"] == user["id"]
    bad = {"user": {"email": "no address", "password": "short"}}
    assert set(errors(api.call("POST", "/api/user", bad, expect=400))) == {"user.email", "user.password"}
    taken = {"user": {"email": user["email"], "password": PASSWORD}}
    assert errors(api.call("POST", "/api/user", taken, expect=400)) == {"user.email": ["[duplicate]user.email"]}
    found = api.good("POST", "/api/user/search", {"search": {"queryString": f"email:{user['email']} AND data.plan:gold"}})
    assert [u["id"] for u in found["users"]] == [user["id"]]
    others = [api.user()["id"] for _ in range(2)]
    dry = api.good("DELETE", "/api/user/bulk?dryRun=true&hardDelete=true&" + "&".join(f"userId={o}" for o in others))
    assert dry["total"] == 2 and api.call("GET", f"/api/user/{others[0]}").status_code == 200
    api.good("DELETE", "/api/user/bulk", {"userIds": others, "hardDelete": True})
    assert api.call("GET", f"/api/user/{others[0]}").status_code == 404
