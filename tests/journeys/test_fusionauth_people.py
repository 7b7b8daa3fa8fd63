"""People by the vendor's API: how they are brought in, prove who they are and stay signed in. Journeys that need no page."""

import base64
import hashlib
import re
import time
import urllib.parse
import uuid

import requests

from fusionauth_rig import PASSWORD, Api, Passkey, claims, errors, totp
from pages import Hosted

# --- 9: the statuses of the login API ------------------------------------------------------------------------------------------


def test_9_each_outcome_of_a_login_has_its_status(own_api):
    api = own_api
    application = api.application(roles=[{"name": "user", "isDefault": True}])
    member, stranger = api.user(application), api.user()
    answer = api.login(member, application, expect=200).json()
    assert answer["user"]["id"] == member["id"] and claims(answer["token"])["roles"] == ["user"]
    assert "refreshToken" not in answer, "the application does not give any"
    told = claims(api.login(stranger, application, expect=202).json()["token"])
    assert "applicationId" not in told and "roles" not in told
    assert "applicationId" not in claims(api.login(member, expect=200).json()["token"])

    must_change = api.user(application, passwordChangeRequired=True)
    told = api.login(must_change, application, expect=203).json()
    assert told["changePasswordReason"] == "Administrative" and told["changePasswordId"]

    assert api.login(member, application, password="wrong").status_code == 404
    assert api.login({"email": "nobody@example.com"}, application).status_code == 404
    over = api.user(application, expiry=1_000)
    assert api.login(over, application).status_code == 410
    gone = api.user(application)
    api.good("DELETE", f"/api/user/{gone['id']}")
    assert api.login(gone, application).status_code == 404
    api.good("PUT", f"/api/user/{gone['id']}?reactivate=true")
    assert api.login(gone, application).status_code == 200

    locked = api.user(application)
    statuses = [api.login(locked, application, password="wrong").status_code for _ in range(6)]
    assert statuses == [404] * 5 + [423]
    assert api.login(locked, application).status_code == 423, "the right password does not help either"

    assert errors(api.call("POST", "/api/login", {})) == {"loginId": ["[blank]loginId"], "password": ["[blank]password"]}
    assert api.with_key(None).login(member, application).status_code == 401
    assert api.with_key("no such key").login(member, application).status_code == 401


