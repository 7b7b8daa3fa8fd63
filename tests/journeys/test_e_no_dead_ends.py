"""Journey e: whatever a person does with tabs, back, reload, time, cookies and script, there is always a way on."""

import re

import pytest
import requests
from playwright.sync_api import expect

from browser import context_without_cookies
from pages import DEMO, Account, Demo, Hosted
from scriptless import Scriptless

PASSWORD = "correct horse battery staple 42"


def test_two_tabs(server, person, email):
    """Sign-in is begun in two tabs and finished in both, the older one last."""
    ada = person()
    demo = Demo(ada, server)
    demo.sign_up("Ada Lovelace", email)
    demo.sign_out()

    first = demo.open().press("signin")
    tab = ada.tab()
    second = Demo(ada, server, tab).open().press("signin")
    second.press_passkey_button()
    Demo(ada, server, tab).is_signed_in(email)
    ada.page.bring_to_front()
    first.press_passkey_button()
    demo.is_signed_in(email)


def test_two_tabs_with_two_people(server, person, email):
    """The second tab signs in as somebody else; the first must not mix the two up."""
    ada = person()
    demo = Demo(ada, server)
    demo.sign_up("Ada Lovelace", email)
    demo.sign_out()
    hosted = demo.open().press("signin")
    seen = hosted.ask_for_code(email)

    tab = ada.tab()
    other = Demo(ada, server, tab)
    other.open().press("signup").sign_up("Bob", "bob-" + email, passkey=False)
    other.is_signed_in("bob-" + email)

    ada.page.bring_to_front()
    hosted.give_code(email, seen)
    hosted.wait_until(lambda: hosted.at("#passkey-skip") or hosted.at("#error") or hosted.at(DEMO["signout"]))
    if hosted.at("#passkey-skip"):
        hosted.decline_passkey()
    if hosted.at("#error"):
        assert hosted.has_way_on()
    else:
        demo.is_signed_in(email)


def test_back_button_after_sign_in(server, person, email):
    ada = person()
    demo = Demo(ada, server)
    demo.sign_up("Ada Lovelace", email)
    demo.sign_out()
    hosted = demo.open().press("signin")
    hosted.press_passkey_button()
    demo.is_signed_in(email)
    for _ in range(4):
        if ada.page.url.startswith(server.url) and hosted.at("#identifier"):
            break
        ada.page.go_back()
    assert hosted.has_way_on()
    # Using the page from before again leads into the application, not against a wall.
    if hosted.at("#passkey-signin"):
        hosted.press_passkey_button()
    assert hosted.has_way_on()
    demo.open().is_signed_in(email)


def test_back_button_between_the_steps(server, person, email):
    ada = person()
    hosted = Demo(ada, server).open().press("signup")
    hosted.give_name_and_email("Ada Lovelace", "typo-" + email)
    hosted.sees("#code")
    ada.page.go_back()
    hosted.give_name_and_email("Ada Lovelace", email)
    hosted.give_code(email)
    hosted.create_passkey()
    Demo(ada, server).is_signed_in(email)
    assert server.admin.user_by_email("typo-" + email) is None


def test_reload_at_every_step(server, person, email):
    ada = person()
    hosted = Demo(ada, server).open().press("signup")
    ada.page.reload()
    hosted.give_name_and_email("Ada Lovelace", email)
    hosted.sees("#code")
    ada.page.reload()
    hosted.give_code(email)
    hosted.sees("#passkey-create")
    ada.page.reload()
    hosted.create_passkey()
    Demo(ada, server).is_signed_in(email)
    ada.page.reload()
    Demo(ada, server).is_signed_in(email)


def test_an_impatient_double_click(server, person, email):
    ada = person()
    hosted = Demo(ada, server).open().press("signup")
    hosted.fill("#name", "Ada Lovelace")
    hosted.fill("#identifier", email)
    hosted.sees("#continue").dblclick()
    hosted.sees("#code")
    # One turn of the page's own script: a full code may submit itself before a click from outside arrives.
    ada.page.evaluate(
        """code => {
            document.querySelector("#code").value = code;
            const button = document.querySelector("#continue");
            button.click();
            button.click();
        }""",
        server.mailbox.code(email),
    )
    hosted.create_passkey()
    Demo(ada, server).is_signed_in(email)


@pytest.mark.parametrize("step", ["identifier", "code", "passkey"])
def test_expired_sign_in(own_server, person, email, step):
    server = own_server
    ada = person()
    demo = Demo(ada, server)
    demo.sign_up("Ada Lovelace", email)
    demo.sign_out()
    hosted = demo.open().press("signin")
    if step == "code":
        hosted.ask_for_code(email)
    code = server.mailbox.code(email) if step == "code" else None
    server.clock.advance(2 * 86_400)
    if step == "identifier":
        hosted.identify(email)
    elif step == "code":
        hosted.type_code(code)
    else:
        hosted.press_passkey_button()
    # Either the page renewed itself and simply works, or it says what happened and how to begin again.
    hosted.wait_until(
        lambda: hosted.at("#error") or hosted.at("#code") or hosted.at("#send-code") or hosted.at(DEMO["signout"])
    )
    if hosted.at("#error"):
        assert hosted.has_way_on()
        if hosted.at("#retry"):
            hosted.click("#retry")
        if not hosted.at("#identifier"):
            hosted = demo.open().press("signin")
        hosted.press_passkey_button()
    elif not hosted.at(DEMO["signout"]):
        seen = server.mailbox.seen(email)
        if hosted.at("#send-code"):
            hosted.click("#send-code")
        hosted.give_code(email, seen)
    demo.open().is_signed_in(email)


