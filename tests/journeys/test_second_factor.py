"""The second factor: set up on the account page or while signing in, asked for after a password and after a code by e-mail,
refused when it is wrong or used, replaced by a recovery code. The codes are made by pyotp."""

import base64
import re

import pyotp
import pytest
from playwright.sync_api import expect

from pages import DEMO, Account, Demo, Hosted
from test_e_no_dead_ends import PASSWORD

FACTOR_PAGE = "#use-recovery-code, #use-app"


@pytest.fixture
def two_step(own_server):
    """A server whose tenant lets people have passwords and second factors."""

    def start(requirement, passwords=True):
        policy = {"password": {"enabled": passwords}, "second_factor": {"requirement": requirement}}
        own_server.admin.set_policy(policy)
        return own_server

    return start


class App:
    """An authenticator app that read the page."""

    def __init__(self, server, page):
        self.server = server
        self.totp = pyotp.TOTP(page.locator("#secret").inner_text().replace(" ", ""))
        # The camera sees what the eyes read.
        picture = page.locator("#qr").get_attribute("src")
        assert picture.startswith("data:image/svg+xml;base64,") and b"<svg" in base64.b64decode(picture.split(",")[1])
        link = pyotp.parse_uri(page.locator("#open-app").get_attribute("href"))
        assert link.secret == self.totp.secret

    def code(self):
        return self.totp.at(self.server.clock.now())

    def next_code(self):
        """The code of a time step that was not used yet."""
        self.server.clock.advance(30)
        return self.code()


def give(hosted, code):
    """Types a code; the page sends six digits by itself where it has script."""
    field, left = hosted.sees("#code"), hosted.page.url
    # The answer may stand at the same address and look like the one before: the old page is marked.
    hosted.page.evaluate("document.documentElement.dataset.old = ''")
    field.fill(code)
    if not re.fullmatch(r"\d{6}", code):
        hosted.continue_()
    hosted.wait_until(lambda: hosted.page.url != left or hosted.at("html:not([data-old]) #error"))
    hosted.is_whole()


def problem(hosted):
    return hosted.sees("#error").get_attribute("data-problem")


def past_the_offer(hosted):
    hosted.wait_until(lambda: hosted.at("#passkey-skip") or hosted.at(DEMO["signout"]))
    if hosted.at("#passkey-skip"):
        hosted.decline_passkey()


def to_the_factor(demo, email):
    """Signs in with the password, up to the second step."""
    hosted = demo.open().press("signin")
    hosted.identify(email)
    hosted.give_password(PASSWORD)
    hosted.sees("#code")
    return hosted


def sign_up(demo, email):
    hosted = demo.open().press("signup")
    hosted.sees("#password")
    hosted.sign_up("Ada Lovelace", email, password=PASSWORD, passkey=False)
    demo.is_signed_in(email)


def to_the_setup(demo, email, before=lambda: None):
    """Signs up where everybody must have a second factor, up to the page that shows the secret."""
    hosted = demo.open().press("signup")
    hosted.give_name_and_email("Ada Lovelace", email, PASSWORD)
    hosted.give_code(email)
    # Nothing is handed out until somebody asks for it: a page that is only looked at writes nothing.
    expect(hosted.page.locator("h1")).to_contain_text("two-step")
    assert not hosted.at("#qr")
    before()
    hosted.continue_()
    hosted.sees("#qr")
    return hosted


def set_up(account):
    """On the account page; gives the app, the code that it was tried with, and the recovery codes."""
    account.open("two-step")
    account.hosted.click("#add-factor")
    app = App(account.server, account.page)
    give(account.hosted, "000000" if app.code() != "000000" else "111111")
    assert problem(account.hosted) == "factor-wrong"
    app_again = App(account.server, account.page)
    assert app_again.totp.secret == app.totp.secret, "a mistyped code is no new beginning"
    tried = app.code()
    account.hosted.fill("#code", tried)
    codes = account.hosted.sees("#recovery-codes").locator("code").all_inner_texts()
    assert len(set(codes)) == 10
    return app, tried, codes


