"""The console's acts upon people, by clicking: sanctions, passwords that must be changed, and a tenant's own mail server."""

import re

import pytest
from playwright.sync_api import expect

from console import Console
from conftest import new_email
from fusionauth_rig import MailServer

PASSWORD = "correct horse battery staple 7"
TEMPORARY = "violet staple under heavy rain 3"
CHOSEN = "green lanterns over quiet water 8"


@pytest.fixture
def owner(own_server, person):
    own_server.admin.allow_passwords()
    return Console(person(), own_server).first_run()


def bob(server):
    email = new_email("bob")
    user = server.admin.request("POST", "/users", json={"email": email, "password": PASSWORD, "name": "Bob"})
    [identifier] = server.admin.list(f"/users/{user['id']}/identifiers")
    server.admin.request("PATCH", f"/users/{user['id']}/identifiers/{identifier['id']}", json={"verified": True})
    return user | {"email": email}


def test_a_password_for_once_is_changed_before_anything_else(owner, own_server, person):
    user = bob(own_server)
    owner.open(f"/users/{user['id']}")
    owner.page.locator("#password-set").click()
    owner.fill("Password", TEMPORARY)
    expect(owner.page.get_by_label(re.compile("^Must be changed"))).to_be_checked()
    owner.page.locator("#password-set-confirm").click()
    owner.sees_news()
    expect(owner.page.get_by_role("main").get_by_text("Must be changed at the next sign-in").first).to_be_visible()

    hosted = Console(person(), own_server).hosted
    hosted.page.goto(own_server.url + "/signin")
    hosted.identify(user["email"])
    hosted.give_password(TEMPORARY)
    expect(hosted.page.locator("#password-hint")).to_be_visible()
    # There is no session before.
    assert own_server.admin.sessions(user["id"]) == []
    hosted.give_password(CHOSEN)
    hosted.decline_passkey()
    hosted.wait_until(lambda: "/account" in hosted.page.url)
    assert len(own_server.admin.sessions(user["id"])) == 1
    assert own_server.admin.request("GET", f"/users/{user['id']}/conditions")["must_change_password"] is False

    # And once more, of the one that they have.
    owner.open(f"/users/{user['id']}").press("Require a new password").sees_news()
    assert own_server.admin.request("GET", f"/users/{user['id']}/conditions")["must_change_password"] is True


def test_a_sanction_keeps_out_until_it_is_lifted(owner, own_server, person):
    user = bob(own_server)
    hosted = Console(person(), own_server).hosted

    def signs_in():
        hosted.page.context.clear_cookies()
        hosted.page.goto(own_server.url + "/signin")
        hosted.identify(user["email"])
        hosted.give_password(PASSWORD)
        hosted.sees("#passkey-skip, #error, [href='/account/data']")
        return hosted.at("#passkey-skip") or "/account" in hosted.page.url

    assert signs_in()
    owner.open(f"/users/{user['id']}")
    owner.page.locator("#sanction").click()
    owner.fill("Reason", "Insulted others, twice").press("Impose a sanction").sees_news()
    expect(owner.page.get_by_text("Insulted others, twice").first).to_be_visible()
    assert own_server.admin.sessions(user["id"]) == [], "signed out at once"
    hosted.person.expects_problem(r"4\d\d")
    assert not signs_in()
    owner.open(f"/users/{user['id']}").press("Lift “Insulted others, twice”").sees_news()
    assert signs_in()


def test_mail_leaves_by_the_tenants_own_server(owner, own_server):
    smtp = MailServer()
    try:
        secret = "a secret of the mail server"
        owner.open("/emails").follow("Mail server")
        owner.fill("Server", "127.0.0.1").fill("Port", str(smtp.port))
        for field, value in (("username", "acme"), ("password", secret), ("from_address", "Acme <hello@acme.example>")):
            owner.page.locator(f"#{field}").fill(value)
        owner.page.get_by_label("Encryption", exact=True).select_option("none")
        owner.press("Save").sees_news()
        assert secret not in owner.page.content()
        owner.press("Send a test").sees_news()
        [letter] = smtp.letters
        assert (letter["user"], letter["password"], letter["from"]) == ("acme", secret, "hello@acme.example")
        assert letter["to"] == ["ada@example.com"]
    finally:
        smtp.stop()
    # It is not there any more, and the page says so.
    owner.person.expects_problem(r"422")
    owner.page.get_by_role("button", name="Send a test").click()
    expect(owner.hosted.sees("#error")).to_contain_text("did not take the mail")
    owner.page.locator("summary", has_text="Remove").click()
    owner.press("Remove it").sees_news()
    expect(owner.page.get_by_text("the mail server of the whole installation").first).to_be_visible()
