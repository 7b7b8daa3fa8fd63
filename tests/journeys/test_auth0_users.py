"""The Auth0 accent's Management API, journeys 11, 12 and 13: people, what they may, how they prove themselves, links for them, and
files of them in and out; by auth0-python of two generations and by plain calls."""

import base64
import csv
import gzip
import hashlib
import hmac
import io
import json
import os
import subprocess
import time
import urllib.parse
import uuid

import pytest

from auth0_accent import ManagementLibrary, OverHttps, claims_of
from conftest import new_email
from environments import node_of, python_of
from pages import Hosted
from server import Doorward, until

DATABASE = "Username-Password-Authentication"
PASSWORD = "correct horse battery staple 7"
OTHER_PASSWORD = "violet staple under heavy rain 3"
# The password of the hashes below.
OLD = "plum härbour 58"
BCRYPT = "b$04$abcdefghijklmnopqrstuuOnXZRGmzxZGprO5QuFthbYuH7kDictG"
SALT = "0123456789abcdef"
# HMACs of it with the key "key", which Python's OpenSSL makes no more.
WHIRLPOOL = "353127e46b65f6043af42ec018d39bbaba0b54d20694b0a6c4ea3ed7c9441f96f650ab04598464021a90d8055a8f583ebca42792b22a5702142a6f4bd171d8bf"
RIPEMD160 = "e74a755051b6b75126a116442b449aeddedb93d2"


@pytest.fixture(scope="module")
def https(database, tmp_path_factory):
    """A server of this module's own: its people have passwords."""
    started = Doorward(tmp_path_factory.mktemp("users") / "data", database.new_url()).start()
    started.admin.allow_passwords()
    yield OverHttps(started)
    started.stop()


@pytest.fixture(params=["auth0_python", "auth0_python_4"])
def library(request, https):
    started = ManagementLibrary(python_of(request.param), https)
    yield started
    started.stop()


class Api:
    """The API by plain calls."""

    def __init__(self, https, **grant):
        self.https = https
        self.grant = {"grant_type": "client_credentials", "audience": https.issuer + "api/v2/"} | https.auth0["management"] | grant
        answer = https.post("/oauth/token", json=self.grant)
        assert answer.status_code == 200, answer.text
        self.headers = {"Authorization": "Bearer " + answer.json()["access_token"]}

    def ask(self, method, path, **arguments):
        return self.https.session().request(method, self.https.url + "/api/v2" + path, headers=self.headers, timeout=20, **arguments)

    def get(self, path, **arguments):
        answer = self.ask("GET", path, **arguments)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path, body, expect=(200, 201, 204)):
        answer = self.ask("POST", path, json=body)
        assert answer.status_code in expect, answer.text
        return answer.json() if answer.content else None

    def search(self, q, **more):
        return [one["email"] for one in self.get("/users", params={"q": q, "search_engine": "v3", "per_page": 100} | more)]

    def new_user(self, **more):
        return self.post("/users", {"connection": DATABASE, "email": new_email("user"), "password": PASSWORD, "verify_email": False} | more)

    def connection_id(self):
        return next(one["id"] for one in self.get("/connections") if one["name"] == DATABASE)

    def finished(self, job):
        return until("the job", lambda: (told := self.get(f"/jobs/{job['id']}"))["status"] in ("completed", "failed") and told, within=30)

    def imported(self, rows, **form):
        form = {"connection_id": self.connection_id(), "upsert": "false"} | form
        answer = self.ask("POST", "/jobs/users-imports", data=form, files={"users": ("users.json", json.dumps(rows), "application/json")})
        assert answer.status_code == 202, answer.text
        return self.finished(answer.json())

    def exported(self, **body):
        job = self.finished(self.post("/jobs/users-exports", body))
        assert job["status"] == "completed" and job["percentage_done"] == 100, job
        file = self.https.session().get(job["location"], timeout=20)
        assert file.status_code == 200 and file.headers["content-type"] == "application/gzip"
        return gzip.decompress(file.content).decode()


@pytest.fixture(scope="module")
def api(https):
    return Api(https)


def at(user_id):
    return "/users/" + urllib.parse.quote(user_id, safe="")


def login(https, username, password, **more):
    client = {key: https.auth0[key] for key in ("client_id", "client_secret")}
    grant = {"grant_type": "password", "username": username, "password": password, "scope": "openid"}
    return https.post("/oauth/token", json=client | grant | more)


def refused(answer, status, code):
    told = answer.json()
    assert (answer.status_code, told["statusCode"], told.get("errorCode")) == (status, status, code), answer.text
    return told["message"]