def test_set_up_on_the_account_page_and_asked_for_after_the_password(two_step, person, email):
    server = two_step("optional")
    ada = person()
    demo = Demo(ada, server)
    sign_up(demo, email)
    app, used, codes = set_up(Account(ada, server))
    assert server.mailbox.messages(email)[0]["subject"].startswith("Two-step sign-in is on")
    demo.open().sign_out()

    hosted = to_the_factor(demo, email)
    user = server.admin.user_by_email(email)
    sessions = len(server.admin.sessions(user["id"]))
    give(hosted, used)
    assert problem(hosted) == "factor-used", "the code that set it up is spent"
    give(hosted, "000000" if app.code() != "000000" else "111111")
    assert problem(hosted) == "factor-wrong"
    assert len(server.admin.sessions(user["id"])) == sessions, "a password alone opens no session"
    right = app.next_code()
    hosted.fill("#code", right)
    past_the_offer(hosted)
    demo.is_signed_in(email)
    claims = ada.page.locator("#claims").inner_text()
    assert "mfa" in claims and "pwd" in claims, claims
    demo.sign_out()

    hosted = to_the_factor(demo, email)
    give(hosted, right)
    assert problem(hosted) == "factor-used", "a code is taken once"
    hosted.click("#use-recovery-code")
    give(hosted, "aaaaa-aaaaa")
    assert problem(hosted) == "factor-wrong"
    hosted.sees("#code").fill(codes[0].upper().replace("-", " "))
    hosted.continue_()
    past_the_offer(hosted)
    demo.is_signed_in(email)
    Account(ada, server).open("two-step")
    expect(ada.page.locator("#codes-left")).to_contain_text("9")
    demo.open().sign_out()

    hosted = to_the_factor(demo, email)
    hosted.click("#use-recovery-code")
    give(hosted, codes[0])
    assert problem(hosted) == "factor-used"
    types = server.admin.event_types(user_id=user["id"])
    for wanted in ("second_factor.added", "second_factor.refused", "recovery_codes.made", "recovery_code.used"):
        assert wanted in types, types


def test_asked_for_after_a_code_by_email_and_remembered(two_step, person, email):
    server = two_step("optional")
    ada = person()
    demo = Demo(ada, server)
    sign_up(demo, email)
    app, *_ = set_up(Account(ada, server))
    demo.open().sign_out()

    hosted = demo.open().press("signin")
    seen = hosted.ask_for_code(email)
    hosted.give_code(email, seen)
    hosted.sees(FACTOR_PAGE)
    hosted.page.locator("#remember").check()
    hosted.fill("#code", app.next_code())
    past_the_offer(hosted)
    demo.is_signed_in(email)
    demo.sign_out()

    hosted = demo.open().press("signin")
    hosted.identify(email)
    hosted.give_password(PASSWORD)
    past_the_offer(hosted)
    demo.is_signed_in(email)
    stranger = person()
    asked = to_the_factor(Demo(stranger, server), email)
    assert asked.at(FACTOR_PAGE), "another browser is asked"

    # Removed, it is asked for no more.
    account = Account(ada, server).open("two-step")
    account.hosted.click("#remove-factor-1")
    ada.page.locator("details[open] button[type=submit]").click()
    expect(ada.page.locator("[data-factor]")).to_have_count(0)
    demo.open().sign_out()
    demo_again = Demo(person(), server)
    hosted = demo_again.open().press("signin")
    hosted.identify(email)
    hosted.give_password(PASSWORD)
    past_the_offer(hosted)
    demo_again.is_signed_in(email)


def test_a_passkey_is_both_factors(two_step, person, email):
    server = two_step("required", passwords=False)
    ada = person()
    demo = Demo(ada, server)
    demo.sign_up("Ada Lovelace", email)
    demo.sign_out()
    demo.open().press("signin").press_passkey_button()
    demo.is_signed_in(email)


def test_whoever_must_have_one_sets_it_up_while_signing_in(two_step, person, email):
    server = two_step("required")
    ada = person()
    demo = Demo(ada, server)
    hosted = to_the_setup(demo, email)
    app = App(server, ada.page)
    ada.page.reload()
    assert App(server, ada.page).totp.secret == app.totp.secret, "a reload keeps the secret"
    hosted.fill("#code", app.code())
    codes = hosted.sees("#recovery-codes").locator("code").all_inner_texts()
    assert len(codes) == 10
    hosted.continue_()
    past_the_offer(hosted)
    demo.is_signed_in(email)
    demo.sign_out()

    hosted = to_the_factor(demo, email)
    hosted.fill("#code", app.next_code())
    past_the_offer(hosted)
    demo.is_signed_in(email)


