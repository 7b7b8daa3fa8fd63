"""The Auth0 accent's Management API, journeys 11 and 12 as far as applications go: clients, APIs, grants, connections, settings,
keys and logs, by auth0-python of two generations and by plain calls."""

import base64
import hashlib
import json
import re
import subprocess
import urllib.parse
import uuid

import jwt
import pytest
from cryptography import x509

from auth0_accent import ManagementLibrary, OverHttps, claims_of
from clients.processes import HERE
from environments import ROOT, python_of

DATABASE = "Username-Password-Authentication"
PASSWORD = "correct horse battery staple 7"


@pytest.fixture(scope="module")
def https(database, tmp_path_factory):
    """A server of this module's own: policy and keys are changed here."""
    from server import Doorward

    started = Doorward(tmp_path_factory.mktemp("management") / "data", database.new_url()).start()
    yield OverHttps(started)
    started.stop()


@pytest.fixture(params=["auth0_python", "auth0_python_4"])
def library(request, https):
    started = ManagementLibrary(python_of(request.param), https)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def newest(https):
    started = ManagementLibrary(python_of("auth0_python"), https)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def api(https):
    return Api(https)


class Api:
    """The API by plain calls."""

    def __init__(self, https, **client):
        self.https = https
        self.client = https.auth0["management"] | client
        self.audience = https.issuer + "api/v2/"
        self.token = self.new_token()["access_token"]

    def new_token(self, **more):
        grant = {"grant_type": "client_credentials", "audience": self.audience} | self.client | more
        answer = self.https.post("/oauth/token", json=grant)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ask(self, method, path, token=None, **arguments):
        headers = {"Authorization": f"Bearer {token or self.token}"} | arguments.pop("headers", {})
        address = self.https.url + "/api/v2" + path
        return self.https.session().request(method, address, headers=headers, timeout=20, **arguments)

    def get(self, path, **arguments):
        answer = self.ask("GET", path, **arguments)
        assert answer.status_code == 200, answer.text
        return answer.json()


def refused(answer, status, code):
    told = answer.json()
    assert (answer.status_code, told["statusCode"], told.get("errorCode")) == (status, status, code), answer.text
    assert told["error"] and told["message"]
    return told["message"]


