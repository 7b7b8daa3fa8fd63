"""The Auth0 accent, journeys 1, 2, 4 and 5: web apps and an API as Auth0's tutorials build them with Flask."""

import pytest
import requests
from playwright.sync_api import expect

from auth0_accent import OverHttps, WebApp
from pages import Hosted

# Browsers drop a cookie above about 4093 bytes; the apps keep their tokens in one.
MOST_BYTES = 3500


@pytest.fixture
def https(server):
    return OverHttps(server)


@pytest.fixture
def local_person(person):
    """Somebody whose browser trusts the local CA."""
    return lambda **more: person(ignore_https_errors=True, **more)


def is_really_there(picture, hosted):
    hosted.wait_until(lambda: picture.evaluate("image => image.complete && image.naturalWidth > 0"))


def test_journey_1_sign_up_profile_sign_out_and_in_again(https, local_person, clients, email):
    client = clients.auth0("flask_web", https)
    app = WebApp(local_person(), https, client)
    app.sign_up("Ada Lovelace", email)
    expect(app.page.locator("#name")).to_have_text("Ada Lovelace")
    expect(app.page.locator("#email")).to_have_text(email)
    claims = app.claims()
    assert claims["iss"] == https.issuer and claims["aud"] == https.auth0["client_id"]
    assert claims["sub"].startswith("auth0|") and len(claims["sub"]) == len("auth0|") + 24
    assert claims["nickname"] == email.split("@")[0] and claims["email_verified"] is True
    assert claims["updated_at"].endswith("Z") and len(claims["sid"]) == 32
    picture = app.page.locator("#picture")
    assert picture.get_attribute("src") == f"{https.issuer}avatar/AL.svg"
    is_really_there(picture, app.hosted)
    assert app.cookie_size() < MOST_BYTES

    app.sign_out()
    # The session at the server went with it: the passkey is asked for again.
    app.open().press("login")
    app.hosted.sees("#passkey-signin")
    app.hosted.press_passkey_button()
    app.is_at("/profile")
    assert app.claims()["sub"] == claims["sub"] and app.claims()["sid"] != claims["sid"]

    # Signed in, a wish for sign-up goes straight back.
    app.open("/signup")
    app.is_at("/profile")


def test_journey_2_the_api_and_its_permission(https, local_person, clients, email):
    api = clients.auth0("flask_api", https, audience=https.auth0["audience"])
    client = clients.auth0("flask_web", https, audience=https.auth0["audience"], api_server_url=api.url)
    app = WebApp(local_person(), https, client)
    app.sign_up("Grace Hopper", email)
    assert app.cookie_size() < MOST_BYTES
    assert app.message("/public") == {"text": "This is a public message."}
    assert app.message("/protected") == {"text": "This is a protected message."}
    assert app.message("/admin") == {"error": "insufficient_permissions", "message": "Permission denied"}
    assert requests.get(api.url + "/api/messages/protected", timeout=10).status_code == 401

    user = https.admin.user_by_email(email)
    https.admin.give_role(user, "admin")
    assert app.message("/admin")["error"] == "insufficient_permissions", "a token says what was so when it was made"
    app.open()
    app.sign_out()
    app.sign_in()
    assert app.message("/admin") == {"text": "This is an admin message."}
    assert app.cookie_size() < MOST_BYTES


def test_journey_4_the_form_of_2022(https, local_person, clients, email):
    client = clients.auth0("flask_quickstart", https)
    someone = local_person()
    page, hosted = someone.page, Hosted(someone, https)
    page.goto(client.url)
    page.locator("#login").click()
    hosted.open_signup()
    hosted.sign_up("Alan Turing", email)
    hosted.wait_until(lambda: page.url.startswith(client.url + "/dashboard"))
    expect(page.locator("h2")).to_have_text("Welcome Alan Turing")
    is_really_there(page.locator(".avatar"), hosted)
    assert WebApp(someone, https, client).cookie_size() < MOST_BYTES
    page.locator("#logout").click()
    page.wait_for_url(client.url + "/")
    expect(page.locator("#login")).to_be_visible()