def test_9_an_action_in_force_prevents_a_login(own_api):
    api = own_api
    application = api.application(loginConfiguration={"generateRefreshTokens": True})
    moderator, victim = api.user(), api.user(application, preferredLanguages=["de"])
    tokens = api.login(victim, application, expect=200).json()
    ban = {"name": "Ban", "temporal": True, "preventLogin": True, "localizedNames": {"de": "Sperre"}, "options": [{"name": "Silent"}]}
    ban = api.good("POST", "/api/user-action", {"userAction": ban})["userAction"]
    note = api.good("POST", "/api/user-action", {"userAction": {"name": "Note"}})["userAction"]
    spam = api.good("POST", "/api/user-action-reason", {"userActionReason": {"code": "SPAM", "text": "Spam"}})["userActionReason"]
    people = {"actioneeUserId": victim["id"], "actionerUserId": moderator["id"]}
    now = int(api.server.clock.now() * 1000)

    def act(expect=200, **more):
        return api.call("POST", "/api/user/action", {"action": people | {"userActionId": ban["id"]} | more}, expect=expect)

    assert errors(api.call("POST", "/api/user/action", {"action": {}}, expect=400)) == {
        f"action.{name}": [f"[missing]action.{name}"] for name in ("actioneeUserId", "actionerUserId", "userActionId")
    }
    assert errors(act(400)) == {"action.expiry": ["[missing]action.expiry"]}
    assert errors(act(400, expiry=now - 1000)) == {"action.expiry": ["[invalid]action.expiry"]}
    assert errors(act(400, expiry=now + 60_000, option="Loud")) == {"action.option": ["[invalid]action.option"]}
    assert errors(act(400, expiry=now + 60_000, userActionId=str(uuid.uuid4()))) == {"action.userActionId": ["[doesNotExist]action.userActionId"]}
    assert errors(act(400, expiry=now + 60_000, actioneeUserId=str(uuid.uuid4()))) == {"action.actioneeUserId": ["[doesNotExist]action.actioneeUserId"]}
    assert act(userActionId=note["id"]).json()["action"]["name"] == "Note"
    assert api.login(victim, application).status_code == 200, "a note keeps nobody out"

    taken = act(expiry=now + 600_000, option="Silent", reasonId=spam["id"], comment="again").json()["action"]
    told = api.login(victim, application, expect=409).json()["actions"]
    assert told == [
        {"actionId": taken["id"], "actionerUserId": moderator["id"], "expiry": now + 600_000, "name": "Ban", "localizedName": "Sperre",
         "option": "Silent", "localizedOption": "Silent", "reason": "Spam", "reasonCode": "SPAM", "localizedReason": "Spam"}
    ]  # fmt: skip
    assert api.login(victim, application, password="wrong").status_code == 404, "who does not know the password learns nothing"
    anyone = api.with_key(None)
    assert anyone.call("POST", "/api/jwt/refresh", {"refreshToken": tokens["refreshToken"]}).status_code == 400
    assert api.with_key(f"Bearer {tokens['token']}").call("GET", "/api/jwt/validate").status_code == 401
    form = {"grant_type": "password", "username": victim["email"], "password": PASSWORD, "client_id": application["id"],
            "client_secret": application["oauthConfiguration"]["clientSecret"]}  # fmt: skip
    assert requests.post(api.base + "/oauth2/token", data=form, timeout=10).json()["error_reason"] == "login_prevented"
    assert [a["id"] for a in api.good("GET", f"/api/user/action?userId={victim['id']}&preventingLogin=true")["actions"]] == [taken["id"]]
    assert api.good("GET", f"/api/user/action?userId={victim['id']}&active=false")["actions"] == []
    # Longer, then over by itself.
    longer = api.good("PUT", f"/api/user/action/{taken['id']}", {"action": {"expiry": now + 900_000, "comment": "still"}})["action"]
    assert longer["expiry"] == now + 900_000 and longer["history"]["historyItems"][0]["comment"] == "again"
    api.server.clock.advance(700)
    assert api.login(victim, application).status_code == 409
    api.server.clock.advance(300)
    assert api.login(victim, application).status_code == 200
    assert api.call("DELETE", f"/api/user/action/{taken['id']}").status_code == 400, "over already"
    # Or cancelled.
    again = act(expiry=now + 9_000_000).json()["action"]
    assert api.login(victim, application).status_code == 409
    api.good("DELETE", f"/api/user/action/{again['id']}", {"action": {"actionerUserId": moderator["id"]}})
    assert api.login(victim, application).status_code == 200
    assert [a["id"] for a in api.good("GET", f"/api/user/action?userId={victim['id']}&active=true")["actions"]] == []
    # A definition that sleeps cannot be taken; nor can anything from another tenant.
    api.good("DELETE", f"/api/user-action/{ban['id']}")
    assert errors(act(400, expiry=now + 9_000_000)) == {"action.userActionId": ["[doesNotExist]action.userActionId"]}
    assert ban["id"] in [a["id"] for a in api.good("GET", "/api/user-action?inactive=true")["userActions"]]
    api.good("PUT", f"/api/user-action/{ban['id']}?reactivate=true")
    assert act(expiry=now + 9_000_000).status_code == 200
    other = api.good("POST", "/api/tenant", {"tenant": {"name": "Elsewhere"}})["tenant"]
    stranger = Api(api.server, tenant=other["id"])
    assert stranger.call("GET", f"/api/user/action/{taken['id']}").status_code == 404
    assert stranger.call("DELETE", f"/api/user/action/{taken['id']}").status_code == 404
    types = [event["type"] for event in api.server.admin.events()]
    assert {"user.sanctioned", "sanction.changed", "sanction.lifted"} <= set(types)


def test_9_an_address_or_a_registration_that_is_not_proven_is_told(own_api):
    api = own_api
    tenant = api.good("GET", "/api/tenant")["tenants"][0]
    application = api.application()
    api.good("PATCH", f"/api/tenant/{tenant['id']}", {"tenant": {"emailConfiguration": {"verifyEmail": True}}})
    user = api.user(application)
    told = api.login(user, application, expect=212).json()
    api.with_key(None).good("POST", "/api/user/verify-email", {"verificationId": told["emailVerificationId"]})
    assert api.login(user, application).status_code == 200
    template = api.good("POST", "/api/email/template", {"emailTemplate": {"name": "Verify", "defaultSubject": "x"}})["emailTemplate"]
    change = {"application": {"verifyRegistration": True, "verificationEmailTemplateId": template["id"]}}
    api.good("PATCH", f"/api/application/{application['id']}", change)
    registration = {"registration": {"applicationId": application["id"], "verified": False}}
    api.good("PATCH", f"/api/user/registration/{user['id']}", registration)
    told = api.login(user, application, expect=213).json()
    body = {"verificationId": told["registrationVerificationId"]}
    api.with_key(None).good("POST", "/api/user/verify-registration", body)
    assert api.login(user, application).status_code == 200
    assert api.with_key(None).call("POST", "/api/user/verify-registration", body).status_code == 404


# --- 10: import ------------------------------------------------------------------------------------------------------------------

SALT = base64.b64encode(b"0123456789abcdef").decode()
HASHES = [
    ("salted-pbkdf2-hmac-sha256", 24_000, SALT, "Yq30033Xwp24jsd8Q2HUY4FuDIPEBT2giMEoOWViMhk="),
    (
        "salted-pbkdf2-hmac-sha512-512", 24_000, SALT,
        "qsIZai6WGZVEouDfI+xwrCw+cPLFV1z4epjoiIX5QxnXrWzhgxiyb3DmNvvYYv97oQpN0g7Q+3Cxp0R3g3F5ug==",
    ),
    ("salted-hmac-sha256", None, SALT, "WLupRfi6ByUhCDR1pvDTlSlMIsCRngByQAoS951+X1A="),
    ("salted-sha256", 20_000, SALT, "fU84GxYOFWnfFZ96Tft5+wpA+klsHQyv1jcgP6YugJ8="),
    ("salted-md5", 20_000, SALT, "hQdBMDzASVapy+BIH+0rLA=="),
    ("salted-pbkdf2-hmac-sha256-512", 1_000, SALT, base64.b64encode(hashlib.pbkdf2_hmac("sha256", b"password", b"0123456789abcdef", 1_000, 64)).decode()),
]  # fmt: skip


