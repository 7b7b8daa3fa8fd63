"""The Corbado accent: what must not work."""

import re

import pytest
import requests

import corbado
from corbado import Components, Script

ALLOWED_HEADERS = {
    "content-type", "x-corbado-projectid", "x-corbado-sdk", "x-corbado-flags", "x-corbado-client-timezone",
    "x-corbado-process-id", "x-corbado-temp-process-id", "authorization", "cache-control", "pragma", "expires",
}  # fmt: skip
EVIL = "https://evil.example.com"


@pytest.fixture
def info(server):
    return corbado.project(server)


def preflight(server, origin, path="/v2/auth/process/init"):
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-corbado-projectid",
    }
    return requests.options(server.url + path, headers=headers, timeout=10)


def test_a_foreign_origin_gets_no_grant(server, info, email):
    answer = preflight(server, EVIL)
    assert not [h for h in answer.headers if h.lower().startswith("access-control-allow")]
    for origin in [EVIL, "http://localhost.evil.example.com:5000", "null", "https://localhost:5000"]:
        script = Script(info, origin=origin)
        script.post("/v2/auth/process/init", {}, expect_status=403)
        assert "access-control-allow-origin" not in script.answer.headers
        assert "set-cookie" not in script.answer.headers


def test_our_own_origin_gets_exactly_what_the_components_need(server, info):
    answer = preflight(server, "http://localhost:5000")
    assert answer.headers["access-control-allow-origin"] == "http://localhost:5000"
    assert answer.headers["access-control-allow-credentials"] == "true"
    allowed = {h.strip().lower() for h in answer.headers["access-control-allow-headers"].split(",")}
    assert allowed == ALLOWED_HEADERS
    assert int(answer.headers["access-control-max-age"]) > 0
    methods = {m.strip() for m in answer.headers["access-control-allow-methods"].split(",")}
    assert methods == {"GET", "POST", "PATCH", "DELETE", "OPTIONS"}
    # On errors too: the components read them.
    script = Script(info)
    script.get("/v2/me", expect_status=401)
    assert script.answer.headers["access-control-allow-origin"] == "http://localhost:5000"
    assert "origin" in script.answer.headers["vary"].lower()


def test_cookies_count_only_for_pages_of_the_application(server, info, email):
    script = Script(info)
    script.sign_up_by_code(server.mailbox, email)
    cookies = {c.name: c.value for c in script.http.cookies}
    assert {"cbo_refresh_token", "cbo_long_session", "cbo_short_session"} <= set(cookies)
    ask = lambda **headers: requests.post(
        server.url + "/v2/me/refresh",
        headers={"X-Corbado-ProjectID": info["project_id"]} | headers,
        cookies={"cbo_refresh_token": cookies["cbo_refresh_token"]},
        timeout=10,
    )
    assert ask(Origin=EVIL).status_code == 403
    assert ask().status_code == 401
    assert ask(Origin="http://localhost:5000").status_code == 200
    # The session token is no credential here.
    assert ask(Authorization=f"Bearer {cookies['cbo_short_session']}", Origin="http://localhost:5000").status_code == 401


def test_a_process_works_in_its_project_and_for_its_holder_only(server, info, email):
    script = Script(info)
    script.init("signup-init")
    script.sign_up_form("Ada", email=email)
    token = script.token

    def refused(script):
        assert script.get("/v2/auth/process", expect_status=400)["error"]["type"] == "process_not_available"

    other = Script(corbado.project(server))
    other.token = token
    refused(other)
    holder, name = token.split(".")
    bent = Script(info)
    for wrong in [f"{'A' * 24}.{name}", f"{holder}.{name[:-4]}AAAA", name, "", "x" * 5000]:
        bent.token = wrong
        refused(bent)
    assert script.get("/v2/auth/process")["blockBody"]["block"] == "passkey-append"


def test_a_secret_of_one_project_is_worth_nothing_in_another(server, info, email):
    done = Script(info).sign_up_by_code(server.mailbox, email)
    other = corbado.project(server)
    ask = lambda project: requests.get(
        server.url + "/v2/me",
        headers={"X-Corbado-ProjectID": project, "Authorization": f"Bearer {done['refreshToken']}"},
        timeout=10,
    )
    assert ask(info["project_id"]).status_code == 200
    assert ask(other["project_id"]).status_code == 401
    for project in ["pro-424242", "doorward-web", "pro-1x", ""]:
        assert ask(project).status_code == 400, project
    assert requests.get(
        server.url + "/v2/users", auth=(info["project_id"], other["api_secret"]), timeout=10
    ).status_code == 401
    # The secret of an application of another accent is no API secret.
    standard = server.standard
    auth = (standard["client_id"], standard["client_secret"])
    assert requests.get(server.url + "/v2/users", auth=auth, timeout=10).status_code == 401


