"""The Auth0 accent as the journeys see it: the server over HTTPS, its hosted pages, and what a person does there."""

import base64
import json

import requests
from playwright.sync_api import expect

from pages import Hosted, path_of


class OverHttps:
    """A server seen by the address of its HTTPS listener, for page objects that ask where the hosted pages are."""

    def __init__(self, server):
        self._server = server
        self.url = server.info["https_url"].rstrip("/")

    def __getattr__(self, name):
        return getattr(self._server, name)

    @property
    def issuer(self):
        return self.url + "/"

    def session(self):
        """A client of programs that trusts the local CA."""
        session = requests.Session()
        session.verify = self.info["ca_file"]
        return session

    def get(self, path, **arguments):
        return self.session().get(self.url + path, timeout=20, allow_redirects=False, **arguments)

    def post(self, path, **arguments):
        return self.session().post(self.url + path, timeout=20, allow_redirects=False, **arguments)


def claims_of(token):
    """Header and claims of a JWT, unverified."""
    parts = token.split(".")
    return [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2]]


class WebApp:
    """The Flask app of the tutorials, at a person's browser."""

    def __init__(self, person, server, client):
        self.person = person
        self.server = server
        self.client = client
        self.page = person.page
        self.hosted = Hosted(person, server, person.page)

    def open(self, path="/"):
        self.page.goto(self.client.url + path)
        return self

    def press(self, name):
        self.page.locator(f"#{name}").click()
        return self.hosted

    def sign_up(self, name, email, **more):
        self.open().press("signup")
        self.hosted.sign_up(name, email, **more)
        self.is_at("/profile")

    def sign_in(self):
        self.open().press("login")
        self.hosted.sees("#passkey-signin")
        self.hosted.press_passkey_button()
        self.is_at("/profile")

    def sign_out(self):
        self.press("logout")
        self.is_at("/")
        expect(self.page.locator("#login")).to_be_visible()

    def is_at(self, path):
        self.hosted.wait_until(lambda: self.page.url.startswith(self.client.url) and path_of(self.page.url) == path)

    def claims(self):
        return json.loads(self.page.locator("#claims").inner_text())

    def message(self, path):
        self.open(path)
        return json.loads(self.page.locator("#message").inner_text())

    def cookie_size(self):
        """Bytes of the app's session cookie, name and value, as browsers count them."""
        mine = [c for c in self.person.context.cookies(self.client.url) if c["name"].endswith(f"_{self.client.port}")]
        assert len(mine) == 1, mine
        return len(mine[0]["name"]) + len(mine[0]["value"])