def test_journey_11_by_the_node_library(https, email):
    name = f"node-{uuid.uuid4().hex[:12]}"
    told = {"DOMAIN": https.auth0["domain"], "EMAIL": email, "NAME": name}
    told |= {key.upper(): value for key, value in https.auth0["management"].items()}
    command = ["node", str(node_of("auth0_node") / "manage.mjs")]
    done = subprocess.run(command, env=os.environ | https.trust | told, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["api"] == f"https://{name}.example.test" and said["grants"] == [["read:things"]] and said["held"] == ["read:things"]
    assert said["user"].startswith("auth0|") and said["found"] == said["by_email"] == [said["user"]]
    assert said["roles"] == [True] and said["permissions"] == ["read:things"]
    assert said["methods"] == ["password"] and said["sessions"] == [] and said["blocked"] is True
    assert said["conflict"] == [409, "auth0_idp_error"] and said["gone"] == [404, "inexistent_user"]
    client_id, client_secret = said["client"]
    assert len(client_secret) >= 32
    grant = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret, "audience": said["api"]}
    assert https.post("/oauth/token", json=grant).status_code == 401, "the client is deleted"


def test_journey_11_a_person_with_a_role(https, library, email):
    """Made, found, given a role, signed in with it, blocked, let in, deleted."""
    old, audience = library.is_old, https.auth0["audience"]
    new = {"connection": DATABASE, "email": email, "password": PASSWORD, "name": "Ada Lovelace", "email_verified": True}
    new |= {"user_metadata": {"colour": "red", "size": {"shoe": 39}}, "app_metadata": {"plan": "gold"}}
    user = library.call("users.create", new) if old else library.call("users.create", **new)
    assert user["user_id"].startswith("auth0|") and user["email"] == email and user["logins_count"] == 0
    assert user["identities"][0]["connection"] == DATABASE and user["identities"][0]["user_id"] == user["user_id"][6:]
    again = library.send("users.create", new) if old else library.send("users.create", **new)
    assert (again["status"], again["code"]) == (409, "auth0_idp_error")
    uid = user["user_id"]

    role = {"name": f"Reader {uuid.uuid4().hex}", "description": "Reads"}
    role = library.call("roles.create", role) if old else library.call("roles.create", **role)
    permission = {"resource_server_identifier": audience, "permission_name": "read:admin-messages"}
    if old:
        library.call("roles.add_permissions", role["id"], [permission])
        library.call("users.add_roles", uid, [role["id"]])
        found = library.call("users.list", q=f'email:"{email}"')["users"]
        roles, permissions = library.call("users.list_roles", uid)["roles"], library.call("users.list_permissions", uid)["permissions"]
        members = library.call("roles.list_users", role["id"])["users"]
        held = library.call("roles.list_permissions", role["id"])["permissions"]
        listed = library.call("roles.list", name_filter=role["name"])["roles"]
        methods = library.call("users.get_authentication_methods", uid)
        by_email = library.call("users_by_email.search_users_by_email", email)
        changed = library.call("users.update", uid, {"user_metadata": {"colour": None, "hat": True}, "app_metadata": {"plan": "silver"}})
    else:
        library.call("roles.permissions.add", id=role["id"], permissions=[permission])
        library.call("users.roles.assign", id=uid, roles=[role["id"]])
        found = library.call("users.list", q=f'email:"{email}"')
        roles, permissions = library.call("users.roles.list", uid), library.call("users.permissions.list", uid)
        members, held = library.call("roles.users.list", role["id"]), library.call("roles.permissions.list", role["id"])
        listed = library.call("roles.list", name_filter=role["name"])
        methods = library.call("users.authentication_methods.list", uid)
        by_email = library.call("users.list_users_by_email", email=email)
        changed = library.call("users.update", id=uid, user_metadata={"colour": None, "hat": True}, app_metadata={"plan": "silver"})
    assert [one["user_id"] for one in found] == [uid] == [one["user_id"] for one in members] == [one["user_id"] for one in by_email]
    assert [one["id"] for one in roles] == [role["id"]] == [one["id"] for one in listed]
    assert [one["permission_name"] for one in permissions] == ["read:admin-messages"] == [one["permission_name"] for one in held]
    assert permissions[0]["sources"][0]["source_name"] == role["name"]
    assert [one["type"] for one in (methods if isinstance(methods, list) else methods["authenticators"])] == ["password"]
    assert changed["user_metadata"] == {"size": {"shoe": 39}, "hat": True} and changed["app_metadata"] == {"plan": "silver"}

    tokens = login(https, email, PASSWORD, audience=audience, scope="openid offline_access read:admin-messages").json()
    assert claims_of(tokens["access_token"])[1]["permissions"] == ["read:admin-messages"]
    assert claims_of(tokens["id_token"])[1]["sub"] == uid
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]} | {k: https.auth0[k] for k in ("client_id", "client_secret")}

    block = lambda blocked: library.call("users.update", uid, {"blocked": blocked}) if old else library.call("users.update", id=uid, blocked=blocked)  # noqa: E731
    assert block(True)["blocked"] is True
    assert login(https, email, PASSWORD).status_code == 403
    assert https.post("/oauth/token", json=refresh).status_code == 403, "who is blocked loses refresh tokens"
    assert block(False)["blocked"] is False
    assert login(https, email, PASSWORD).status_code == 200

    logs = library.call("users.get_log_events", uid) if old else library.call("users.logs.list", uid)
    assert {"s", "sepft"} & {one["type"] for one in logs} and all(one["user_id"] == uid for one in logs)
    if old:
        library.call("users.remove_roles", uid, [role["id"]])
        assert library.call("users.list_roles", uid)["roles"] == []
    else:
        library.call("users.roles.delete", id=uid, roles=[role["id"]])
        assert library.call("users.roles.list", uid) == []
    library.call("roles.delete", role["id"])
    library.call("users.delete", uid)
    gone = library.send("users.get", uid)
    assert (gone["status"], gone["code"]) == (404, "inexistent_user")
    assert login(https, email, PASSWORD).status_code == 403