def test_the_secret_is_told_to_the_page_only_where_the_project_says_so(server, email):
    info = corbado.project(server, embedded={"reveal_session_secret": False})
    script = Script(info)
    done = script.sign_up_by_code(server.mailbox, email)
    assert set(done) == {"blockType", "sessionToken", "shortSession"}
    # The cookie does it.
    assert script.post("/v2/me/refresh")["sessionToken"]
    assert script.post("/v2/me/logout")["httpStatusCode"] == 200
    script.post("/v2/me/refresh", expect_status=401)


def test_one_session_has_one_secret_and_an_ended_one_none(server, info, email):
    done = Script(info).sign_up_by_code(server.mailbox, email)
    first = done["refreshToken"]
    ask = lambda secret, path="/v2/me/refresh": requests.post(
        server.url + path,
        headers={"X-Corbado-ProjectID": info["project_id"], "Authorization": f"Bearer {secret}"},
        timeout=10,
    )
    # It is not rotated: the components could not take another one.
    for _ in range(3):
        answer = ask(first)
        assert answer.status_code == 200 and set(answer.json()) == {"sessionToken", "shortSession"}
    assert ask(first[:-2] + "AA").status_code == 401
    user = server.admin.user_by_email(email)
    server.admin.request("POST", f"/users/{user['id']}/block")
    assert ask(first).status_code == 401


def test_social_login_is_switched_off(server, info):
    script = Script(info)
    block = script.init("login-init")
    assert block["data"]["socialData"] == {"providers": [], "status": "initial"}
    body = {"providerType": "google", "redirectUrl": "http://localhost:5000/", "authType": "login"}
    answer = script.post("/v2/auth/social/verify/start", body)["blockBody"]
    assert answer["block"] == "login-init" and "oauthUrl" not in answer["data"]["socialData"]
    assert script.get("/v2/auth/social/verify/callback", expect_status=400)["error"]["type"] == "social_login_disabled"


def test_any_preferred_block_may_come(server, info):
    for preferred in ["passkey-append", "completed", "'; DROP TABLE process; --", "x" * 2000, ""]:
        assert Script(info).init(preferred)["block"] == "signup-init"
    assert Script(info).init("login-init")["block"] == "login-init"
    assert Script(info).post("/v2/auth/process/init", {})["processResponse"]["blockBody"]["block"] == "signup-init"


def test_unknown_and_empty_identifiers_are_answered_in_the_block(server, info, email):
    script = Script(info)
    script.init("login-init")
    for value in [email, "", "   ", "not an address", "+491701234567", "ada"]:
        block = script.log_in_form(value)
        assert block["block"] == "login-init", value
        assert block["data"]["fieldError"]["code"] in ("login_identifier_unknown_user", "identifier_not_allowed"), value


def test_mail_of_a_project_that_hides_accounts_tells_nothing(server, email):
    info = corbado.project(server, policy={"reveal_accounts": False})
    Script(info).sign_up_by_code(server.mailbox, email)
    known, unknown = Script(info), Script(info)
    answers = []
    for script, value in ((known, email), (unknown, "nobody-" + email)):
        script.init("login-init", passkeys=False)
        block = script.log_in_form(value)
        block["data"].pop("retryNotBefore", None)
        answers.append(str(block).replace(value, "X"))
    assert answers[0] == answers[1]


def test_telemetry_and_fonts_are_the_pages_own_and_can_be_stopped(server, info, clients, person, email):
    """What the components send elsewhere, so that the README tells the truth about it."""
    quiet = Components(person(ignore_https_errors=True), clients.corbado(info))
    quiet.sign_up(email)
    hosts = {re.match(r"https?://([^/]+)", url).group(1) for url, _ in quiet.foreign}
    assert hosts == {"fonts.googleapis.com"}, hosts
    loud = Components(person(ignore_https_errors=True), clients.corbado(info, telemetry="1"))
    loud.sign_up("loud-" + email)
    loud.page.wait_for_timeout(500)
    hosts = {re.match(r"https?://([^/]+)", url).group(1) for url, _ in loud.foreign} - {"fonts.googleapis.com"}
    assert len(hosts) <= 1 and all("corbado" in host for host in hosts), hosts