def phpass(name, rounds, salt):
    digest = hashlib.new(name, salt + b"password").digest()
    for _ in range(rounds):
        digest = hashlib.new(name, digest + b"password").digest()
    return digest


def test_10_imported_people_sign_in_with_every_scheme(api):
    schemes = HASHES + [
        ("phpass-md5", 8_192, "abcdefgh", base64.b64encode(phpass("md5", 8_192, b"abcdefgh")).decode()),
        ("phpass-sha512", 8_192, "abcdefgh", base64.b64encode(phpass("sha512", 8_192, b"abcdefgh")).decode()[:43]),
    ]
    people = []
    for scheme, factor, salt, stored in schemes:
        one = {"email": f"{uuid.uuid4().hex}@example.com", "active": True, "encryptionScheme": scheme, "salt": salt, "password": stored}
        people.append(one | ({"factor": str(factor)} if factor else {}))
    people.append({"email": f"{uuid.uuid4().hex}@example.com", "active": True, "password": "password"})
    sleeping = {"email": f"{uuid.uuid4().hex}@example.com", "password": "password"}
    assert api.call("POST", "/api/user/import", {"users": people + [sleeping]}, expect=200).content == b""
    for one in people:
        for _ in ("the foreign hash", "our own"):
            assert api.login(one, password="password").status_code == 200, one
        assert api.login(one, password="passwort").status_code == 404, one
    assert api.login(sleeping, password="password").status_code == 404, "nobody is active unless it is said"
    renewed = api.server.admin.events(type="password.hash_renewed")
    assert len(renewed) >= len(schemes)
    # All or none.
    fresh = {"email": f"{uuid.uuid4().hex}@example.com", "active": True, "password": "password"}
    refused = api.call("POST", "/api/user/import", {"users": [fresh, people[0]]}, expect=400)
    assert errors(refused) == {"users[1].email": ["[duplicate]users[1].email"]}
    assert api.login(fresh, password="password").status_code == 404


def test_10_ten_thousand_people(own_api):
    _, factor, salt, stored = HASHES[0]
    people = [
        {"email": f"person{n}@example.com", "username": f"person{n}", "active": True, "firstName": "P", "lastName": str(n),
         "encryptionScheme": HASHES[0][0], "factor": factor, "salt": salt, "password": stored, "data": {"n": n}}
        for n in range(10_000)
    ]  # fmt: skip
    began = time.monotonic()
    own_api.good("POST", "/api/user/import", {"users": people})
    rate = 10_000 / (time.monotonic() - began)
    print(f"\n{rate:.0f} users a second")
    assert rate > 200
    found = own_api.good("POST", "/api/user/search", {"search": {"queryString": "person9999@example.com"}})
    assert found["total"] == 1 and found["users"][0]["username"] == "person9999"
    everybody = own_api.good("POST", "/api/user/search", {"search": {"queryString": "*", "numberOfResults": 10, "startRow": 5}})
    assert everybody["total"] >= 10_000 and len(everybody["users"]) == 10
    assert own_api.login(people[4711], password="password").status_code == 200


def test_10_whoever_may_not_sign_in_there_may_not_here(api):
    application = api.application()
    registrations = [{"applicationId": application["id"]}]
    now = int(api.server.clock.now() * 1000)

    def row(**more):
        email = f"moved-{uuid.uuid4().hex[:12]}@example.com"
        return {"email": email, "password": PASSWORD, "active": True, "registrations": registrations} | more

    good, over, later = row(), row(expiry=now - 1000), row(expiry=now + 3_600_000)
    due = row(passwordChangeRequired=True, passwordChangeReason="Breached")
    api.good("POST", "/api/user/import", {"users": [good, over, later, due]})
    assert api.login(good, application).status_code == api.login(later, application).status_code == 200
    assert api.login(over, application).status_code == 410
    assert api.login(due, application, expect=203).json()["changePasswordReason"] == "Breached"


# --- 11, 12: passwords and addresses ---------------------------------------------------------------------------------------------