def test_journey_11_an_api_a_client_and_a_grant(https, library, email):
    name = uuid.uuid4().hex
    identifier = f"https://{name}.example/api"
    scopes = [{"value": "read:things", "description": "Read things"}, {"value": "write:things"}]
    api = {"name": "Things", "identifier": identifier, "scopes": scopes, "enforce_policies": True, "token_dialect": "access_token_authz"}
    client = {
        "name": f"Worker {name}",
        "app_type": "non_interactive",
        "grant_types": ["client_credentials"],
        "client_metadata": {"team": "red"},
    }
    old = library.is_old
    made = library.call("resource_servers.create", api) if old else library.call("resource_servers.create", **api)
    assert made["identifier"] == identifier and made["token_dialect"] == "access_token_authz" and made["enforce_policies"] is True
    again = library.send("resource_servers.create", api) if old else library.send("resource_servers.create", **api)
    assert (again["status"], again["code"]) == (409, "resource_server_conflict")
    # The older library puts an id into the path as it is given.
    for key in (made["id"], urllib.parse.quote(identifier, safe="") if old else identifier):
        assert library.call("resource_servers.get", key)["id"] == made["id"]

    worker = library.call("clients.create", client) if old else library.call("clients.create", **client)
    assert re.fullmatch("[0-9a-f]{32}", worker["client_id"]) and worker["client_secret"]
    assert worker["client_metadata"] == {"team": "red"} and worker["grant_types"] == ["client_credentials"]

    grant = {"client_id": worker["client_id"], "audience": identifier, "scope": ["read:things"]}
    given = library.call("client_grants.create", grant) if old else library.call("client_grants.create", **grant)
    assert given["id"].startswith("cgr_") and given["scope"] == ["read:things"]
    ask = {"grant_type": "client_credentials", "audience": identifier, "client_id": worker["client_id"]}
    token = https.post("/oauth/token", json=ask | {"client_secret": worker["client_secret"]}).json()
    _, claims = claims_of(token["access_token"])
    assert (claims["scope"], claims["aud"], claims["gty"]) == ("read:things", identifier, "client-credentials")
    assert claims["sub"] == worker["client_id"] + "@clients"

    wider = {"scope": ["read:things", "write:things"]}
    library.call("client_grants.update", given["id"], wider) if old else library.call("client_grants.update", id=given["id"], **wider)
    found = library.call("client_grants.all", audience=identifier) if old else library.call("client_grants.list", audience=identifier)
    assert [one["scope"] for one in found] == [wider["scope"]]

    rotated = library.call("clients.rotate_secret", worker["client_id"])
    assert rotated["client_secret"] != worker["client_secret"]
    after = [https.post("/oauth/token", json=ask | {"client_secret": one["client_secret"]}) for one in (worker, rotated)]
    assert [one.status_code for one in after] == [401, 200]
    assert claims_of(after[1].json()["access_token"])[1]["scope"] == "read:things write:things"

    web = {"name": f"Web {name}", "app_type": "regular_web", "callbacks": ["http://localhost:5999/callback"]}
    site = library.call("clients.create", web) if old else library.call("clients.create", **web)
    change = {"callbacks": ["http://localhost:5999/other"], "jwt_configuration": {"lifetime_in_seconds": 600, "alg": "RS256"}}
    changed = library.call("clients.update", site["client_id"], change) if old else library.call("clients.update", id=site["client_id"], **change)
    assert changed["callbacks"] == change["callbacks"] and changed["jwt_configuration"]["lifetime_in_seconds"] == 600
    assert changed["name"] == web["name"] and "client_credentials" in changed["grant_types"]
    begin = {"client_id": site["client_id"], "response_type": "code", "scope": "openid", "state": "s"}
    for callback, status in (("http://localhost:5999/other", 302), ("http://localhost:5999/callback", 400)):
        answer = https.get("/authorize", params=begin | {"redirect_uri": callback})
        assert answer.status_code in (status, 303 if status == 302 else status), answer.text

    for path, key in (("client_grants", given["id"]), ("clients", site["client_id"]), ("clients", worker["client_id"]), ("resource_servers", made["id"])):
        library.call(f"{path}.delete", key)
    gone = library.send("clients.get", worker["client_id"])
    assert (gone["status"], gone["code"]) == (404, "inexistent_client")


def test_journey_11_an_api_says_how_long_its_tokens_live(https, api, newest):
    """Longer or shorter than a client's own: no client of this accent has a setting for it."""
    name = uuid.uuid4().hex
    identifier = f"https://{name}.example/api"
    made = newest.call("resource_servers.create", name="Long", identifier=identifier, token_lifetime=172_800)
    worker = newest.call("clients.create", name=f"Worker {name}", app_type="non_interactive", grant_types=["client_credentials"])
    newest.call("client_grants.create", client_id=worker["client_id"], audience=identifier, scope=[])
    ask = {"grant_type": "client_credentials", "audience": identifier, "client_id": worker["client_id"], "client_secret": worker["client_secret"]}
    for seconds in (172_800, 600):
        changed = api.ask("PATCH", f"/resource-servers/{made['id']}", json={"token_lifetime": seconds})
        assert changed.status_code == 200 and changed.json()["token_lifetime"] == seconds, changed.text
        token = https.post("/oauth/token", json=ask).json()
        _, claims = claims_of(token["access_token"])
        assert token["expires_in"] == claims["exp"] - claims["iat"] == seconds


def test_journey_12_pages_end(https, library):
    """Every client once, by the library's own pager where it has one; a page past the end is an empty one."""
    new = {f"Paged {uuid.uuid4().hex}" for _ in range(5)}
    for name in sorted(new):
        library.call("clients.create", {"name": name}) if library.is_old else library.call("clients.create", name=name)
    if library.is_old:
        seen, page = [], 0
        while True:
            told = library.call("clients.all", page=page, per_page=2, extra_params={"include_totals": "true"})
            assert (told["start"], told["limit"]) == (2 * page, 2)
            if not told["clients"]:
                break
            seen += told["clients"]
            page += 1
        assert told["total"] == len(seen)
    else:
        seen = library.call("clients.list", per_page=2)
    ids = [one["client_id"] for one in seen]
    assert len(ids) == len(set(ids)) and new <= {one["name"] for one in seen}
    if not library.is_old:
        by_checkpoint = library.call("client_grants.list", take=1)
        assert len({one["id"] for one in by_checkpoint}) == len(by_checkpoint) >= 2


