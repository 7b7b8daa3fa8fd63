"""The Corbado accent: ways through and around the process. Journeys 11 to 13, user names, policies, several devices."""

import json
import re
import uuid

import pytest
from playwright.sync_api import expect

import corbado
from corbado import Components, Script

HTTPS = {"ignore_https_errors": True}
USERNAMES = {"sign_up": {"identifiers": ["email", "username"], "username_min_length": 4, "username_max_length": 32}}


@pytest.fixture
def start(person, clients, server):
    """Opens an application with a project of its own in a new browser."""

    def begin(policy=None, authenticator=None, app=None, **settings):
        app = app or clients.corbado(corbado.project(server, policy=policy or {}), **settings)
        return Components(person(authenticator=authenticator, **HTTPS), app)

    return begin


def new_username():
    return f"ada-{uuid.uuid4().hex[:8]}"


def test_11_a_reload_in_the_middle_of_a_sign_up_is_no_dead_end(start, email):
    ada = start()
    ada.open().sign_up_form("Ada", email).sees("Create account with passkeys")
    ada.page.reload()
    ada.sees("Create account with passkeys").sees(email)
    ada.create_passkey()
    ada.is_home(email)


def test_11_back_from_the_passkey_page_leads_to_a_form_that_works(start, email):
    ada = start()
    ada.open().sign_up_form("Ada", email).sees("Create account with passkeys")
    ada.page.go_back()
    sure = ada.page.get_by_role("button", name="Yes, take me back to the start")
    expect(sure.or_(ada.field("name")).first).to_be_visible()
    if sure.count():
        sure.click()
    ada.sees("Create your account")
    ada.sign_up_form("Ada Lovelace", email)
    ada.create_passkey()
    ada.is_home(email)


def test_11_an_expired_process_gives_a_fresh_form(own_server, clients, person, email):
    ada = Components(person(**HTTPS), clients.corbado(corbado.project(own_server)))
    ada.open().sign_up_form("Ada", email).sees("Create account with passkeys")
    own_server.clock.advance(2 * 3600)
    ada.page.reload()
    ada.sees("Create your account")
    # The page's own clock has not moved, so only the server knows.
    own_server.clock.reset()
    ada.page.reload()
    ada.sign_up_form("Ada", email)
    ada.create_passkey()
    ada.is_home(email)


def test_12_without_passkeys_the_code_comes_at_once(start, email, server):
    ada = start()
    ada.page.evaluate("1")
    ada.authenticator.cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": ada.authenticator.id})
    ada.open().sign_up_form("Ada", email)
    ada.sees("Enter the passcode sent to your email address")
    ada.type_code(server.mailbox.code(email))
    ada.is_home(email)
    ada.log_out()
    seen = server.mailbox.seen(email)
    ada.open("/#login").log_in_form(email)
    ada.type_code(server.mailbox.code(email, not_in=seen))
    # Nothing is offered that the device cannot hold.
    ada.is_home(email)


def test_13_without_public_sign_up_there_is_the_login_form_only(start, server):
    ada = start({"sign_up": {"enabled": False}})
    for path in ["/", "/#register", "/#login"]:
        ada.open(path).sees("Log in")
        assert ada.page.get_by_text("Sign up").count() == 0, path
    script = Script(ada.app.info)
    block = script.init("signup-init")
    assert block["block"] == "login-init" and not block.get("alternatives")
    assert script.sign_up_form("Ada", email="x@example.com")["block"] == "login-init"


def test_a_user_name_signs_up_and_logs_in(start, email, server):
    ada = start(USERNAMES)
    name = new_username()
    ada.open("/#register")
    ada.sign_up_form("Ada Lovelace", email, "ad").sees("Username must be between 4 and 32 characters")
    ada.sign_up_form("Ada Lovelace", email, name)
    ada.create_passkey()
    ada.is_home(email)
    ada.log_out()
    ada.page.evaluate("localStorage.removeItem('cbo_last_identifier')")
    ada.open("/#login")
    ada.page.get_by_label("Email address or username").fill(name)
    with ada.touch_when_asked():
        ada.press("Continue")
        ada.is_home(email)
    other = Script(ada.app.info)
    other.init("signup-init")
    block = other.sign_up_form("Bo", email="bo-" + email, username=name)
    errors = {field["type"]: field.get("error", {}).get("code") for field in block["data"]["identifiers"]}
    assert errors == {"email": None, "username": "identifier_already_in_use"}


def test_a_login_by_user_name_shows_the_mailbox_masked(server, email):
    info = corbado.project(server, policy=USERNAMES)
    name = new_username()
    script = Script(info)
    script.init("signup-init")
    assert script.sign_up_form("Ada", email=email, username=name)["block"] == "passkey-append"
    script.send_code()
    assert script.give_code(server.mailbox.code(email))["block"] == "completed"
    seen = server.mailbox.seen(email)
    script = Script(info)
    script.init("login-init", passkeys=False)
    block = script.log_in_form(name)
    assert block["block"] == "email-verify"
    shown = block["data"]["identifier"]
    assert email not in json.dumps(block) and shown.endswith("@example.com") and "…" in shown
    assert script.give_code(server.mailbox.code(email, not_in=seen))["block"] == "completed"


def test_a_user_name_alone_needs_a_passkey(server):
    info = corbado.project(server, policy={"sign_up": {"identifiers": ["username"], "name_required": False}})
    script = Script(info)
    script.init("signup-init")
    block = script.sign_up_form(username=new_username())
    assert block["block"] == "passkey-append" and block["alternatives"] == []
    script = Script(info)
    script.init("signup-init", passkeys=False)
    assert script.sign_up_form(username=new_username())["error"]["code"] == "no_fallback_available"