def test_11_a_forgotten_password_is_set_once(api):
    application = api.application()
    user = api.user(application)
    id = api.good("POST", "/api/user/forgot-password", {"loginId": user["email"], "state": {"back": "here"}})["changePasswordId"]
    anyone = api.with_key(None)
    assert anyone.call("GET", f"/api/user/change-password/{id}").status_code == 200
    weak = anyone.call("POST", f"/api/user/change-password/{id}", {"password": "short"}, expect=400)
    assert errors(weak) == {"password": ["[tooShort]password"]}
    changed = anyone.good("POST", f"/api/user/change-password/{id}", {"password": "another password"})
    assert changed["state"] == {"back": "here"}
    assert anyone.call("POST", f"/api/user/change-password/{id}", {"password": "yet another one"}).status_code == 404
    once = {"oneTimePassword": changed["oneTimePassword"], "applicationId": application["id"]}
    token = api.good("POST", "/api/login", once)["token"]
    assert claims(token)["authenticationType"] == "ONE_TIME_PASSWORD"
    assert api.call("POST", "/api/login", once).status_code == 404
    assert api.login(user, application).status_code == 404
    assert api.login(user, application, password="another password").status_code == 200
    # Whoever has no key learns nothing.
    for email in (user["email"], "nobody@example.com"):
        answer = anyone.call("POST", "/api/user/forgot-password", {"loginId": email}, expect=200)
        assert answer.content == b""
    assert api.call("POST", "/api/user/forgot-password", {"loginId": "nobody@example.com"}).status_code == 404
    # By the old password.
    wrong = {"loginId": user["email"], "password": "a third password", "currentPassword": "not it"}
    assert errors(api.call("POST", "/api/user/change-password", wrong, expect=400)) == {"currentPassword": ["[invalid]currentPassword"]}
    assert anyone.call("POST", "/api/user/change-password", wrong).status_code == 401
    api.good("POST", "/api/user/change-password", wrong | {"currentPassword": "another password"})
    assert api.login(user, application, password="a third password").status_code == 200


def test_12_an_address_is_proven_by_link_and_by_code(own_api):
    api, anyone = own_api, own_api.with_key(None)
    tenant = api.good("GET", "/api/tenant")["tenants"][0]
    change = lambda **fields: api.good("PATCH", f"/api/tenant/{tenant['id']}", {"tenant": {"emailConfiguration": fields}})  # noqa: E731
    change(verifyEmail=True)
    user = api.user()
    assert user["verified"] is False
    id = api.good("PUT", f"/api/user/verify-email?email={user['email']}&sendVerifyEmail=false")["verificationId"]
    assert api.good("GET", f"/api/user?verificationId={id}")["user"]["id"] == user["id"]
    anyone.good("POST", f"/api/user/verify-email/{id}")
    assert api.good("GET", f"/api/user/{user['id']}")["user"]["verified"] is True
    assert anyone.call("POST", "/api/user/verify-email", {"verificationId": id}).status_code == 404

    change(verificationStrategy="FormField")
    other = api.user()
    begun = api.good("PUT", f"/api/user/verify-email?email={other['email']}")
    wrong = {"verificationId": begun["verificationId"], "oneTimeCode": "AAAAAA"}
    assert errors(anyone.call("POST", "/api/user/verify-email", wrong, expect=400)) == {"oneTimeCode": ["[invalid]oneTimeCode"]}
    anyone.good("POST", "/api/user/verify-email", wrong | {"oneTimeCode": begun["oneTimeCode"]})
    assert api.good("GET", f"/api/user/{other['id']}")["user"]["verified"] is True
    third = api.user()
    api.good("POST", "/api/user/verify-email", {"userId": third["id"]})
    assert api.good("GET", f"/api/user/{third['id']}")["user"]["verified"] is True
    # Guesses end.
    fourth = api.good("PUT", f"/api/user/verify-email?email={api.user()['email']}")
    for _ in range(5):
        anyone.call("POST", "/api/user/verify-email", {"verificationId": fourth["verificationId"], "oneTimeCode": "AAAAAA"})
    dead = {"verificationId": fourth["verificationId"], "oneTimeCode": fourth["oneTimeCode"]}
    assert anyone.call("POST", "/api/user/verify-email", dead).status_code == 404


def test_12_whoever_gets_an_address_is_asked_to_prove_it(own_api):
    """By every call that writes one, where the tenant wants proof."""
    api, anyone, mailbox = own_api, own_api.with_key(None), own_api.server.mailbox
    tenant = api.good("GET", "/api/tenant")["tenants"][0]
    settings = {"verifyEmail": True, "verifyEmailWhenChanged": True}
    api.good("PATCH", f"/api/tenant/{tenant['id']}", {"tenant": {"emailConfiguration": settings}})
    user = api.user(api.application())
    mailbox.newest(user["email"], None)
    moved = f"moved-{uuid.uuid4().hex[:12]}@example.com"
    for verb, body in (("PATCH", {"email": moved}), ("PUT", {"email": "second-" + moved, "firstName": "Ada"})):
        answer = api.good(verb, f"/api/user/{user['id']}", {"user": body})
        assert answer["user"]["verified"] is False
        mailbox.newest(body["email"], None)
        anyone.good("POST", f"/api/user/verify-email/{answer['emailVerificationId']}")
        assert api.good("GET", f"/api/user/{user['id']}")["user"]["verified"] is True
    assert "emailVerificationId" not in api.good("PATCH", f"/api/user/{user['id']}", {"user": {"firstName": "Augusta"}})