def test_who_may_call(https, api, newest, email):
    refused(https.get("/api/v2/clients"), 401, None)
    refused(api.ask("GET", "/clients", token="x.y.z"), 401, None)
    head, body, signature = api.token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    bent = base64.urlsafe_b64encode(json.dumps(claims | {"scope": "read:clients"}).encode()).decode().rstrip("=")
    refused(api.ask("GET", "/clients", token=f"{head}.{bent}.{signature}"), 401, None)
    # A token for another API.
    other = api.new_token(audience=https.auth0["audience"], client_id=https.auth0["client_id"], client_secret=https.auth0["client_secret"])
    refused(api.ask("GET", "/clients", token=other["access_token"]), 401, None)
    # Fewer scopes.
    narrow = api.new_token(scope="read:clients")["access_token"]
    shown = api.ask("GET", "/clients/" + api.client["client_id"], token=narrow)
    assert shown.status_code == 200 and "client_secret" not in shown.json()
    assert api.get("/clients/" + api.client["client_id"])["client_secret"] == api.client["client_secret"]
    message = refused(api.ask("POST", "/clients", token=narrow, json=5), 403, "insufficient_scope")
    assert "create:clients" in message
    # A person's token for the same audience opens nothing, whatever scopes it was given.
    https.admin.allow_passwords()
    signup = {"client_id": https.auth0["client_id"], "connection": DATABASE, "email": email, "password": PASSWORD}
    assert https.post("/dbconnections/signup", json=signup).status_code == 200
    login = {"grant_type": "password", "username": email, "password": PASSWORD, "audience": api.audience, "scope": "read:clients read:users"}
    login |= {"client_id": https.auth0["client_id"], "client_secret": https.auth0["client_secret"]}
    theirs = https.post("/oauth/token", json=login)
    assert theirs.status_code == 200, theirs.text
    refused(api.ask("GET", "/clients", token=theirs.json()["access_token"]), 401, None)
    # A program that is gone.
    gone = newest.call("clients.create", name="Gone", app_type="non_interactive")
    newest.call("client_grants.create", client_id=gone["client_id"], audience=api.audience, scope=["read:clients"])
    token = Api(https, client_id=gone["client_id"], client_secret=gone["client_secret"]).token
    assert api.ask("GET", "/clients", token=token).status_code == 200
    newest.call("clients.delete", gone["client_id"])
    refused(api.ask("GET", "/clients", token=token), 401, None)


def test_what_is_not_there_and_what_makes_no_sense(https, api):
    for path in ("/organizations", "/prompts", "/branding", "/guardian/factors", "/no/such/thing", "/clients/x/nothing"):
        refused(api.ask("GET", path), 404, "not_found")
    refused(api.ask("PUT", "/clients", json={}), 405, "method_not_allowed")
    refused(api.ask("GET", "/clients/nobody"), 404, "inexistent_client")
    refused(api.ask("GET", "/clients?per_page=101"), 400, "invalid_query_string")
    for body, named in (
        ({"name": 3}, "name"),
        ({"nmae": "x", "name": "x"}, "nmae"),
        ({"name": "x", "callbacks": ["javascript:alert(1)"]}, "callbacks[0]"),
        ({"name": "x", "callbacks": "http://localhost"}, "callbacks"),
        ({"name": "x", "app_type": "toaster"}, "app_type"),
        ({"name": "x", "jwt_configuration": {"alg": "HS256"}}, "jwt_configuration.alg"),
        ({"name": "x", "refresh_token": {"leeway": -1}}, "refresh_token.leeway"),
        ({"name": "x", "require_proof_of_possession": True}, "require_proof_of_possession"),
    ):
        assert f"'{named}'" in refused(api.ask("POST", "/clients", json=body), 400, "invalid_body")
    refused(api.ask("POST", "/clients", data="{", headers={"Content-Type": "application/json"}), 400, "invalid_body")
    refused(api.ask("POST", "/clients", data={"name": "x"}), 415, "invalid_body")
    # What belongs to somebody else is not there: another accent's application, another tenant's.
    refused(api.ask("GET", "/clients/" + https.standard["client_id"]), 404, "inexistent_client")
    tenant = https.admin.create_tenant("Elsewhere")
    foreign = https.admin.create_application("Foreign", ["https://a.example/cb"], tenant=tenant["slug"], accent="auth0")
    refused(api.ask("GET", "/clients/" + foreign["client_id"]), 404, "inexistent_client")
    refused(api.ask("PATCH", "/clients/" + foreign["client_id"], json={"name": "mine"}), 404, "inexistent_client")
    ours = api.get("/resource-servers/" + api.audience.replace(":", "%3A").replace("/", "%2F"))
    assert ours["is_system"] is True
    refused(api.ask("PATCH", "/resource-servers/" + ours["id"], json={"scopes": []}), 403, "operation_not_supported")


