"""Journey a: sign up with a passkey, sign out, and sign in again in every way; the same session in another application."""

import re

import requests
from playwright.sync_api import expect

from clients.processes import registered
from pages import Demo, Hosted, path_of


def test_sign_up_then_every_way_to_sign_in(server, person, email):
    ada = person()
    demo = Demo(ada, server)
    demo.sign_up("Ada Lovelace", email)
    demo.is_signed_in(email, "Ada Lovelace")
    assert len(ada.authenticator.credentials()) == 1
    user = server.admin.user_by_email(email)
    assert user, "the person is not in the directory"
    assert len(server.admin.passkeys(user["id"])) == 1

    # By autofill: the person types nothing and presses nothing on the sign-in page.
    demo.sign_out()
    with ada.touch():
        demo.open().press("signin")
        demo.is_signed_in(email)

    # By button.
    demo.sign_out()
    hosted = demo.open().press("signin")
    hosted.press_passkey_button()
    demo.is_signed_in(email)

    # By e-mail code.
    demo.sign_out()
    hosted = demo.open().press("signin")
    hosted.sign_in_by_code_declining(email)
    demo.is_signed_in(email)

    assert len(server.admin.passkeys(user["id"])) == 1, "signing in made another passkey"


def test_the_demo_protects_its_protected_page(server, person, email):
    ada = person()
    demo = Demo(ada, server)
    demo.open().press("protected")
    hosted = Hosted(ada, server)
    assert "/signin" in ada.page.url, ada.page.url
    hosted.open_signup()
    hosted.sign_up("Ada Lovelace", email)
    # Back where the person wanted to go.
    ada.page.wait_for_url(re.compile(r"/demo/protected"))


def test_silent_or_offered_passkey_after_a_code(server, person, email):
    """Somebody who declined a passkey at sign-up is offered one after a sign-in by code, and can take it then."""
    ada = person()
    demo = Demo(ada, server)
    demo.sign_up("Ada Lovelace", email, passkey=False)
    user = server.admin.user_by_email(email)
    assert server.admin.passkeys(user["id"]) == []
    demo.sign_out()
    demo.open().press("signin").sign_in_by_code(email, passkey=True)
    demo.is_signed_in(email)
    assert len(server.admin.passkeys(user["id"])) == 1
    demo.sign_out()
    demo.open().press("signin").press_passkey_button()
    demo.is_signed_in(email)


def test_a_wrong_code_is_refused_and_the_right_one_still_works(server, person, email):
    ada = person()
    hosted = Demo(ada, server).open().press("signup")
    hosted.give_name_and_email("Ada Lovelace", email)
    hosted.sees("#code")
    code = server.mailbox.code(email)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    hosted.type_code(wrong)
    assert hosted.error()
    assert server.admin.user_by_email(email) is None or not server.admin.sessions(
        server.admin.user_by_email(email)["id"]
    )
    hosted.type_code(code)
    hosted.create_passkey()
    Demo(ada, server).is_signed_in(email)


def test_the_link_in_the_message_works_in_another_browser(server, person, email):
    """A GET consumes nothing, so that a mail scanner's look does no harm; the link works where it is opened."""
    ada = person()
    hosted = Demo(ada, server).open().press("signup")
    hosted.give_name_and_email("Ada Lovelace", email)
    hosted.sees("#code")
    link = server.mailbox.link(email)

    for _ in range(2):
        scanned = requests.get(link, timeout=10)
        assert scanned.status_code == 200, scanned.text

    elsewhere = person()
    elsewhere.page.goto(link)
    there = Hosted(elsewhere, server)
    there.continue_()
    expect(elsewhere.page.locator("#error")).to_have_count(0)
    # The first browser goes on, by itself or by the code that is still there for it.
    hosted.sees("#passkey-create")
    # What was consumed is consumed.
    assert requests.get(link, timeout=10).status_code == 410, "a link worked twice"


def test_single_sign_on_with_an_application_on_another_port(server, person, clients, email):
    ada = person()
    Demo(ada, server).sign_up("Ada Lovelace", email)
    app = clients.flask(**registered(server, "Second application"))
    asked = len(ada.documents)
    ada.page.goto(app.url + "/login")
    expect(ada.page.locator("#signed-in")).to_have_text("Ada Lovelace")
    assert path_of(ada.page.url) == "/profile"
    prompted = [url for url in ada.pages_seen(asked) if url.startswith(server.url)]
    assert not prompted, f"single sign-on showed a page: {prompted}"

    # prompt=login asks again although there is a session.
    asked = len(ada.documents)
    ada.page.goto(app.url + "/login?prompt=login")
    hosted = Hosted(ada, server)
    assert [url for url in ada.pages_seen(asked) if url.startswith(server.url)], "prompt=login did not ask"
    hosted.press_passkey_button()
    expect(ada.page.locator("#signed-in")).to_be_visible()

    # max_age=0 asks again; a generous one does not.
    asked = len(ada.documents)
    ada.page.goto(app.url + "/login?max_age=0")
    assert [url for url in ada.pages_seen(asked) if url.startswith(server.url)], "max_age=0 did not ask"
    hosted.press_passkey_button()
    expect(ada.page.locator("#signed-in")).to_be_visible()
    asked = len(ada.documents)
    ada.page.goto(app.url + "/login?max_age=3600")
    expect(ada.page.locator("#signed-in")).to_be_visible()
    assert not [url for url in ada.pages_seen(asked) if url.startswith(server.url)]


def test_max_age_follows_the_clock(own_server, person, clients, email):
    server = own_server
    ada = person()
    Demo(ada, server).sign_up("Ada Lovelace", email)
    app = clients.flask(**registered(server, "Second application"))
    # Within what an ID token's own times allow a library that lives in real time (Authlib: 120 s).
    server.clock.advance(60)
    ada.page.goto(app.url + "/login?max_age=30")
    assert ada.page.url.startswith(server.url), "max_age=30 did not ask after 60 s"
    Hosted(ada, server).press_passkey_button()
    expect(ada.page.locator("#signed-in")).to_be_visible()


def test_prompt_none(server, person, callback, relying_party, email):
    ada = person()
    address, asked = relying_party.begin(prompt="none")
    ada.page.goto(address)
    answer = callback.next()
    assert answer["error"] == "login_required"
    assert answer["state"] == asked["state"]
    assert answer["iss"] == server.issuer

    Demo(ada, server).sign_up("Ada Lovelace", email)
    address, asked = relying_party.begin(prompt="none")
    ada.page.goto(address)
    answer = callback.next()
    assert "error" not in answer, answer
    assert answer["state"] == asked["state"] and answer["code"]


def test_signing_out_of_the_provider_ends_single_sign_on(server, person, callback, relying_party, email):
    ada = person()
    demo = Demo(ada, server)
    demo.sign_up("Ada Lovelace", email)
    demo.sign_out()
    address, _asked = relying_party.begin(prompt="none")
    ada.page.goto(address)
    assert callback.next()["error"] == "login_required"
