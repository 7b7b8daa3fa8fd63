"""The Corbado accent, seed application: a Flask app with `passkeys` 1.1.1 and the components of web-js, unmodified, configured
with Doorward's addresses. Journeys 1 to 8."""

import re

import pytest
import requests
from playwright.sync_api import expect

import corbado
from corbado import Components
from pages import Hosted

HTTPS = {"ignore_https_errors": True}


@pytest.fixture(params=[3, 2], ids=["web-js-3.5.0", "web-js-2.19.0"])
def web_js(request):
    return request.param


@pytest.fixture
def app(server, clients, web_js):
    return clients.corbado(corbado.seeded(server), web_js=web_js)


@pytest.fixture
def ada(person, app):
    return Components(person(**HTTPS), app)


def test_1_home_without_session_is_refused(app):
    assert requests.get(app.url + "/home", timeout=10).status_code == 401


def test_2_the_form_comes_up_with_the_name_of_the_project(ada):
    ada.open().sees("Create your account").sees("to access Doorward")
    expect(ada.field("name")).to_be_visible()
    expect(ada.field("email")).to_be_visible()
    complaints = [e for e in ada.errors if "ERR_NAME_NOT_RESOLVED" not in e]
    assert complaints == []
    assert all("fonts.googleapis.com" in url for url, _ in ada.foreign), ada.foreign


def test_3_sign_up_with_a_passkey_leads_home(ada, email, server):
    ada.open().sign_up_form("Ada Lovelace", email)
    ada.create_passkey()
    ada.is_home(email)
    expect(ada.page.locator("#user-name")).to_have_text("Ada Lovelace")
    assert len(ada.authenticator.credentials()) == 1
    events = server.admin.event_types(user_id=server.admin.user_by_email(email)["id"])
    assert {"user.created", "passkey.created", "sign_in.succeeded"} <= set(events)


def test_4_passkeys_are_listed_added_and_deleted(ada, email):
    ada.sign_up(email)
    expect(ada.passkey_cards()).to_have_count(1)
    expect(ada.passkey_cards().first).to_contain_text("Chrome on Linux")
    expect(ada.passkey_cards().first).to_contain_text(re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"))
    first = ada.authenticator.credentials()[0]
    # The same authenticator cannot hold a second one for this account; another one can.
    ada.authenticator.clear()
    ada.add_passkey()
    second = ada.authenticator.credentials()[0]
    assert second["credentialId"] != first["credentialId"]
    ada.page.reload()
    expect(ada.passkey_cards()).to_have_count(2)
    ada.page.locator(".cb-passkey-list-delete").first.click()
    ada.page.get_by_role("button", name=re.compile("Yes|Delete|Remove")).first.click()
    expect(ada.passkey_cards()).to_have_count(1)
    ada.log_out()
    # The one that was deleted gets nobody in, the other one does.
    ada.authenticator.clear()
    ada.authenticator.add(first)
    ada.page.evaluate("localStorage.clear()")
    refusal = "The provided passkey is no longer valid"
    ada.try_autofill(lambda page: page.get_by_text(refusal).first.wait_for(timeout=5_000))
    ada.sees(refusal)
    assert ada.cookie("cbo_session_token") is None
    ada.authenticator.clear()
    ada.authenticator.add(second)
    ada.log_in_by_autofill(email)


def test_5_and_6_log_out_and_back_in_by_one_tap_autofill_and_name(ada, email, server, app, web_js):
    ada.sign_up(email)
    key = "cbo_refresh_token" if web_js == 3 else "cbo_long_session"
    secret = ada.storage()[key]
    assert ada.call("/v2/me", token=secret).status_code == 200
    ada.log_out()
    ada.sees("Login with Passkey")
    assert ada.cookie("cbo_session_token") is None and ada.cookie("cbo_short_session") is None
    assert ada.cookie("cbo_refresh_token") is None and ada.cookie("cbo_long_session") is None
    assert requests.get(app.url + "/home", timeout=10).status_code == 401
    assert ada.call("/v2/me", token=secret).status_code == 401
    assert ada.call("/v2/me/refresh", "POST", token=secret).status_code == 401

    with ada.touch_when_asked():
        ada.page.get_by_text("Login with Passkey").click()
        ada.is_home(email)
    ada.log_out()

    # Autofill: nothing is typed or pressed.
    ada.page.evaluate("localStorage.removeItem('cbo_last_identifier')")
    ada.log_in_by_autofill(email)
    ada.log_out()

    # By name.
    ada.page.evaluate("localStorage.removeItem('cbo_last_identifier')")
    ada.open("/#login")
    ada.sees("to access")
    with ada.touch_when_asked():
        ada.log_in_form(email)
        ada.is_home(email)


def test_7_after_a_refresh_passkeys_and_logout_work_by_cookie(server, clients, person, email, web_js):
    # Tokens of a minute: the components refresh while less than a minute is left, so at once.
    info = corbado.project(server, embedded={"session_token_lifetime_seconds": 65})
    app = clients.corbado(info, web_js=web_js)
    ada = Components(person(**HTTPS), app)
    ada.sign_up(email)
    before = ada.cookie("cbo_session_token")
    with ada.page.expect_response(re.compile("/v2/me/refresh$"), timeout=30_000) as refreshed:
        pass
    assert refreshed.value.status == 200

    def renewed():
        token = ada.cookie("cbo_session_token")
        # The server keeps the cookie that older back ends read in step.
        return token not in (None, before) and ada.cookie("cbo_short_session") == token

    Hosted(ada.person, server, ada.page).wait_until(renewed)
    ada.authenticator.clear()
    with ada.page.expect_request(re.compile("/v2/me/passkeys/append/start$")) as started:
        ada.add_passkey()
    assert "authorization" not in started.value.headers, "this version has mended what the journey is about"
    with ada.page.expect_response(re.compile("/v2/me/logout$")) as logged_out:
        ada.log_out()
    assert logged_out.value.status == 200
    assert ada.cookie("cbo_refresh_token") is None
    user = server.admin.user_by_email(email)
    assert server.admin.sessions(user["id"]) == []


def test_8_what_is_wrong_is_said_at_its_field(ada, email):
    ada.sign_up(email)
    ada.log_out()
    ada.page.evaluate("localStorage.clear()")
    ada.open("/#register")
    ada.sign_up_form("Ada", email).sees("This email address is already taken")
    ada.sign_up_form("", "").sees("Please enter a valid name.").sees("Please enter an email address.")
    # The browser's own check of the field is not what is asked about here.
    ada.page.evaluate("document.querySelectorAll('input').forEach(i => i.type = 'text')")
    ada.sign_up_form("Ada", "not an address").sees("Please enter a valid email address.")
    ada.press("Log in")
    ada.log_in_form("nobody-" + email).sees("Couldn't find your account")
    assert ada.page.locator(".cb-error-popup, .cb-notification").count() == 0