def test_every_answer_says_what_is_left(api):
    for path in ("/clients", "/clients/nobody", "/organizations"):
        headers = api.ask("GET", path).headers
        limit, left, reset = (int(headers[f"x-ratelimit-{name}"]) for name in ("limit", "remaining", "reset"))
        assert 0 <= left < limit and reset > 1_700_000_000


def test_fields_and_filters(api, newest):
    site = newest.call("clients.create", name="Fields", app_type="spa", is_first_party=False)
    one = api.get(f"/clients/{site['client_id']}?fields=name,app_type&include_fields=true")
    assert one == {"name": "Fields", "app_type": "spa"}
    rest = api.get(f"/clients/{site['client_id']}?fields=name&include_fields=false")
    assert "name" not in rest and rest["token_endpoint_auth_method"] == "none"
    assert all(c["app_type"] == "spa" for c in api.get("/clients?app_type=spa")) and api.get("/clients?is_global=true") == []
    assert site["client_id"] in {c["client_id"] for c in api.get("/clients?is_first_party=false")}


def test_connections_are_the_policy_of_sign_in(https, library, email):
    old = library.is_old
    found = library.call("connections.all", strategy="auth0") if old else library.call("connections.list", strategy=["auth0"])
    (connection,) = found
    assert connection["name"] == DATABASE and connection["strategy"] == "auth0"

    def change(options):
        body = {"options": options}
        return library.call("connections.update", connection["id"], body) if old else library.call("connections.update", id=connection["id"], **body)

    on = {"authentication_methods": {"password": {"enabled": True}, "passkey": {"enabled": True}}, "password_complexity_options": {"min_length": 12}}
    changed = change(on | {"disable_signup": False, "import_mode": False})
    assert changed["options"]["password_complexity_options"] == {"min_length": 12} and changed["options"]["import_mode"] is False
    signup = {"client_id": https.auth0["client_id"], "connection": DATABASE, "email": email, "password": PASSWORD}
    assert https.post("/dbconnections/signup", json=signup | {"password": "kurz-und-9k"}).status_code == 400
    assert https.post("/dbconnections/signup", json=signup).status_code == 200
    assert change({"disable_signup": True})["options"]["disable_signup"] is True
    closed = https.post("/dbconnections/signup", json=signup | {"email": "b" + email})
    assert (closed.status_code, closed.json()["code"]) == (400, "invalid_signup")
    change({"disable_signup": False})
    # By e-mail address, and not twice.
    login = {"grant_type": "password", "username": email, "password": PASSWORD, "scope": "openid"}
    login |= {"client_id": https.auth0["client_id"], "client_secret": https.auth0["client_secret"]}
    assert https.post("/oauth/token", json=login).status_code == 200
    remove = ("connections.delete_user_by_email", connection["id"], email) if old else None
    library.call(*remove) if old else library.call("connections.users.delete_by_email", id=connection["id"], email=email)
    assert https.post("/oauth/token", json=login).status_code == 403