def test_journey_11_sessions_passkeys_and_tokens(https, api, library, person, email):
    """What somebody does at the pages is seen and ended by the API."""
    user = api.new_user(email=email, email_verified=True, given_name="Ada")
    ada = person(ignore_https_errors=True)
    hosted = Hosted(ada, https, ada.page)
    ada.page.goto(https.url + "/signin")
    hosted.identify(email)
    hosted.give_password(PASSWORD)
    hosted.sees("#passkey-create")
    hosted.create_passkey()
    ada.page.wait_for_url(lambda url: "/account" in url)
    old, uid = library.is_old, user["user_id"]
    methods = library.call("users.get_authentication_methods", uid) if old else library.call("users.authentication_methods.list", uid)
    methods = methods if isinstance(methods, list) else methods["authenticators"]
    assert {one["type"] for one in methods} == {"passkey", "password"}
    passkey = next(one for one in methods if one["type"] == "passkey")
    assert passkey["key_id"] and passkey["relying_party_identifier"] == "localhost" and passkey["created_at"].endswith("Z")
    named = api.ask("PATCH", f"{at(uid)}/authentication-methods/{urllib.parse.quote(passkey['id'])}", json={"name": "Blue key"})
    assert named.status_code == 200 and named.json()["name"] == "Blue key"

    (session,) = api.get(at(uid) + "/sessions")["sessions"]
    assert session["user_id"] == uid and "password" in {one["name"] for one in session["authentication"]["methods"]}
    if not old:
        assert [one["id"] for one in library.call("users.sessions.list", uid)] == [session["id"]]
        assert library.call("sessions.get", session["id"])["id"] == session["id"]
    assert api.ask("DELETE", f"/sessions/{session['id']}").status_code == 202
    assert api.get(at(uid) + "/sessions") == {"sessions": []}
    refused(api.ask("GET", f"/sessions/{session['id']}"), 404, "inexistent_session")
    ada.page.goto(https.url + "/account")
    hosted.sees("#identifier, #passkey-signin")

    tokens = login(https, email, PASSWORD, scope="openid offline_access").json()
    (token,) = api.get(at(uid) + "/refresh-tokens")["tokens"]
    assert token["client_id"] == https.auth0["client_id"] and token["rotating"] is True
    assert api.get("/refresh-tokens/" + token["id"])["user_id"] == uid
    assert api.ask("DELETE", "/refresh-tokens/" + token["id"]).status_code == 202
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]} | {k: https.auth0[k] for k in ("client_id", "client_secret")}
    assert https.post("/oauth/token", json=refresh).status_code == 403

    # Without the passkey there is the password still.
    assert api.ask("DELETE", f"{at(uid)}/authentication-methods/{urllib.parse.quote(passkey['id'])}").status_code == 204
    assert [one["type"] for one in api.get(at(uid) + "/authentication-methods")] == ["password"]


def test_second_factors_of_a_person(https, api, library):
    uid = api.new_user()["user_id"]
    refused(api.ask("POST", at(uid) + "/recovery-code-regeneration"), 400, "operation_not_supported")
    made = api.post(at(uid) + "/authentication-methods", {"type": "totp", "name": "Phone", "totp_secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"})
    assert made["type"] == "totp" and made["confirmed"] is True and made["id"].startswith("totp|dev_")
    assert api.get(at(uid))["multifactor"] == ["authenticator"]
    assert [one["status"] for one in api.get(at(uid) + "/enrollments")] == ["confirmed"]
    old = library.is_old
    code = library.call("users.regenerate_recovery_code", uid)
    assert len(code["recovery_code"]) > 8
    assert [one["type"] for one in api.get(at(uid) + "/authentication-methods")] == ["password", "totp", "recovery-code"]
    invalidate = "users.invalidate_remembered_browsers" if old else "users.multifactor.invalidate_remember_browser"
    library.call(invalidate, uid)
    if old:
        library.call("users.delete_multifactor", uid, "google-authenticator")
    else:
        library.call("users.multifactor.delete_provider", id=uid, provider="google-authenticator")
    assert [one["type"] for one in api.get(at(uid) + "/authentication-methods")] == ["password"]
    for wrong in ({"type": "phone", "phone_number": "+4930123456"}, {"type": "totp", "totp_secret": "not base32!"}, {"type": "passkey", "key_id": "AAAA", "public_key": "AAAA"}):
        refused(api.ask("POST", at(uid) + "/authentication-methods", json=wrong), 400, "invalid_body")
    refused(api.ask("GET", at(uid) + "/authentication-methods/passkey%7C00"), 404, "inexistent_authentication_method")


