"""The Auth0 accent, journey 10 to its end: a second factor after the password, by auth0-python and the MFA API."""

import base64
import hashlib
import hmac
import struct
import urllib.parse

import pytest

from auth0_accent import Library, OverHttps, claims_of
from conftest import new_email
from environments import python_of
from server import Doorward

PASSWORD = "correct horse battery staple 7"
OTP = "http://auth0.com/oauth/grant-type/mfa-otp"
RECOVERY = "http://auth0.com/oauth/grant-type/mfa-recovery-code"


@pytest.fixture(scope="module")
def demanding(database, tmp_path_factory):
    """A server whose people have passwords and give a second factor."""
    started = Doorward(tmp_path_factory.mktemp("demanding") / "data", database.new_url()).start()
    started.admin.set_policy({"password": {"enabled": True}, "second_factor": {"requirement": "required"}})
    yield OverHttps(started)
    started.stop()


def one_time_password(secret, at):
    """RFC 6238 with the parameters of every authenticator app."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


class Account:
    def __init__(self, server):
        self.server = server
        self.email = new_email("mfa")
        self.client = {key: server.auth0[key] for key in ("client_id", "client_secret")}
        made = self.post("/dbconnections/signup", email=self.email, password=PASSWORD, connection="Username-Password-Authentication")
        assert made.status_code == 200, made.text

    def post(self, path, token=None, **body):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.server.post(path, json=self.client | body, headers=headers)

    def login(self, **more):
        more = {"scope": "openid email"} | more
        return self.post("/oauth/token", grant_type="password", username=self.email, password=PASSWORD, **more)

    def owed(self, **more):
        answer = self.login(**more)
        assert answer.status_code == 403, answer.text
        body = answer.json()
        assert (body["error"], body["error_description"]) == ("mfa_required", "Multifactor authentication required")
        return body["mfa_token"], body["mfa_requirements"]

    def code(self, secret, steps=0):
        return one_time_password(secret, self.server.clock.now() + 30 * steps)

    def enrol(self):
        token, requirements = self.owed()
        assert requirements == {"enroll": [{"type": "otp"}]}
        begun = self.post("/mfa/associate", token, authenticator_types=["otp"])
        assert begun.status_code == 200, begun.text
        body = begun.json()
        uri = urllib.parse.urlsplit(body["barcode_uri"])
        assert uri.scheme == "otpauth" and urllib.parse.parse_qs(uri.query)["secret"] == [body["secret"]]
        done = self.post("/oauth/token", grant_type=OTP, mfa_token=token, otp=self.code(body["secret"]))
        assert done.status_code == 200, done.text
        return body, done.json(), token


def test_a_second_factor_is_set_up_and_given(demanding):
    account = Account(demanding)
    token, _ = account.owed()
    assert account.server.get("/mfa/authenticators", headers={"Authorization": f"Bearer {token}"}).json() == []
    nothing = account.post("/mfa/challenge", mfa_token=token, challenge_type="otp oob")
    assert (nothing.status_code, nothing.json()["error"]) == (403, "association_required")

    begun, tokens, first = account.enrol()
    assert "mfa" in claims_of(tokens["id_token"])[1]["amr"]
    replay = account.post("/oauth/token", grant_type=OTP, mfa_token=first, otp=account.code(begun["secret"], 1))
    assert (replay.status_code, replay.json()["error"]) == (403, "expired_token"), "a session serves once"

    demanding.clock.advance(60)
    token, requirements = account.owed()
    assert [one["type"] for one in requirements["challenge"]] == ["otp", "recovery-code"]
    listed = demanding.get("/mfa/authenticators", headers={"Authorization": f"Bearer {token}"}).json()
    assert [one["type"] for one in listed] == ["otp", "recovery-code"] and listed[0]["active"] is True
    assert account.post("/mfa/challenge", mfa_token=token, challenge_type="otp oob").json() == {"challenge_type": "otp"}
    other = account.post("/mfa/challenge", mfa_token=token, challenge_type="oob")
    assert (other.status_code, other.json()["error"]) == (400, "unsupported_challenge_type")
    wrong = account.post("/oauth/token", grant_type=OTP, mfa_token=token, otp="000000")
    assert (wrong.status_code, wrong.json()["error"]) == (403, "invalid_grant")
    # The same one twice: the second try may fall into the next time step.
    otp = account.code(begun["secret"])
    right = account.post("/oauth/token", grant_type=OTP, mfa_token=token, otp=otp)
    assert right.status_code == 200 and claims_of(right.json()["id_token"])[1]["email"] == account.email
    token, _ = account.owed()
    again = account.post("/oauth/token", grant_type=OTP, mfa_token=token, otp=otp)
    assert again.status_code == 403, "a code serves once"


def test_a_recovery_code_stands_in_once(demanding):
    account = Account(demanding)
    begun, _, _ = account.enrol()
    for expected in (200, 403):
        token, _ = account.owed()
        answer = account.post("/oauth/token", grant_type=RECOVERY, mfa_token=token, recovery_code=begun["recovery_codes"][0])
        assert answer.status_code == expected, answer.text


def test_a_first_factor_alone_changes_no_second_one(demanding):
    account = Account(demanding)
    account.enrol()
    demanding.clock.advance(60)
    token, _ = account.owed()
    bearer = {"Authorization": f"Bearer {token}"}
    again = account.post("/mfa/associate", token, authenticator_types=["otp"])
    assert again.status_code == 403
    [one] = [one for one in demanding.get("/mfa/authenticators", headers=bearer).json() if one["type"] == "otp"]
    removed = demanding.session().delete(f"{demanding.url}/mfa/authenticators/{one['id']}", headers=bearer, timeout=10)
    assert removed.status_code == 403
    # Neither does it serve another application, nor for ever.
    other = demanding.admin.create_application("Other", [], accent="auth0", kind="machine")
    foreign = demanding.post(
        "/oauth/token",
        json={"grant_type": OTP, "mfa_token": token, "otp": "123456", "client_id": other["client_id"], "client_secret": other["client_secret"]},
    )
    assert foreign.status_code == 403 and foreign.json()["error"] == "expired_token"
    demanding.clock.advance(601)
    late = account.post("/mfa/challenge", mfa_token=token, challenge_type="otp")
    assert late.status_code == 401 and late.json()["error"] == "expired_token"


def test_whoever_gave_both_removes_the_factor(demanding):
    account = Account(demanding)
    begun, _, _ = account.enrol()
    demanding.clock.advance(60)
    token, _ = account.owed(audience=f"{demanding.issuer}mfa/", scope="openid read:authenticators remove:authenticators enroll")
    tokens = account.post("/oauth/token", grant_type=OTP, mfa_token=token, otp=account.code(begun["secret"])).json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    [one] = [one for one in demanding.get("/mfa/authenticators", headers=bearer).json() if one["type"] == "otp"]
    removed = demanding.session().delete(f"{demanding.url}/mfa/authenticators/{one['id']}", headers=bearer, timeout=10)
    assert removed.status_code == 204
    assert account.owed()[1] == {"enroll": [{"type": "otp"}]}
    assert demanding.get("/mfa/authenticators", headers={"Authorization": "Bearer nonsense"}).status_code == 401


@pytest.mark.parametrize("version", ["auth0_python", "auth0_python_4"])
def test_auth0_python_is_told(demanding, version):
    account = Account(demanding)
    login = {"username": account.email, "password": PASSWORD, "realm": "Username-Password-Authentication", "scope": "openid"}
    told = Library(python_of(version), demanding).call("GetToken", "login", login)
    assert (told["status"], told["code"], told["message"]) == (403, "mfa_required", "Multifactor authentication required")


def test_guessing_ends(demanding):
    account = Account(demanding)
    account.enrol()
    demanding.clock.advance(60)
    token, _ = account.owed()
    for _ in range(15):
        answer = account.post("/oauth/token", grant_type=OTP, mfa_token=token, otp="000000")
        if answer.status_code == 429:
            break
    assert answer.status_code == 429 and answer.headers["x-ratelimit-reset"].isdigit()