def test_11_a_tenant_says_what_a_password_must_have(own_api, person):
    api = own_api
    path = f"/api/tenant/{api.good('GET', '/api/tenant')['tenants'][0]['id']}"
    rules = {"requireNumber": True, "requireMixedCase": True, "requireNonAlpha": True}
    api.good("PATCH", path, {"tenant": {"passwordValidationRules": rules}})
    assert api.good("GET", path)["tenant"]["passwordValidationRules"].items() >= rules.items()
    assert api.with_key(None).good("GET", "/api/tenant/password-validation-rules")["passwordValidationRules"]["requireNumber"] is True
    stored = api.server.admin.default_tenant()["policy"]["password"]
    assert stored["require_number"] and stored["require_mixed_case"] and stored["require_symbol"]

    def refused(password):
        body = {"user": {"email": f"new-{uuid.uuid4().hex[:12]}@example.com", "password": password}}
        answer = api.call("POST", "/api/user", body)
        return None if answer.status_code == 200 else errors(answer)["user.password"]

    assert refused("Correct horse battery") == ["[requireNumber]user.password"]
    assert refused("correct horse 77") == ["[singleCase]user.password"]
    assert refused("CorrectHorse77") == ["[onlyAlpha]user.password"]
    assert refused("Correct horse 77") is None
    # The page behind a mailed link says it in words.
    user = api.user(password="Correct horse 77")
    id = api.good("POST", "/api/user/forgot-password", {"loginId": user["email"], "sendForgotPasswordEmail": False})["changePasswordId"]
    someone = person()
    someone.page.goto(f"{api.base}/password/change/{id}")
    hosted = Hosted(someone, api.server)
    hosted.fill("#password", "Correct horse battery staple")
    hosted.continue_()
    assert hosted.sees("#error").get_attribute("data-problem") == "password-needs-number"
    for unenforced in ({"disallowUserLoginId": True}, {"rememberPreviousPasswords": {"enabled": True}}):
        [field] = errors(api.call("PATCH", path, {"tenant": {"passwordValidationRules": unenforced}}, expect=400))
        assert field.startswith("tenant.passwordValidationRules." + next(iter(unenforced)))
    api.good("PATCH", path, {"tenant": {"passwordValidationRules": {"requireNumber": False}}})
    assert refused("Correct horse battery") is None


# --- 13: refresh tokens ------------------------------------------------------------------------------------------------------------


def test_13_the_life_of_a_refresh_token(own_api):
    api, anyone = own_api, own_api.with_key(None)
    application = api.application(
        loginConfiguration={"generateRefreshTokens": True},
        jwtConfiguration={"enabled": True, "refreshTokenUsagePolicy": "OneTimeUse", "timeToLiveInSeconds": 600,
                          "refreshTokenTimeToLiveInMinutes": 60},
    )  # fmt: skip
    user = api.user(application)
    first = api.login(user, application, expect=200).json()
    second = anyone.good("POST", "/api/jwt/refresh", {"refreshToken": first["refreshToken"]})
    assert second["refreshToken"] != first["refreshToken"] and second["refreshTokenId"] == first["refreshTokenId"]
    assert claims(second["token"])["authenticationType"] == "REFRESH_TOKEN"
    # By the token endpoint too.
    form = {"grant_type": "refresh_token", "refresh_token": second["refreshToken"], "client_id": application["id"],
            "client_secret": application["oauthConfiguration"]["clientSecret"]}  # fmt: skip
    third = requests.post(api.base + "/oauth2/token", data=form, timeout=10).json()
    assert third["refresh_token_id"] == first["refreshTokenId"] and third["userId"] == user["id"]
    # Reuse ends the chain.
    api.server.clock.advance(2)
    assert errors(anyone.call("POST", "/api/jwt/refresh", {"refreshToken": first["refreshToken"]}, expect=400)) == {
        "refreshToken": ["[invalid]refreshToken"]
    }
    assert anyone.call("POST", "/api/jwt/refresh", {"refreshToken": third["refresh_token"]}).status_code == 400
    assert anyone.with_key(f"Bearer {third['access_token']}").call("GET", "/api/jwt/validate").status_code == 401
    # Each way to end one.
    def login():
        return api.login(user, application, expect=200).json()

    def ended(tokens):
        return anyone.call("POST", "/api/jwt/refresh", {"refreshToken": tokens["refreshToken"]}).status_code == 400

    for path in (lambda t: f"/api/jwt/refresh/{t['refreshTokenId']}", lambda t: f"/api/jwt/refresh?token={t['refreshToken']}",
                 lambda t: f"/api/jwt/refresh?userId={user['id']}", lambda t: f"/api/jwt/refresh?applicationId={application['id']}",
                 lambda t: f"/api/jwt/refresh?userId={user['id']}&applicationId={application['id']}"):  # fmt: skip
        tokens = login()
        api.good("DELETE", path(tokens))
        assert ended(tokens), path(tokens)
    one, other = login(), login()
    listed = api.good("GET", f"/api/jwt/refresh?userId={user['id']}")["refreshTokens"]
    assert {one["refreshTokenId"], other["refreshTokenId"]} == {t["id"] for t in listed}
    anyone.good("POST", f"/api/logout?global=false&refreshToken={one['refreshToken']}")
    assert ended(one) and not ended(other)
    third, fourth = login(), login()
    anyone.good("POST", "/api/logout", {"global": True, "refreshToken": third["refreshToken"]})
    assert ended(third) and ended(fourth)
    anyone.good("POST", "/api/logout?global=true")