def test_what_a_change_may_hold(api):
    user = api.new_user(user_id="brought-along", username=f"u{uuid.uuid4().hex[:8]}", app_metadata={"a": 1})
    uid = user["user_id"]
    assert uid == "auth0|brought-along" and api.get("/users", params={"q": f'user_id:"{uid}"'})[0]["user_id"] == uid
    refused(api.ask("POST", "/users", json={"connection": DATABASE, "email": new_email(), "user_id": "brought-along"}), 409, "auth0_idp_error")
    other = api.new_user()
    # Nobody is given the id that somebody else has by nature.
    taken = {"connection": DATABASE, "email": new_email(), "user_id": other["user_id"][6:]}
    refused(api.ask("POST", "/users", json=taken), 409, "auth0_idp_error")
    change = lambda **body: api.ask("PATCH", at(uid), json=body)  # noqa: E731
    moved = new_email("moved")
    assert "simultaneously" in refused(change(email=moved, password=OTHER_PASSWORD), 400, "operation_not_supported")
    after = change(email=moved, given_name="Ada", nickname=None).json()
    assert (after["email"], after["email_verified"], after["given_name"]) == (moved, False, "Ada")
    assert change(email_verified=True).json()["email_verified"] is True
    refused(change(email=other["email"]), 409, "auth0_idp_error")
    refused(change(password="short"), 400, "invalid_body")
    refused(change(app_metadata={"user_id": "x"}), 400, "invalid_body")
    refused(change(shoe_size=39), 400, "invalid_body")
    refused(change(connection="google-oauth2", email=moved), 400, "inexistent_connection")
    assert change(app_metadata={}).json()["app_metadata"] == {}
    assert login(api.https, user["username"], PASSWORD).status_code == 200
    for wrong in ({"email": new_email()}, {"connection": "nowhere", "email": new_email()}, {"connection": DATABASE, "email": "no address"}, {"connection": DATABASE, "email": new_email(), "password": "short"}):
        assert api.ask("POST", "/users", json=wrong).status_code == 400, wrong


def test_journey_11_search(api):
    mark = uuid.uuid4().hex[:10]
    people = {
        "ada": {"name": f"Ada {mark}", "app_metadata": {"plan": "gold", "mark": mark, "tags": ["a", "b"]}, "email_verified": True},
        "bob": {"name": f"Bob {mark}", "app_metadata": {"plan": "free", "mark": mark}, "user_metadata": {"colour": "Red"}},
        "cyn": {"name": f"Cyn {mark}", "app_metadata": {"mark": mark}, "blocked": True},
    }
    names = {}
    for name, more in people.items():
        names[api.new_user(email=f"{name}-{mark}@{name}.example", **more)["email"]] = name
    ours = f"app_metadata.mark:{mark}"

    def found(q, **more):
        return "".join(names[one][0] for one in api.search(q, **more))

    for q, expected in (
        (ours, "abc"),
        (f'email:"ADA-{mark}@ada.example"', "a"),
        (f"email.domain:bob.example AND {ours}", "b"),
        (f'{ours} AND (app_metadata.plan:gold OR app_metadata.plan:"free")', "ab"),
        (f"{ours} AND NOT app_metadata.plan:gold", "bc"),
        (f"{ours} AND _exists_:app_metadata.plan", "ab"),
        (f"{ours} AND app_metadata.tags:b", "a"),
        (f"{ours} AND user_metadata.colour:Red", "b"),
        (f"{ours} AND user_metadata.colour:red", ""),
        (f"{ours} AND email_verified:true", "a"),
        (f"{ours} AND blocked:true", "c"),
        (f'name:"bob {mark}"', "b"),
        (f"name:Cyn* AND {ours}", "c"),
        (f"name:*{mark}", "abc"),
        (f"{ours} AND logins_count:[0 TO 0]", "abc"),
        (f"{ours} AND logins_count:{{0 TO *]", ""),
        (f"{ours} AND created_at:[2020-01-01 TO *]", "abc"),
        (f"{ours} AND created_at:{{* TO 2020-01-01}}", ""),
        (f'{ours} AND identities.connection:"{DATABASE}"', "abc"),
        (f"{ours} AND identities.provider:google-oauth2", ""),
    ):
        assert "".join(sorted(found(q))) == expected, q
    assert found(ours, sort="email:-1") == "cba" and found(ours, sort="name:1") == "abc"
    assert found(ours, sort="name:1", page=1, per_page=2) == "c" and found(ours, connection="elsewhere") == ""
    for params in (
        {"q": "shoe_size:39"}, {"q": "name:*ab"}, {"q": "user_metadata.colour:re*"}, {"q": "user_metadata.n:[1 TO 2]"}, {"q": "name:(ada"},
        {"q": "created_at:[yesterday TO *]"}, {"q": "email_verified:maybe"}, {"q": ours, "sort": "shoe_size:1"}, {"q": ours, "sort": "name"},
        {"q": ours, "search_engine": "v2"}, {"q": "name:ada~2"}, {"q": "(" * 40 + "a" + ")" * 40},
    ):  # fmt: skip
        refused(api.ask("GET", "/users", params=params), 400, "invalid_query_string")