def test_cookies_blocked(server, playwright, person, email):
    """The page says that it is the cookies, instead of going round in circles."""
    with context_without_cookies(playwright) as context:
        ada = person(context=context)
        demo = Demo(ada, server).open()
        hosted = demo.press("signup")
        hosted.sees("#name, #error")
        if hosted.at("#name"):
            hosted.give_name_and_email("Ada Lovelace", email)
            hosted.wait_until(lambda: hosted.at("#code") or hosted.at("#error"))
        if hosted.at("#code"):
            hosted.give_code(email)
            hosted.wait_until(lambda: hosted.at("#passkey-skip") or hosted.at("#error"))
        if hosted.at("#passkey-skip"):
            hosted.decline_passkey()
        assert re.search("cookie", hosted.error(), re.I), hosted.error()
        assert hosted.has_way_on()


def test_script_off_with_a_code(server, person, email):
    ada = person(java_script_enabled=False)
    demo = Demo(ada, server)
    demo.open().press("signup").sign_up("Ada Lovelace", email, passkey=False)
    demo.is_signed_in(email)
    demo.sign_out()
    demo.open().press("signin").sign_in_by_code_declining(email)
    demo.is_signed_in(email)


def test_script_off_with_a_password(own_server, person, email):
    server = own_server
    server.admin.allow_passwords()
    ada = person(java_script_enabled=False)
    demo = Demo(ada, server)
    hosted = demo.open().press("signup")
    hosted.sees("#password")
    hosted.sign_up("Ada Lovelace", email, password=PASSWORD, passkey=False)
    demo.is_signed_in(email)
    demo.sign_out()
    hosted = demo.open().press("signin")
    hosted.identify(email)
    hosted.give_password(PASSWORD + "!")
    assert hosted.error()
    hosted.give_password(PASSWORD)
    hosted.wait_until(lambda: hosted.at("#passkey-skip") or hosted.at(DEMO["signout"]))
    if hosted.at("#passkey-skip"):
        hosted.decline_passkey()
    demo.is_signed_in(email)


def test_nothing_passkey_can_be_pressed_without_script(server, person):
    ada = person(java_script_enabled=False)
    hosted = Demo(ada, server).open().press("signin")
    hosted.sees("#identifier")
    assert not hosted.at("#passkey-signin"), "a button that does nothing"


def test_signing_in_without_an_application(server, person, email):
    """Somebody has bookmarked the sign-in page: the account page is a sensible place to land."""
    Scriptless(server, "http://nowhere.invalid").open(server.url + "/signup")
    ada = person()
    ada.page.goto(server.url + "/signup")
    Hosted(ada, server).sign_up("Ada Lovelace", email)
    Account(ada, server).open()
    expect(ada.page.locator("body")).to_contain_text(email)


def test_too_many_wrong_codes(server, person, email):
    """Guessing is stopped, and the owner can still get in with a new code."""
    ada = person()
    demo = Demo(ada, server)
    demo.sign_up("Ada Lovelace", email, passkey=False)
    demo.sign_out()
    hosted = demo.open().press("signin")
    seen = hosted.ask_for_code(email)
    code = server.mailbox.code(email, not_in=seen)
    for attempt in range(1, 12):
        if not hosted.at("#code"):
            break
        hosted.type_code(f"{(int(code) + attempt) % 1_000_000:06d}")
        assert hosted.error()
    if hosted.at("#code"):
        hosted.type_code(code)
        assert hosted.error(), "the code survived eleven wrong guesses"
    assert hosted.has_way_on()
    demo.open().is_signed_out()
    demo.open().press("signin").sign_in_by_code_declining(email)
    demo.is_signed_in(email)


def test_an_unknown_page_has_a_way_on(server, person):
    someone = person()
    answer = someone.page.goto(server.url + "/no-such-page")
    assert answer.status == 404
    hosted = Hosted(someone, server)
    assert hosted.error()
    assert hosted.has_way_on()


def test_a_form_from_another_site_is_refused(server, email):
    """CSRF: the sign-in form sent with another site's Origin starts nothing."""
    browser = Scriptless(server, "http://nowhere.invalid")
    page = browser.open(server.url + "/signup")
    _method, address, pairs = page.submission("continue", {"name": "Ada", "identifier": email})
    answer = browser.http.post(address, data=pairs, headers={"Origin": "https://evil.example"}, allow_redirects=False, timeout=10)
    assert answer.status_code == 403, answer.status_code
    assert server.mailbox.messages(email) == []


def test_pages_cannot_be_framed_and_carry_no_inline_script(server):
    for path in ("/signin", "/signup", "/recover"):
        answer = requests.get(server.url + path, timeout=10)
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy, policy
        scripts = re.search(r"script-src ([^;]*)", policy) or re.search(r"default-src ([^;]*)", policy)
        assert "unsafe-inline" not in scripts[1] and "unsafe-eval" not in scripts[1], policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Referrer-Policy" in answer.headers