def test_without_script(two_step, person, email):
    server = two_step("optional")
    ada = person()
    demo = Demo(ada, server)
    sign_up(demo, email)
    app, _, codes = set_up(Account(ada, server))

    plain = person(java_script_enabled=False)
    demo = Demo(plain, server)
    hosted = to_the_factor(demo, email)
    assert not hosted.at("#passkey-signin")
    hosted.fill("#code", app.next_code())
    hosted.continue_()
    if hosted.at("#passkey-skip"):
        hosted.decline_passkey()
    demo.is_signed_in(email)
    demo.sign_out()
    hosted = to_the_factor(demo, email)
    hosted.click("#use-recovery-code")
    hosted.fill("#code", codes[1])
    hosted.continue_()
    if hosted.at("#passkey-skip"):
        hosted.decline_passkey()
    demo.is_signed_in(email)
    # And the account page.
    account = Account(plain, server).open("two-step")
    account.hosted.click("#new-codes")
    account.hosted.click("#new-codes-confirm")
    assert len(account.hosted.sees("#recovery-codes").locator("code").all_inner_texts()) == 10


def test_too_many_wrong_codes(two_step, person, email):
    server = two_step("optional")
    ada = person()
    demo = Demo(ada, server)
    sign_up(demo, email)
    app, *_ = set_up(Account(ada, server))
    demo.open().sign_out()
    hosted = to_the_factor(demo, email)
    for attempt in range(10):
        wrong = f"{(int(app.code()) + 1 + attempt) % 1_000_000:06}"
        if wrong in {app.totp.at(server.clock.now() + step * 30) for step in (-1, 0, 1)}:
            wrong = "000000"
        give(hosted, wrong)
        assert problem(hosted) == "factor-wrong", attempt
    server.clock.advance(30)
    ada.expects_problem("429")
    give(hosted, app.code())
    assert problem(hosted) == "too-many-attempts"
    server.clock.advance(901)
    hosted = to_the_factor(demo, email)
    hosted.fill("#code", app.code())
    past_the_offer(hosted)
    demo.is_signed_in(email)


SHOTS = [("light", "light", 1100), ("dark", "dark", 1100), ("phone", "light", 390)]


@pytest.mark.any_database
@pytest.mark.parametrize(("look", "scheme", "width"), SHOTS)
def test_what_the_pages_look_like(two_step, person, email, screens, look, scheme, width):
    """A picture of each page, and nothing that scrolls sideways or lacks a name."""
    from test_accessibility import FLAWS

    server = two_step("required")
    ada = person(color_scheme=scheme, viewport={"width": width, "height": 900})
    demo = Demo(ada, server)

    def picture(name):
        assert ada.page.evaluate(FLAWS) == [], name
        ada.page.screenshot(path=screens / f"two-step-{name}-{look}.png", full_page=True)

    hosted = to_the_setup(demo, email, before=lambda: picture("begin"))
    picture("setup")
    app = App(server, ada.page)
    used = app.code()
    hosted.fill("#code", used)
    hosted.sees("#recovery-codes")
    picture("codes")
    hosted.continue_()
    past_the_offer(hosted)
    demo.is_signed_in(email)
    account = Account(ada, server).open("two-step")
    account.hosted.sees("#new-codes")
    picture("account")
    account.hosted.click("#add-factor")
    account.hosted.sees("#qr")
    picture("account-setup")
    demo.open().sign_out()
    hosted = to_the_factor(demo, email)
    picture("factor")
    # Refused whether its time is over by now or not.
    give(hosted, used)
    picture("factor-used")
    hosted.click("#use-recovery-code")
    hosted.sees("#use-app")
    picture("recovery")


def test_hosted_pages_name_no_secret_in_their_address(two_step, person, email):
    """The address of a page is in histories and logs: no code and no secret may stand there in clear."""
    server = two_step("optional")
    ada = person()
    demo = Demo(ada, server)
    sign_up(demo, email)
    app, _, codes = set_up(Account(ada, server))
    hosted = Hosted(ada, server)
    assert hosted.is_hosted()
    for secret in (app.totp.secret, *codes):
        assert all(secret not in url for url in ada.pages_seen()), "a secret in an address"
        assert secret not in server.log_file.read_text(errors="replace"), "a secret in the log"