def test_journey_12_a_hundred_and_twenty_people(https, api, library):
    mark = uuid.uuid4().hex[:10]
    job = api.imported([{"email": f"p{n}-{mark}@example.com", "name": f"Person {n}", "app_metadata": {"mark": mark}} for n in range(120)])
    assert job["summary"] == {"failed": 0, "updated": 0, "inserted": 120, "total": 120}
    assert api.ask("GET", f"/jobs/{job['id']}/errors").status_code == 204
    query = {"q": f"app_metadata.mark:{mark}", "sort": "created_at:1", "per_page": 25}
    if library.is_old:
        seen, page = [], 0
        while part := library.call("users.list", page=page, **query)["users"]:
            seen += part
            page += 1
        assert page == 5
    else:
        seen = library.call("users.list", **query)
    ids = [one["user_id"] for one in seen]
    assert len(ids) == 120 == len(set(ids))
    role = api.post("/roles", {"name": f"Crowd {mark}"})["id"]
    api.post(f"/roles/{role}/users", {"users": ids})
    if library.is_old:
        members, told = [], {"next": None}
        while told is not None:
            told = library.call("roles.list_users", role, 0, 25, True, told["next"], 50)
            members += told["users"]
            told = told if told.get("next") else None
    else:
        members = library.call("roles.users.list", id=role, take=50)
    assert sorted(one["user_id"] for one in members) == sorted(ids)
    counted = api.get(f"/roles/{role}/users?include_totals=true&per_page=50&page=2")
    assert (counted["total"], len(counted["users"])) == (120, 20)


def digest(name, text):
    return hashlib.new(name, text).digest()


def every_algorithm():
    """A row for each algorithm and encoding of the import format, with the password that it was made from."""
    p, s, b64 = OLD.encode(), SALT.encode(), lambda raw: base64.b64encode(raw).decode()  # noqa: E731
    custom = lambda algorithm, value, encoding="hex", **more: {"custom_password_hash": {"algorithm": algorithm, "hash": {"value": value, "encoding": encoding} | more.pop("hash", {})} | more}  # noqa: E731
    salt = lambda position, value=SALT: {"salt": {"value": value, "encoding": "utf8", "position": position}}  # noqa: E731
    argon2 = "$argon2id$v=19$m=256,t=2,p=2$MDEyMzQ1Njc4OWFiY2RlZg$iEyjdzzx/Mia7FKy6vwmoWse0cNNILjLPOjuG5w2SbA"
    phc = b64(hashlib.pbkdf2_hmac("sha512", p, s, 1000, 64)).rstrip("=")
    scrypt = {"keylen": 32, "cost": 1024, "blockSize": 8, "parallelization": 1}
    key = lambda text: {"key": {"value": text, "encoding": "utf8"}}  # noqa: E731
    rows = {
        "bcrypt": {"password_hash": "$2" + BCRYPT},
        "bcrypt-y": custom("bcrypt", "$2y" + BCRYPT[1:], "utf8"),
        "argon2": custom("argon2", argon2, "utf8"),
        "pbkdf2": custom("pbkdf2", f"$pbkdf2-sha512$i=1000,l=64${b64(s).rstrip('=')}${phc}", "utf8"),
        "scrypt": custom("scrypt", hashlib.scrypt(p, salt=s, n=1024, r=8, p=1, dklen=32).hex(), **scrypt, **salt("prefix")),
        "ldap": custom("ldap", "{SSHA}" + b64(digest("sha1", p + s) + s), "utf8"),
        "ldap-sha512": custom("ldap", "{SHA512}" + b64(digest("sha512", p)), "utf8"),
        "md4": custom("md4", "55676d75c06aa42d0f9be66eeb65634b", **salt("prefix")),
        "md4-utf16": custom("md4", "68ef7facf17066ff71b44b88b9a9e2b4", password={"encoding": "utf16le"}),
        "hmac-md4": custom("hmac", "f6cb35f23117e7f41b30152619181196", hash={"digest": "md4"} | key("key")),
        "hmac-whirlpool": custom("hmac", WHIRLPOOL, hash={"digest": "whirlpool"} | key("key")),
        "hmac-ripemd160": custom("hmac", RIPEMD160, hash={"digest": "ripemd160"} | key("key")),
    }
    for name in ("md5", "sha1", "sha256", "sha512"):
        rows[f"{name}-prefix"] = custom(name, digest(name, s + p).hex().upper(), **salt("prefix"))
        rows[f"{name}-suffix"] = custom(name, b64(digest(name, p + s)).replace("+", "-").replace("/", "_"), "base64", **salt("suffix"))
    for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512"):
        rows[f"hmac-{name}"] = custom("hmac", b64(hmac.new(b"key", p, name).digest()), "base64", hash={"digest": name} | key("key"))
    rows["sha256-latin1"] = custom("sha256", digest("sha256", OLD.encode("latin-1")).hex(), password={"encoding": "latin1"})
    return rows