# --- 14: second factors ------------------------------------------------------------------------------------------------------------


def test_14_an_authenticator_app_and_recovery_codes(api):
    application = api.application()
    user = api.user(application)
    anyone = api.with_key(None)
    made = api.good("GET", "/api/two-factor/secret")
    secret = base64.b64decode(made["secret"])
    assert base64.b32decode(made["secretBase32Encoded"] + "=" * (-len(made["secretBase32Encoded"]) % 8)) == secret
    now = api.server.clock.now()
    body = {"method": "authenticator", "secret": made["secret"], "code": "000000"}
    assert api.call("POST", f"/api/user/two-factor/{user['id']}", body).status_code == 421
    codes = api.good("POST", f"/api/user/two-factor/{user['id']}", body | {"code": totp(secret, now)})["recoveryCodes"]
    assert len(set(codes)) == 10
    shown = api.good("GET", f"/api/user/{user['id']}")["user"]["twoFactor"]["methods"]
    assert shown[0]["authenticator"] == {"algorithm": "HmacSHA1", "codeLength": 6, "timeStep": 30} and "secret" not in shown[0]
    due = api.login(user, application, expect=242).json()
    assert due["methods"][0]["method"] == "authenticator"
    wrong = {"twoFactorId": due["twoFactorId"], "code": "000000"}
    assert anyone.call("POST", "/api/two-factor/login", wrong).status_code == 421
    assert anyone.call("POST", "/api/two-factor/login", wrong | {"twoFactorId": "unknown"}).status_code == 404
    # The code that confirmed was used; the next one is good.
    good = wrong | {"code": totp(secret, now + 30), "trustComputer": True}
    answer = anyone.good("POST", "/api/two-factor/login", good)
    trust = answer["twoFactorTrustId"]
    assert anyone.call("POST", "/api/two-factor/login", good).status_code == 404, "the id is good once"
    assert api.login(user, application, twoFactorTrustId=trust).status_code == 200
    assert api.login(user, application, twoFactorTrustId="another").status_code == 242
    assert api.call("GET", f"/api/two-factor/status/{trust}?userId={user['id']}").status_code == 200
    assert api.call("GET", f"/api/two-factor/status/another?userId={user['id']}").status_code == 242
    due = api.login(user, application, expect=242).json()
    anyone.good("POST", "/api/two-factor/login", {"twoFactorId": due["twoFactorId"], "code": codes[0]})
    due = api.login(user, application, expect=242).json()
    used = {"twoFactorId": due["twoFactorId"], "code": codes[0]}
    assert anyone.call("POST", "/api/two-factor/login", used).status_code == 421
    fresh = api.good("POST", f"/api/user/two-factor/recovery-code/{user['id']}")["recoveryCodes"]
    assert api.good("GET", f"/api/user/two-factor/recovery-code/{user['id']}")["recoveryCodes"] == fresh and fresh != codes
    assert api.call("DELETE", f"/api/user/two-factor/{user['id']}?methodId={shown[0]['id']}&code=000000").status_code == 421
    api.good("DELETE", f"/api/user/two-factor/{user['id']}?methodId={shown[0]['id']}&code={fresh[0]}")
    assert api.login(user, application).status_code == 200


def with_authenticator(api, application):
    """Somebody with an authenticator app that the API set up, and its secret."""
    user = api.user(application)
    made = api.good("GET", "/api/two-factor/secret")
    secret = base64.b64decode(made["secret"])
    body = {"method": "authenticator", "secret": made["secret"], "code": totp(secret, api.server.clock.now())}
    api.good("POST", f"/api/user/two-factor/{user['id']}", body)
    return user, secret


def test_14_a_factor_of_the_api_is_asked_for_on_the_hosted_pages(own_api, person):
    api = own_api
    application = api.application()
    user, secret = with_authenticator(api, application)
    someone = person()
    query = {"client_id": application["id"], "response_type": "code", "redirect_uri": "http://localhost:5001/callback", "scope": "openid"}
    someone.page.goto(api.base + "/oauth2/authorize?" + urllib.parse.urlencode(query))
    hosted = Hosted(someone, api.server)
    hosted.identify(user["email"])
    hosted.give_password(PASSWORD)
    hosted.wait_until(lambda: hosted.at("#use-recovery-code") or hosted.at("#passkey-skip"))
    assert hosted.at("#use-recovery-code"), "the second factor comes before everything else"
    api.server.clock.advance(30)
    hosted.fill("#code", totp(secret, api.server.clock.now()))
    hosted.sees("#passkey-skip")