def test_connections_of_clients(https, api, newest):
    by_name = {one["name"]: one for one in newest.call("connections.list")}
    mail = by_name["email"]
    site = newest.call("clients.create", name="Chooses", app_type="regular_web")
    of_site = lambda: {one["name"] for one in api.get(f"/clients/{site['client_id']}/connections")}  # noqa: E731
    assert of_site() == {DATABASE, "email"}
    status = [{"client_id": site["client_id"], "status": False}]
    newest.call("connections.clients.update", id=mail["id"], request=status)
    assert of_site() == {DATABASE}
    assert site["client_id"] not in {one["client_id"] for one in newest.call("connections.clients.get", id=mail["id"])}
    start = {"client_id": site["client_id"], "client_secret": site["client_secret"], "connection": "email", "email": "a@example.org", "send": "code"}
    assert https.post("/passwordless/start", json=start).status_code == 403
    # One way in must be left.
    other = api.ask("PATCH", f"/connections/{by_name[DATABASE]['id']}/clients", json=status)
    assert refused(other, 400, "invalid_body")
    newest.call("connections.clients.update", id=mail["id"], request=[status[0] | {"status": True}])
    assert of_site() == {DATABASE, "email"}
    # The way in by mail is there or not; the one that holds the accounts always is.
    newest.call("connections.delete", mail["id"])
    assert [one["name"] for one in newest.call("connections.list")] == [DATABASE]
    again = {"name": "email", "strategy": "email"}
    assert newest.call("connections.create", **again)["id"] == mail["id"]
    refused(api.ask("POST", "/connections", json=again), 409, "connection_conflict")
    refused(api.ask("POST", "/connections", json={"name": "sms", "strategy": "sms"}), 400, "invalid_body")
    refused(api.ask("DELETE", f"/connections/{by_name[DATABASE]['id']}"), 403, "operation_not_supported")


def test_tenant_settings(https, library):
    old = library.is_old
    before = library.call("tenants.get") if old else library.call("tenants.settings.get")
    wanted = {"friendly_name": "Ada & Co", "session_lifetime": 100, "idle_session_lifetime": 20, "support_email": "help@example.org", "flags": {"enable_client_connections": False}}
    after = library.call("tenants.update", wanted) if old else library.call("tenants.settings.update", **wanted)
    for name, value in wanted.items():
        assert after[name] == value, name
    https_policy = https.admin.default_tenant()["policy"]["session"]
    assert (https_policy["absolute_seconds"], https_policy["idle_seconds"]) == (360_000, 72_000)
    restored = {name: before[name] for name in ("friendly_name", "session_lifetime", "idle_session_lifetime")}
    library.call("tenants.update", restored) if old else library.call("tenants.settings.update", **restored)


def certificate_of(pem):
    return x509.load_pem_x509_certificate(pem.encode())


def test_keys_are_rotated_and_revoked_by_their_certificates(https, api):
    library = ManagementLibrary(python_of("auth0_python"), https)
    keys = library.call("keys.signing.list")
    (current,) = [key for key in keys if key["current"]]
    jwks = {key["kid"]: key for key in https.get("/.well-known/jwks.json").json()["keys"]}
    for kid, published in jwks.items():
        der = base64.b64decode(published["x5c"][0])
        digest = lambda name: base64.urlsafe_b64encode(hashlib.new(name, der).digest()).decode().rstrip("=")  # noqa: E731
        assert (published["x5t"], published["x5t#S256"]) == (digest("sha1"), digest("sha256"))
        known = x509.load_der_x509_certificate(der)
        key = jwt.algorithms.RSAAlgorithm.from_jwk(json.dumps(published))
        assert known.public_key().public_numbers() == key.public_numbers()
        known.verify_directly_issued_by(known)
        (told,) = [one for one in keys if one["kid"] == kid]
        assert certificate_of(told["cert"]) == known and told["thumbprint"] == hashlib.sha1(der).hexdigest().upper()

    old_token = api.new_token()["access_token"]
    assert claims_of(old_token)[0]["kid"] == current["kid"]
    busy = library.send("keys.signing.revoke", current["kid"])
    assert busy["status"] == 409
    rotated = library.call("keys.signing.rotate")
    assert rotated["kid"] != current["kid"] and certificate_of(rotated["cert"])
    new_token = api.new_token()["access_token"]
    assert claims_of(new_token)[0]["kid"] == rotated["kid"]
    # The former key is good until it is revoked.
    assert api.ask("GET", "/clients", token=old_token).status_code == 200
    api.token = new_token
    previous = library.call("keys.signing.get", current["kid"])
    assert previous["previous"] is True and previous["revoked"] is False and previous["current_until"]
    library.stop()
    # The library's own token was signed by that key too: another one does what ends it.
    revoked = api.ask("PUT", f"/keys/signing/{current['kid']}/revoke")
    assert revoked.status_code == 200 and revoked.json()["kid"] == current["kid"]
    refused(api.ask("GET", "/clients", token=old_token), 401, None)
    assert current["kid"] not in {key["kid"] for key in https.get("/.well-known/jwks.json").json()["keys"]}
    assert next(key for key in api.get("/keys/signing") if key["kid"] == current["kid"])["revoked"] is True