def test_verification_during_sign_up(start, email, server):
    ada = start({"sign_up": {"verify_email": "during"}})
    ada.open().sign_up_form("Ada", email)
    with ada.touch():
        ada.press("Create account")
        ada.sees("Enter the passcode sent to your email address")
    assert server.admin.user_by_email(email) is None
    ada.type_code(server.mailbox.code(email))
    ada.is_home(email)
    assert json.loads(ada.storage()["cbo_last_identifier"])["value"] == email


def test_verification_at_the_first_login(start, email, server):
    ada = start({"sign_up": {"verify_email": "at_sign_in"}})
    ada.sign_up(email)
    assert server.mailbox.messages(email) == []
    ada.log_out()
    with ada.touch_when_asked():
        ada.page.get_by_text("Login with Passkey").click()
        ada.sees("Your email is not verified yet")
    assert ada.cookie("cbo_session_token") is None
    ada.type_code(server.mailbox.code(email))
    ada.is_home(email)
    ada.log_out()
    with ada.touch_when_asked():
        ada.page.get_by_text("Login with Passkey").click()
        ada.is_home(email)


def test_a_mistyped_address_is_corrected(server, email):
    info = corbado.project(server)
    script = Script(info)
    script.init("signup-init")
    script.sign_up_form("Ada", email="wrong-" + email)
    script.send_code()
    update = lambda value: script.block("/v2/auth/identifier/update", {"identifierType": "email", "value": value})
    assert update("not an address")["error"]["code"] == "identifier_invalid_format"
    assert update(server.info["admin"]["email"])["error"]["code"] == "identifier_already_in_use"
    block = update(email)
    assert (block["block"], block["data"]["identifier"]) == ("email-verify", email)
    old = server.mailbox.code("wrong-" + email)
    new = server.mailbox.code(email)
    if old != new:
        assert script.give_code(old)["data"]["error"]["code"] == "invalid_challenge_solution_email-otp"
    assert script.give_code(new)["block"] == "completed"


def test_a_passkey_on_another_device_is_asked_for_there(start, email):
    ada = start()
    ada.sign_up(email)
    # A second browser, which has never seen the passkey: the first one's cannot leave its device.
    elsewhere = start(app=ada.app)
    elsewhere.open("/#login").log_in_form(email)
    elsewhere.sees("A passkey was found on your mobile device").sees("Continue with email")
    assert elsewhere.cookie("cbo_session_token") is None
    # The passkey is brought along, as a phone at hand would.
    elsewhere.authenticator.add(ada.authenticator.credentials()[0])
    with elsewhere.touch():
        elsewhere.press("Use mobile device")
        elsewhere.is_home(email)
    # From now on it is known here.
    elsewhere.log_out()
    elsewhere.page.evaluate("localStorage.removeItem('cbo_last_identifier')")
    with elsewhere.touch_when_asked():
        elsewhere.open("/#login").log_in_form(email)
        elsewhere.is_home(email)


def test_refused_user_verification_makes_no_passkey_and_leaves_ways_on(start, email, server):
    ada = start()
    ada.open().sign_up_form("Ada", email)
    ada.authenticator.set_user_verified(False)
    with ada.touch():
        ada.press("Create account")
        ada.sees("Adding a passkey to your account was not possible")
    assert ada.authenticator.credentials() == []
    assert server.admin.user_by_email(email) is None
    ada.authenticator.set_user_verified(True)
    # The same page, once more, or its fallback: here the fallback.
    ada.press("Continue with email")
    ada.type_code(server.mailbox.code(email))
    ada.is_home(email)


def test_a_security_key_beside_the_platform(start, email):
    ada = start()
    ada.sign_up(email)
    ada.page.evaluate("1")
    key = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    added = ada.authenticator.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": key | {"automaticPresenceSimulation": True}})
    ada.press("Create a Passkey")
    expect(ada.passkey_cards()).to_have_count(2)
    found = ada.authenticator.cdp.send("WebAuthn.getCredentials", {"authenticatorId": added["authenticatorId"]})
    assert len(found["credentials"]) == 1


def test_two_tabs_and_two_clicks_do_not_undo_each_other(server, email):
    info = corbado.project(server)
    script = Script(info)
    script.init("signup-init")
    script.sign_up_form("Ada", email=email)
    script.send_code()
    code = server.mailbox.code(email)
    assert script.give_code(code)["block"] == "completed"
    # The same answer again: the process is over, and says so; nobody gets a second session by it.
    again = script.give_code(code)
    assert again["continueOnOtherDevice"]["reason"] == "process-already-completed", again
    assert script.get("/v2/auth/process", expect_status=400)["error"]["type"] == "process_not_available"
    user = server.admin.user_by_email(email)
    assert len(server.admin.sessions(user["id"])) == 1


def test_a_process_that_is_begun_again_is_another_one(server, email):
    script = Script(corbado.project(server))
    script.init("signup-init")
    script.sign_up_form("Ada", email=email)
    answer = script.post("/v2/auth/process/reset", {})
    assert answer["blockBody"]["block"] == "signup-init"
    assert answer["newProcess"]["token"] != script.token and answer["newProcess"]["expiresAt"] > 0
    script.token = answer["newProcess"]["token"]
    assert script.get("/v2/auth/process")["blockBody"]["data"]["identifiers"][0]["identifier"] == ""