def test_14_whoever_is_asked_is_said_in_one_place_or_the_other(own_api):
    api = own_api
    path = f"/api/tenant/{api.good('GET', '/api/tenant')['tenants'][0]['id']}"
    tell = lambda word: api.good("PATCH", path, {"tenant": {"multiFactorConfiguration": {"loginPolicy": word}}})  # noqa: E731
    shown = lambda: api.good("GET", path)["tenant"]["multiFactorConfiguration"]["loginPolicy"]  # noqa: E731
    application = api.application()
    assert "loginPolicy" not in application["multiFactorConfiguration"], "that of the tenant counts"
    own = api.application(multiFactorConfiguration={"loginPolicy": "Required"})
    bare = api.user(application)
    having, _ = with_authenticator(api, application)
    assert shown() == "Enabled"
    assert api.login(bare, application).status_code == 200
    assert api.login(having, application).status_code == 242
    due = api.login(bare, own, expect=242).json()
    assert due["configurableMethods"] == ["authenticator"] and due["twoFactorId"]
    tell("Required")
    assert shown() == "Required" and api.login(bare, application).status_code == api.login(bare).status_code == 242
    tell("Disabled")
    assert shown() == "Disabled" and api.login(having, application).status_code == api.login(having).status_code == 200
    assert errors(api.call("PATCH", path, {"tenant": {"multiFactorConfiguration": {"loginPolicy": "Sometimes"}}}, expect=400)) == {
        "tenant.multiFactorConfiguration.loginPolicy": ["[invalid]tenant.multiFactorConfiguration.loginPolicy"]
    }
    # What our own API asks for is asked for here too.
    api.server.admin.set_policy({"second_factor": {"requirement": "required"}})
    assert shown() == "Required" and api.login(bare, application).status_code == 242
    api.server.admin.set_policy({"second_factor": {"requirement": "off"}})
    assert shown() == "Disabled"
    api.server.admin.request("PATCH", f"/applications/{application['id']}", json={"second_factor": "required"})
    assert api.login(bare, application).status_code == 242


def test_14_a_password_grant_says_what_is_in_the_way(own_api):
    api = own_api
    application = api.application()
    secret_of_client = application["oauthConfiguration"]["clientSecret"]

    def grant(user):
        form = {"grant_type": "password", "username": user["email"], "password": PASSWORD, "scope": "openid"}
        answer = requests.post(api.base + "/oauth2/token", data=form, auth=(application["id"], secret_of_client), timeout=10)
        return answer.status_code, answer.json()

    user, secret = with_authenticator(api, application)
    status, told = grant(user)
    assert (status, told["error"]) == (400, "two_factor_required")
    assert [method["method"] for method in told["two_factor_methods"]] == ["authenticator"]
    api.server.clock.advance(30)
    body = {"twoFactorId": told["two_factor_id"], "code": totp(secret, api.server.clock.now())}
    assert api.good("POST", "/api/two-factor/login", body)["user"]["id"] == user["id"]
    status, told = grant(api.user(application, passwordChangeRequired=True))
    assert (status, told["error"]) == (400, "change_password_required")
    assert api.call("GET", f"/api/user/change-password/{told['change_password_id']}").status_code == 200


# --- 15: without a password -------------------------------------------------------------------------------------------------------


def test_15_signing_in_by_a_code_instead_of_a_password(own_api):
    api, anyone = own_api, own_api.with_key(None)
    application = api.application(passwordlessConfiguration={"enabled": True})
    closed = api.application()
    user = api.user(application)
    start = {"applicationId": application["id"], "loginId": user["email"], "state": {"x": 1}}
    assert api.call("POST", "/api/passwordless/start", start | {"applicationId": closed["id"]}).status_code == 400
    assert api.call("POST", "/api/passwordless/start", start | {"loginId": "nobody@example.com"}).status_code == 404
    assert anyone.call("POST", "/api/passwordless/start", start).status_code == 401
    code = api.good("POST", "/api/passwordless/start", start)["code"]
    seen = api.server.mailbox.seen(user["email"])
    assert anyone.call("POST", "/api/passwordless/send", {"code": code}, expect=200).content == b""
    api.server.mailbox.newest(user["email"], None, seen)
    answer = anyone.good("POST", "/api/passwordless/login", {"code": code})
    assert answer["state"] == {"x": 1} and claims(answer["token"])["authenticationType"] == "PASSWORDLESS"
    assert anyone.call("POST", "/api/passwordless/login", {"code": code}).status_code == 404
    late = api.good("POST", "/api/passwordless/start", start)["code"]
    api.server.clock.advance(181)
    assert anyone.call("POST", "/api/passwordless/login", {"code": late}).status_code == 404
    typed = api.good("POST", "/api/passwordless/start", start | {"loginStrategy": "FormField"})
    wrong = {"code": typed["code"], "oneTimeCode": "AAAAAA"}
    assert anyone.call("POST", "/api/passwordless/login", wrong).status_code == 404
    anyone.good("POST", "/api/passwordless/login", wrong | {"oneTimeCode": typed["oneTimeCode"]})
    # The mail brings the code that is typed, not a link that cannot be followed.
    typed = api.good("POST", "/api/passwordless/start", start | {"loginStrategy": "FormField"})
    seen = api.server.mailbox.seen(user["email"])
    anyone.call("POST", "/api/passwordless/send", {"code": typed["code"]}, expect=200)
    letter = api.server.mailbox.newest(user["email"], None, seen)["text"]
    assert "/oauth2/passwordless/" not in letter
    [told] = [line.strip() for line in letter.splitlines() if re.fullmatch(r"[2-9A-Z]{6}", line.strip())]
    anyone.good("POST", "/api/passwordless/login", {"code": typed["code"], "oneTimeCode": told})