def test_journey_13_every_hash_and_once_more(https, api):
    mark = uuid.uuid4().hex[:8]
    rows = every_algorithm()
    address = lambda name: f"{name}-{mark}@example.com"  # noqa: E731
    file = [{"email": address(name), "email_verified": True, "user_id": f"{name}-{mark}"} | row for name, row in rows.items()]
    file[0] |= {"given_name": "Ada", "app_metadata": {"plan": "gold"}, "user_metadata": {"colour": "red"}, "mfa_factors": [{"totp": {"secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}}]}
    bad = [
        {"email": address("unknown-field"), "shoe_size": 39},
        {"email": address("both-hashes"), "password_hash": "$2" + BCRYPT, "custom_password_hash": {"algorithm": "md5", "hash": {"value": "00" * 16}}},
        {"email": address("no-hash"), "custom_password_hash": {"algorithm": "md5", "hash": {"value": "xyz", "encoding": "hex"}}},
        {"email": address("reserved"), "app_metadata": {"_id": "x"}},
        {"email": "no address"},
        {"name": "nobody"},
        {"email": address("phone"), "mfa_factors": [{"phone": {"value": "+4930123456"}}]},
        {"email": address("bcrypt")},
        "nonsense",
    ]
    job = api.imported(file + bad, external_id="run-1")
    assert job["summary"] == {"failed": len(bad), "updated": 0, "inserted": len(rows), "total": len(rows) + len(bad)}, api.get(f"/jobs/{job['id']}/errors")
    assert job["external_id"] == "run-1" and job["type"] == "users_import" and job["connection_id"] == api.connection_id()
    errors = api.get(f"/jobs/{job['id']}/errors")
    assert len(errors) == len(bad) and all(one["errors"][0]["message"] and one["errors"][0]["code"] for one in errors)
    assert "DUPLICATED_USER" in {one["errors"][0]["code"] for one in errors}

    for name in rows:
        wrong, right = login(https, address(name), OLD + "x"), login(https, address(name), OLD)
        assert (wrong.status_code, right.status_code) == (403, 200), f"{name}: {right.text}"
        assert claims_of(right.json()["id_token"])[1]["sub"] == f"auth0|{name}-{mark}"
    ada = api.get(at(f"auth0|bcrypt-{mark}"))
    assert (ada["given_name"], ada["app_metadata"], ada["multifactor"]) == ("Ada", {"plan": "gold"}, ["authenticator"])
    # The hash has given way to our own, and takes the same password.
    assert login(https, address("md4"), OLD).status_code == 200

    # The same again is refused; as a change it takes names and metadata, and no password that was used.
    again = api.imported(file[:3])
    assert again["summary"]["failed"] == 3
    change = [
        {"email": address("argon2"), "given_name": "Grace", "blocked": True, "username": "grace", "user_id": "other", "app_metadata": {"plan": "new"}, "custom_password_hash": {"algorithm": "md5", "hash": {"value": digest("md5", b"another 1").hex(), "encoding": "hex"}}},
        {"email": address("fresh"), "custom_password_hash": {"algorithm": "md5", "hash": {"value": digest("md5", OLD.encode()).hex(), "encoding": "hex"}}},
    ]
    third = api.imported(change, upsert="true")
    assert third["summary"] == {"failed": 0, "updated": 1, "inserted": 1, "total": 2}, api.get(f"/jobs/{third['id']}/errors")
    grace = api.get(at(f"auth0|argon2-{mark}"))
    assert (grace["given_name"], grace["blocked"], grace["email_verified"], grace["app_metadata"]) == ("Grace", False, True, {"plan": "new"})
    assert "username" not in grace
    assert login(https, address("argon2"), "another 1").status_code == 403 and login(https, address("argon2"), OLD).status_code == 200
    assert login(https, address("fresh"), OLD).status_code == 200


def test_journey_13_out_and_into_an_empty_server(https, api, library, new_server, tmp_path):
    mark = uuid.uuid4().hex[:8]
    made = [api.new_user(email=f"out{n}-{mark}@example.com", name=f"=Out {n}", app_metadata={"mark": mark}, user_metadata={"n": n}) for n in range(3)]
    lines = [json.loads(line) for line in api.exported().splitlines()]
    ours = [one for one in lines if one["app_metadata"].get("mark") == mark]
    assert [one["user_id"] for one in ours] == [one["user_id"] for one in made] and "password" not in json.dumps(lines).replace(DATABASE, "").replace("last_password_reset", "")
    # Some fields under other names, and a table that holds no formula.
    fields = [{"name": "email", "export_as": "mail"}, {"name": "user_metadata.n"}, {"name": "identities[0].provider", "export_as": "by"}]
    chosen = [json.loads(line) for line in api.exported(format="json", fields=fields).splitlines()]
    assert {"mail": f"out2-{mark}@example.com", "user_metadata.n": 2, "by": "auth0"} in chosen
    table = list(csv.DictReader(io.StringIO(api.exported(format="csv", fields=[{"name": "email"}, {"name": "name"}]), newline="")))
    assert {"email": f"out1-{mark}@example.com", "name": "'=Out 1"} in table
    assert len(api.exported(limit=2).splitlines()) == 2

    known = ("email", "email_verified", "username", "given_name", "family_name", "name", "nickname", "picture", "blocked", "app_metadata", "user_metadata")
    rows = [{key: one[key] for key in known if key in one} | {"user_id": one["user_id"].removeprefix("auth0|")} for one in ours]
    empty = OverHttps(new_server())
    there = Api(empty)
    file = tmp_path / "users.json"
    file.write_text(json.dumps(rows))
    newcomer = ManagementLibrary(python_of("auth0_python_4" if library.is_old else "auth0_python"), empty)
    try:
        job = newcomer.call("jobs.import_users", there.connection_id(), {"$file": str(file)}) if library.is_old else newcomer.call(
            "jobs.users_imports.create", connection_id=there.connection_id(), users={"$file": str(file)}, upsert=True, send_completion_email=False
        )  # fmt: skip
    finally:
        newcomer.stop()
    assert there.finished(job)["summary"]["inserted"] == 3
    for one in ours:
        back = there.get(at(one["user_id"]))
        assert (back["email"], back["name"], back["user_metadata"]) == (one["email"], one["name"], one["user_metadata"])


def test_links_to_a_new_password_and_a_proven_address(https, api, library, person, callback):
    user = api.new_user()
    uid, email, old = user["user_id"], user["email"], library.is_old
    wanted = {"user_id": uid, "result_url": callback.url, "ttl_sec": 600}
    if old:
        change = library.call("tickets.create_pswd_change", wanted)["ticket"]
        verify = library.call("tickets.create_email_verification", wanted)["ticket"]
    else:
        change = library.call("tickets.change_password", **wanted)["ticket"]
        verify = library.call("tickets.verify_email", **wanted)["ticket"]
    assert change.startswith(https.issuer) and verify.startswith(https.issuer)
    # Whoever only looks changes nothing, nor does a form that comes from elsewhere.
    for link in (change, verify):
        assert https.session().get(link, timeout=20).status_code == 200
        assert https.session().post(link, data={"password": OTHER_PASSWORD}, timeout=20).status_code == 403
    assert api.get(at(uid))["email_verified"] is False

    ada = person(ignore_https_errors=True)
    hosted = Hosted(ada, https, ada.page)
    ada.page.goto(verify)
    hosted.continue_()
    ada.page.wait_for_url(lambda url: url.startswith(callback.url))
    told = urllib.parse.parse_qs(urllib.parse.urlsplit(ada.page.url).query)
    assert told["success"] == ["true"] and told["email"] == [email]
    assert api.get(at(uid))["email_verified"] is True

    refresh = login(https, email, PASSWORD, scope="openid offline_access").json()["refresh_token"]
    ada.page.goto(change)
    hosted.give_password("password1234")
    hosted.sees("#error")
    hosted.give_password(OTHER_PASSWORD)
    ada.page.wait_for_url(lambda url: url.startswith(callback.url))
    assert [login(https, email, one).status_code for one in (PASSWORD, OTHER_PASSWORD)] == [403, 200]
    spent = {"grant_type": "refresh_token", "refresh_token": refresh} | {k: https.auth0[k] for k in ("client_id", "client_secret")}
    assert https.post("/oauth/token", json=spent).status_code == 403
    # Each works once, for a while, and not after what it is about has changed.
    for link in (change, verify):
        assert https.session().get(link, timeout=20).status_code == 410
    stale, short = (api.post("/tickets/password-change", {"user_id": uid} | more)["ticket"] for more in ({}, {"ttl_sec": 1}))
    time.sleep(1.2)
    assert https.session().get(short, timeout=20).status_code == 410
    assert api.ask("PATCH", at(uid), json={"password": PASSWORD}).status_code == 200
    assert https.session().get(stale, timeout=20).status_code == 410
    assert https.session().get(change[:-4] + "AAAA", timeout=20).status_code == 410
    for wrong, status, code in (
        ({"user_id": "auth0|nobody"}, 404, "inexistent_user"),
        ({"user_id": uid, "result_url": "javascript:alert(1)"}, 400, "invalid_body"),
        ({"user_id": uid, "email": email, "connection_id": api.connection_id()}, 400, "invalid_body"),
        ({"email": email, "connection_id": "con_x"}, 404, "inexistent_connection"),
        ({}, 400, "invalid_body"),
    ):
        refused(api.ask("POST", "/tickets/password-change", json=wrong), status, code)
    by_address = api.post("/tickets/password-change", {"email": email, "connection_id": api.connection_id(), "mark_email_as_verified": True})
    assert https.session().get(by_address["ticket"], timeout=20).status_code == 200


def test_a_mail_that_asks_to_prove_an_address(https, api):
    user = api.new_user()
    seen = https.mailbox.seen(user["email"])
    job = api.post("/jobs/verification-email", {"user_id": user["user_id"]})
    assert (job["type"], job["status"]) == ("verification_email", "completed")
    assert https.mailbox.link(user["email"], not_in=seen)
    assert api.get(f"/jobs/{job['id']}")["id"] == job["id"]
    quiet, loud = api.new_user(verify_email=False), api.new_user(verify_email=True)
    assert https.mailbox.code(loud["email"]) and not https.mailbox.seen(quiet["email"])


def test_who_may_do_what_to_whom(https, api):
    uid = api.new_user()["user_id"]
    reader = Api(https, scope="read:users")
    assert reader.get(at(uid))["user_id"] == uid
    role = {"roles": ["rol_" + "0" * 32]}
    for method, path, body in (
        ("POST", "/users", {}), ("PATCH", at(uid), {"name": "x"}), ("DELETE", at(uid), None), ("POST", at(uid) + "/roles", role),
        ("DELETE", at(uid) + "/roles", role), ("POST", at(uid) + "/permissions", {}), ("GET", at(uid) + "/authentication-methods", None),
        ("DELETE", at(uid) + "/authentication-methods", None), ("DELETE", at(uid) + "/sessions", None), ("GET", at(uid) + "/logs", None),
        ("POST", "/tickets/password-change", {}), ("POST", "/tickets/email-verification", {}), ("POST", "/jobs/users-imports", {}),
        ("POST", "/jobs/verification-email", {}), ("GET", "/roles", None), ("POST", "/roles", {}), ("GET", "/sessions/x", None),
        ("GET", "/refresh-tokens/x", None), ("POST", at(uid) + "/recovery-code-regeneration", None), ("POST", at(uid) + "/revoke-access", {}),
        ("DELETE", at(uid) + "/multifactor/guardian", None), ("POST", at(uid) + "/multifactor/actions/invalidate-remember-browser", None),
    ):  # fmt: skip
        refused(reader.ask(method, path, json=body), 403, "insufficient_scope")
    assert https.get("/api/v2/users").status_code == 401
    # What programs keep of a person may have a scope of its own.
    keeper = Api(https, scope="update:users_app_metadata")
    assert keeper.ask("PATCH", at(uid), json={"app_metadata": {"a": 1}}).json()["app_metadata"] == {"a": 1}
    refused(keeper.ask("PATCH", at(uid), json={"app_metadata": {}, "name": "x"}), 403, "insufficient_scope")
    # An export holds people's data, whoever made it.
    job = api.post("/jobs/users-exports", {"format": "json", "limit": 1})
    creator = Api(https, scope="create:users")
    refused(creator.ask("GET", f"/jobs/{job['id']}"), 403, "insufficient_scope")
    assert https.get("/exports/nonsense").status_code == 404

    # Another tenant's people, roles and jobs are not there.
    tenant = https.admin.create_tenant(f"elsewhere-{uuid.uuid4().hex[:6]}")
    theirs = https.admin.request("POST", "/users", json={"email": new_email("foreign")}, headers={"Doorward-Tenant": tenant["slug"]})
    foreign = "auth0|" + theirs["id"].replace("-", "")[:24]
    their_role = https.admin.request("POST", "/roles", json={"name": "theirs"}, headers={"Doorward-Tenant": tenant["slug"]})
    for method, path, body in (
        ("GET", at(foreign), None), ("PATCH", at(foreign), {"name": "x"}), ("GET", at(foreign) + "/roles", None),
        ("GET", at(foreign) + "/authentication-methods", None), ("POST", "/tickets/password-change", {"user_id": foreign}),
    ):  # fmt: skip
        refused(api.ask(method, path, json=body), 404, "inexistent_user")
    role_id = "rol_" + their_role["id"].replace("-", "")
    refused(api.ask("GET", f"/roles/{role_id}"), 404, "inexistent_role")
    refused(api.ask("POST", at(uid) + "/roles", json={"roles": [role_id]}), 404, "inexistent_role")
    assert api.ask("DELETE", at(foreign)).status_code == 204
    assert https.admin.request("GET", f"/users/{theirs['id']}", headers={"Doorward-Tenant": tenant["slug"]})["id"] == theirs["id"]