def test_logs(https, library, api, email):
    site = {"client_id": https.auth0["client_id"], "client_secret": https.auth0["client_secret"]}
    https.admin.allow_passwords()
    signup = {"client_id": site["client_id"], "connection": DATABASE, "email": email, "password": PASSWORD}
    assert https.post("/dbconnections/signup", json=signup).status_code == 200
    login = {"grant_type": "password", "username": email, "scope": "openid"} | site
    assert https.post("/oauth/token", json=login | {"password": "wrong"}).status_code == 403
    assert https.post("/oauth/token", json=login | {"password": PASSWORD}).status_code == 200

    search = f'user_name:"{email}" AND type:(fp OR s OR sepft)'
    found = library.call("logs.search", q=search, include_totals=True)["logs"] if library.is_old else library.call("logs.list", search=search, per_page=2)
    assert [one["type"] for one in found][::-1] == ["fp", "s", "sepft"] or {one["type"] for one in found} == {"fp", "s", "sepft"}
    for one in found:
        assert one["client_id"] == site["client_id"] and one["user_id"].startswith("auth0|") and one["date"].endswith("Z")
    oldest = found[-1]
    assert library.call("logs.get", oldest["log_id"])["type"] == oldest["type"]

    # Behind an entry, oldest first, without a gap, to the end.
    seen, behind = [], oldest["log_id"]
    while part := api.get(f"/logs?from={behind}&take=2"):
        seen += part
        behind = part[-1]["log_id"]
    ids = [one["log_id"] for one in seen]
    assert len(ids) == len(set(ids)) and {one["log_id"] for one in found[:-1]} <= set(ids)
    assert [one["date"] for one in seen] == sorted(one["date"] for one in seen)
    assert [one["date"] for one in api.get("/logs?sort=date:1&per_page=5")] == sorted(one["date"] for one in api.get("/logs?sort=date:1&per_page=5"))
    # Names of people are for those who may see them.
    plain = api.new_token(scope="read:logs")["access_token"]
    told = api.ask("GET", f"/logs/{oldest['log_id']}", token=plain).json()
    assert "user_name" not in told and told["user_id"] == oldest["user_id"]
    assert {"sapi"} >= {one["type"] for one in api.get("/logs?q=type:sapi")}
    refused(api.ask("GET", "/logs?q=password:x"), 400, "invalid_query_string")
    refused(api.ask("GET", "/logs?from=x"), 400, "invalid_query_string")
    refused(api.ask("GET", "/logs/x"), 404, "inexistent_log")


@pytest.mark.any_database
def test_as_many_calls_are_answered_as_the_readme_says(https):
    """The library's calls, each once; the count stands in the accent's README."""
    settings = https.auth0["management"]
    environment = {"DOMAIN": https.auth0["domain"], "CLIENT_ID": settings["client_id"], "CLIENT_SECRET": settings["client_secret"], "PATH": ""}
    script = str(HERE / "auth0_python" / "count_calls.py")
    done = subprocess.run(
        [str(python_of("auth0_python")), "-W", "ignore", script],
        env=environment | https.trust, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    readme = (ROOT / "dialects" / "auth0" / "README.md").read_text()
    (said,) = re.findall(r"\*\*(\d+) of the (\d+) calls\*\*", readme)
    assert tuple(map(int, said)) == (told["real"], told["calls"]), told