# --- 16: passkeys of a program's own pages ------------------------------------------------------------------------------------------


def test_16_passkeys_by_the_api(api):
    application = api.application()
    user = api.user(application)
    anyone = api.with_key(None)
    passkey = Passkey("http://localhost:3000")
    start = {"userId": user["id"], "workflow": "general"}
    options = api.good("POST", "/api/webauthn/register/start", start)["options"]
    assert options["rp"]["id"] == "localhost" and options["user"]["name"] == user["email"]
    assert {p["alg"] for p in options["pubKeyCredParams"]} >= {-7, -257} and options["extensions"] == {"credProps": True}
    place = {"origin": passkey.origin, "rpId": "localhost", "userId": user["id"]}
    complete = place | {"credential": passkey.register(options)}
    for wrong in ({"origin": "https://evil.example"}, {"rpId": "evil.example"}):
        assert anyone.call("POST", "/api/webauthn/register/complete", complete | wrong).status_code == 400, wrong
    made = anyone.good("POST", "/api/webauthn/register/complete", complete)["credential"]
    assert made["algorithm"] == "ES256" and made["relyingPartyId"] == "localhost" and made["userId"] == user["id"]
    assert anyone.call("POST", "/api/webauthn/register/complete", complete).status_code == 400, "replayed"
    elsewhere = Passkey("https://evil.example")
    options = api.good("POST", "/api/webauthn/register/start", start)["options"]
    bent = place | {"origin": elsewhere.origin, "credential": elsewhere.register(options)}
    assert anyone.call("POST", "/api/webauthn/register/complete", bent).status_code == 400

    begin = {"applicationId": application["id"], "userId": user["id"], "workflow": "general"}

    def options_to_sign():
        return api.good("POST", "/api/webauthn/start", begin)["options"]

    options = options_to_sign()
    assert [c["id"] for c in options["allowCredentials"]] == [made["credentialId"]] and options["rpId"] == "localhost"
    sign_in = {"applicationId": application["id"], "origin": passkey.origin, "rpId": "localhost"}
    signed = sign_in | {"credential": passkey.sign(options)}
    told = anyone.good("POST", "/api/webauthn/login", signed)
    assert claims(told["token"])["authenticationType"] == "WebAuthn" and told["user"]["id"] == user["id"]
    assert anyone.call("POST", "/api/webauthn/login", signed).status_code == 400, "replayed"
    used = anyone.good("POST", "/api/webauthn/assert", sign_in | {"credential": passkey.sign(options_to_sign())})["credential"]
    assert used["signCount"] == passkey.count and used["lastUseInstant"]
    behind = sign_in | {"credential": passkey.sign(options_to_sign(), count=1)}
    assert anyone.call("POST", "/api/webauthn/login", behind).status_code == 400, "the counter went back"
    passkey.count = used["signCount"]
    wrong_rp = Passkey(passkey.origin, "evil.example")
    wrong_rp.private, wrong_rp.id, wrong_rp.count = passkey.private, passkey.id, passkey.count + 5
    assert anyone.call("POST", "/api/webauthn/login", sign_in | {"credential": wrong_rp.sign(options_to_sign())}).status_code == 400
    stranger = Passkey(passkey.origin)
    assert anyone.call("POST", "/api/webauthn/login", sign_in | {"credential": stranger.sign(options_to_sign())}).status_code == 404

    # Nobody is named: whoever has a passkey may answer.
    listed = api.good("GET", f"/api/webauthn?userId={user['id']}")["credentials"]
    assert [c["id"] for c in listed] == [made["id"]]
    assert api.good("GET", f"/api/webauthn/{made['id']}")["credential"]["credentialId"] == made["credentialId"]
    other = api.user(application)
    imported = {"credentialId": base64.urlsafe_b64encode(b"another credential").rstrip(b"=").decode(), "userId": other["id"],
                "publicKey": made["publicKey"], "signCount": 3, "name": "Imported", "relyingPartyId": "localhost"}  # fmt: skip
    api.good("POST", "/api/webauthn/import", {"credentials": [imported]})
    assert api.good("GET", f"/api/webauthn?userId={other['id']}")["credentials"][0]["signCount"] == 3
    api.good("DELETE", f"/api/webauthn/{made['id']}")
    assert api.call("GET", f"/api/webauthn/{made['id']}").status_code == 404
    assert api.call("POST", "/api/webauthn/start", begin).status_code == 400
