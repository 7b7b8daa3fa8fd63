"""The Corbado accent: codes and links by e-mail. Journeys 9 and 10."""

import base64
import json
import re
import urllib.parse

import pytest
from playwright.sync_api import expect

import corbado
from corbado import Components, Script
from server import until

HTTPS = {"ignore_https_errors": True}
BY_LINK = {"code": {"link": True, "by_link": True, "resend_after_seconds": 0}}


@pytest.fixture
def ada(person, clients, server):
    return Components(person(**HTTPS), clients.corbado(corbado.project(server)))


def test_9_sign_up_by_code_then_login_by_code_offers_a_passkey(ada, email, server):
    ada.open().sign_up_form("Ada Lovelace", email)
    ada.press("Email verification")
    ada.sees("Enter the passcode sent to your email address")
    code = server.mailbox.code(email)
    ada.type_code("000000" if code != "000000" else "111111")
    ada.sees("The code is invalid or expired")
    ada.type_code(code)
    ada.is_home(email)
    ada.log_out()

    # No passkey was used, so the next login asks for a name again.
    assert "cbo_last_identifier" not in ada.storage()
    seen = server.mailbox.seen(email)
    ada.open("/#login").log_in_form(email)
    ada.type_code(server.mailbox.code(email, not_in=seen))
    ada.press("Maybe later")
    ada.is_home(email)
    assert ada.authenticator.credentials() == []
    ada.log_out()

    # Put off means not asked again at once.
    seen = server.mailbox.seen(email)
    ada.open("/#login").log_in_form(email)
    ada.type_code(server.mailbox.code(email, not_in=seen))
    ada.is_home(email)


def test_9_the_passkey_that_a_login_offers_is_made(ada, email, server):
    Script(ada.app.info).sign_up_by_code(server.mailbox, email)
    seen = server.mailbox.seen(email)
    ada.open("/#login").log_in_form(email)
    ada.type_code(server.mailbox.code(email, not_in=seen))
    ada.sees("Maybe later")
    with ada.touch():
        ada.page.get_by_role("button").first.click()
        ada.sees("Success!")
    ada.press("Continue")
    ada.is_home(email)
    assert json.loads(ada.storage()["cbo_last_identifier"]) == {"value": email, "type": "email"}
    expect(ada.passkey_cards()).to_have_count(1)


def test_9_another_code_can_be_asked_for_and_a_code_is_good_for_five_guesses(server, email):
    script = Script(corbado.project(server))
    script.init("signup-init")
    script.sign_up_form("Ada", email=email)
    assert script.send_code()["data"]["retryNotBefore"] > 0
    first = server.mailbox.code(email)
    seen = server.mailbox.seen(email)
    script.send_code()
    second = server.mailbox.code(email, not_in=seen)
    if first != second:
        assert script.give_code(first)["data"]["error"]["code"] == "invalid_challenge_solution_email-otp"
    for guess in ["000000", "000001", "000002", "000003", "000004"]:
        assert script.give_code(guess)["block"] == "email-verify"
    assert script.give_code(second)["data"]["error"]["code"] == "invalid_challenge_solution_email-otp"
    seen = server.mailbox.seen(email)
    script.send_code()
    assert script.give_code(server.mailbox.code(email, not_in=seen))["block"] == "completed"


def read_link(link):
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)
    return json.loads(base64.b64decode(query["corbadoEmailLinkID"][0])), query["corbadoToken"][0]


def mailed_link(server, email):
    """The button's address in the newest mail."""

    def look():
        for message in server.mailbox.messages(email):
            found = re.search(r"https?://\S*corbadoEmailLinkID\S*", message["text"])
            if found:
                return found.group(0)
        return None

    return until(f"a link for {email}", look)


@pytest.fixture
def linked(person, clients, server):
    return Components(person(**HTTPS), clients.corbado(corbado.project(server, policy=BY_LINK)))


def test_10_a_link_followed_in_the_same_browser_finishes(linked, email, server):
    linked.open().sign_up_form("Ada Lovelace", email)
    linked.press("Email verification")
    linked.sees(email)
    link = mailed_link(server, email)
    told, secret = read_link(link)
    assert told["process"]["projectId"] == linked.app.info["project_id"] and told["authType"] == 1
    assert told["blockData"]["identifier"] == email and len(secret) >= 32
    landing = Components(linked.person, linked.app, linked.person.tab())
    landing.page.goto(link)
    landing.is_home(email)
    # The link is used up: nobody gets in with it any more.
    landing.log_out()
    landing.page.goto("about:blank")
    landing.page.goto(link)
    landing.sees(re.compile("expired|invalid"))
    assert landing.cookie("cbo_session_token") is None


def test_10_a_sign_up_link_followed_elsewhere_lets_the_first_browser_go_on(linked, email, server, person):
    linked.open().sign_up_form("Ada Lovelace", email)
    linked.press("Email verification")
    linked.sees(email)
    other = Components(person(**HTTPS), linked.app)
    other.page.goto(mailed_link(server, email))
    linked.is_home(email)
    assert other.cookie("cbo_session_token") is None
    assert other.path() == "/"


def test_10_a_login_link_followed_elsewhere_signs_in_there_and_only_there(linked, email, server, person):
    Script(linked.app.info).sign_up_by_code(server.mailbox, email)
    linked.open("/#login").log_in_form(email)
    linked.sees(email)
    other = Components(person(**HTTPS), linked.app)
    other.page.goto(mailed_link(server, email))
    other.is_home(email)
    # Otherwise a stranger could begin a login with this address and wait for its owner to open the mail.
    linked.page.wait_for_timeout(3_000)
    assert linked.cookie("cbo_session_token") is None
    assert linked.path() == "/"


def test_10_a_link_is_bound_to_its_process_and_project(server, email):
    info = corbado.project(server, policy=BY_LINK)
    script = Script(info)
    script.init("signup-init")
    script.sign_up_form("Ada", email=email)
    script.send_code()
    told, secret = read_link(mailed_link(server, email))

    def follow(project, name, code):
        other = Script(project)
        other.temp = name
        return other.give_code(code, "email-link")

    name = told["process"]["tempId"]
    assert follow(corbado.project(server, policy=BY_LINK), name, secret)["data"]["error"]["code"].endswith("email-link")
    assert follow(info, name, secret[:-4] + "AAAA")["data"]["error"]["code"].endswith("email-link")
    assert follow(info, name[:-4] + "AAAA", secret)["data"]["error"]["code"].endswith("email-link")
    assert follow(info, name, secret)["continueOnOtherDevice"]["reason"] == "email-link-verified"
    # Elsewhere the name of the link opens nothing else.
    stranger = Script(info)
    stranger.temp = name
    assert stranger.get("/v2/auth/process", expect_status=400)["error"]["type"] == "process_not_available"
    # The browser that asked is told, and goes on.
    assert script.get("/v2/auth/identifier/verify/status")["blockBody"]["block"] == "completed"
