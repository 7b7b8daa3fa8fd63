"""The examples: a web application and an API that it calls in the person's name, in Rust on `doorward-axum` and in Python on Flask.

The directory is made from the seed file that the examples carry, with the port of this run in it.
"""

import itertools
import pathlib
import secrets

import pytest
import requests
from playwright.sync_api import expect

from pages import Hosted, path_of
from ports import free_port
from server import ROOT, until

KINDS = ("axum", "flask")
AUDIENCE = "https://messages.example.com"
DESK = {"width": 1100, "height": 800}
PHONE = {"width": 390, "height": 844}


class WebApp:
    """The web application's pages, for one person."""

    def __init__(self, person, server, url):
        self.person = person
        self.page = person.page
        self.url = url
        self.hosted = Hosted(person, server)

    def open(self, path="/"):
        return self.page.goto(self.url + path)

    def press(self, selector):
        self.hosted.click(selector)

    def is_at(self, path):
        self.page.wait_for_url(self.url + path)

    def says(self, selector, text):
        expect(self.page.locator(selector)).to_contain_text(text)

    def answer(self, path):
        """A page with the API's answer: status and words."""
        status = self.open(path).status
        return status, self.page.locator("#message").inner_text()

    def log_in_by_passkey(self):
        self.press("#login")
        self.hosted.press_passkey_button()

    def log_out(self):
        self.press("#logout")
        self.is_at("/")
        expect(self.page.locator("#login")).to_be_visible()


class Pair:
    """Server, API and web application."""

    def __init__(self, kind, new_server, clients, folder, monkeypatch):
        self.kind = kind
        monkeypatch.setenv("CLIENT_SECRET", secrets.token_hex(32))
        port = free_port()
        seed = pathlib.Path(folder, "doorward.toml")
        example = ROOT / "examples" / f"{kind}-webapp" / "doorward.toml"
        seed.write_text(example.read_text().replace("localhost:4040", f"localhost:{port}"))
        self.server = new_server(seed=seed)
        issuer = self.server.issuer
        self.api = clients.api(kind, issuer=issuer, audience=AUDIENCE, web_url=f"http://localhost:{port}")
        # offline_access makes the session as large as it gets: three tokens in one cookie.
        self.web = clients.webapp(
            kind,
            port=port,
            issuer=issuer,
            client_id=f"{kind}-webapp",
            cookie_secret=secrets.token_hex(32),
            audience=AUDIENCE,
            api_url=self.api.url,
            scope="openid profile email offline_access",
        )

    def make_admin(self, email):
        user = self.server.admin.user_by_email(email)
        self.server.admin.give_role(user, "admin")


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def pair(kind, new_server, clients, tmp_path, monkeypatch):
    return Pair(kind, new_server, clients, tmp_path, monkeypatch)


def session_cookies(person):
    return [cookie for cookie in person.context.cookies() if cookie["name"].startswith("session-")]


def test_sign_up_profile_messages_role_log_out(pair, person, email):
    ada = person()
    app = WebApp(ada, pair.server, pair.web.url)

    # For everybody.
    app.open()
    assert app.answer("/public") == (200, "This is a public message. Anybody can read it.")
    expect(app.page.locator("#nav-protected, #nav-admin")).to_have_count(0)
    assert app.open("/nothing").status == 404

    # Sign up with a passkey; the provider opens its sign-up page at once.
    app.open()
    app.press("#signup")
    assert path_of(app.page.url).startswith("/signup"), app.page.url
    app.hosted.sign_up("Ada Lovelace", email)
    app.is_at("/profile")
    app.says("#name", "Ada Lovelace")
    app.says("#email", email)
    app.says("#claims", f'"email": "{email}"')
    assert len(ada.authenticator.credentials()) == 1

    # One small cookie, which script cannot read.
    [cookie] = session_cookies(ada)
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"
    size = len(cookie["name"]) + len(cookie["value"])
    assert size < 4000, f"the session takes {size} bytes"
    assert app.page.evaluate("document.cookie") == ""

    # The API gives what the access token allows.
    status, words = app.answer("/protected")
    assert status == 200 and "because you are signed in" in words
    status, words = app.answer("/admin")
    assert status == 403 and "read:admin-messages" in words
    app.says("#body", '"error": "insufficient_scope"')

    # A role is in the tokens of the next sign-in, not in those that were made before.
    pair.make_admin(email)
    assert app.answer("/admin")[0] == 403
    app.log_out()
    assert not session_cookies(ada)
    # Signed out at the provider too: the passkey is asked for again.
    app.press("#login")
    app.hosted.sees("#identifier")
    app.hosted.press_passkey_button()
    app.is_at("/profile")
    status, words = app.answer("/admin")
    assert status == 200 and words.startswith("This is an admin message.")
    app.log_out()

    # Whoever asks for a page of signed-in people comes back to it.
    app.open("/admin")
    assert path_of(app.page.url).startswith("/signin"), app.page.url
    app.hosted.press_passkey_button()
    app.is_at("/admin")
    app.says("#status", "200 OK")


def test_keys_are_rotated_while_people_are_signed_in(pair, person, email):
    ada = person()
    app = WebApp(ada, pair.server, pair.web.url)
    # The next key is published before it signs: APIs keep a key set for minutes, and some do not ask again within half a minute.
    until("the next key", lambda: len(requests.get(pair.server.url + "/.well-known/jwks.json", timeout=10).json()["keys"]) == 2)
    app.open()
    app.press("#signup")
    app.hosted.sign_up("Ada Lovelace", email)
    app.is_at("/profile")
    assert app.answer("/protected")[0] == 200

    pair.server.admin.rotate_keys()
    assert app.answer("/protected")[0] == 200, "a token of the key before is good until it ends"
    app.log_out()
    app.log_in_by_passkey()
    app.is_at("/profile")
    assert app.answer("/protected")[0] == 200, "a token of the new key is good at once"


def test_no_way_in_beside_the_door(pair, person, email):
    ada = person()
    app = WebApp(ada, pair.server, pair.web.url)
    # An answer that nobody waits for.
    assert app.open("/callback?code=stolen&state=0123456789abcdef").status == 400
    app.hosted.sees("#try-again")
    # Back to another site.
    app.open("/login?return_to=https://evil.example/")
    app.hosted.open_signup()
    app.hosted.sign_up("Ada Lovelace", email)
    app.is_at("/profile")
    # The answer again, by the back button's address.
    [callback] = {url for _method, url, _status in ada.documents if path_of(url) == "/callback" and "stolen" not in url}
    app.page.goto(callback)
    app.is_at("/profile")
    # A copy of the address without the cookies.
    assert requests.get(callback, allow_redirects=False, timeout=10).status_code == 400
    # A form of another site does not sign anybody out.
    answer = requests.post(f"{app.url}/logout", headers={"Origin": "https://evil.example"}, allow_redirects=False, timeout=10)
    assert answer.status_code == 403
    assert app.open("/profile").status == 200
    app.is_at("/profile")


def test_the_api_refuses_clearly(pair):
    url = pair.api.url + "/api/messages"
    answer = requests.get(f"{url}/public", timeout=10)
    assert (answer.status_code, answer.json()["message"]) == (200, "This is a public message. Anybody can read it.")

    answer = requests.get(f"{url}/protected", timeout=10)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="messages"')
    assert answer.json()["error"] == "missing_token"

    answer = requests.get(f"{url}/admin", headers={"Authorization": "Bearer not.a.token"}, timeout=10)
    assert answer.status_code == 401 and answer.json()["error"] == "invalid_token"
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="messages", error="invalid_token"')

    # A good token of this provider for another API.
    elsewhere = machine_token(pair.server, "https://api.example.test")
    answer = requests.get(f"{url}/protected", headers={"Authorization": f"Bearer {elsewhere}"}, timeout=10)
    assert (answer.status_code, answer.json()["error_description"]) == (401, "the token is for another audience")

    origin = {"Origin": pair.web.url, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    answer = requests.options(f"{url}/protected", headers=origin, timeout=10)
    assert answer.headers["Access-Control-Allow-Origin"] == pair.web.url
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization"
    answer = requests.options(f"{url}/protected", headers=origin | {"Origin": "https://evil.example"}, timeout=10)
    assert answer.headers.get("Access-Control-Allow-Origin") != "https://evil.example"


def machine_token(server, audience, issuer=None, verify=True):
    """An access token of the seeded application, in its own name."""
    form = {"grant_type": "client_credentials", "audience": audience, "scope": "read:messages"}
    client = (server.standard["client_id"], server.standard["client_secret"])
    endpoint = (issuer or server.issuer).rstrip("/") + "/connect/token"
    answer = requests.post(endpoint, data=form, auth=client, verify=verify, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


def test_a_provider_with_a_certificate_of_its_own(kind, server, clients):
    # Over HTTPS the server calls itself by this name, with a slash.
    issuer, ca = server.info["https_url"] + "/", server.info["ca_file"]
    token = machine_token(server, "https://api.example.test", issuer, verify=ca)
    trusting = clients.api(kind, issuer=issuer, audience="https://api.example.test", ca_file=ca)
    stranger = clients.api(kind, issuer=issuer, audience="https://api.example.test")

    def ask(api):
        headers = {"Authorization": f"Bearer {token}"}
        return requests.get(f"{api.url}/api/messages/protected", headers=headers, timeout=10)

    assert ask(trusting).status_code == 200
    answer = ask(stranger)
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert "certificate is trusted" in stranger.log.read_text(), "the log does not say what to do"


def test_the_pair_through_the_auth0_accent(kind, server, clients, person, email):
    """The same two programs where another accent answers: other paths, other claims, an issuer with a slash, opaque subjects."""
    accent = server.info["auth0"]
    told = {"issuer": f"https://{accent['domain']}/", "audience": accent["audience"], "ca_file": server.info["ca_file"]}
    api = clients.api(kind, **told)
    credentials = {name: accent[name] for name in ("client_id", "client_secret")}
    web = clients.webapp(kind, **told, **credentials, cookie_secret=secrets.token_hex(32), api_url=api.url)
    ada = person(ignore_https_errors=True)
    app = WebApp(ada, server, web.url)

    app.open()
    app.press("#signup")
    app.hosted.sign_up("Ada Lovelace", email)
    app.is_at("/profile")
    app.says("#email", email)
    app.says("#claims", '"sub": "auth0|')
    assert app.answer("/protected")[0] == 200
    assert app.answer("/admin")[0] == 403
    user = server.admin.user_by_email(email)
    server.admin.give_role(user, "admin")
    app.log_out()
    app.press("#login")
    app.hosted.sees("#identifier")
    app.hosted.press_passkey_button()
    app.is_at("/profile")
    status, words = app.answer("/admin")
    assert status == 200, words
    app.log_out()


@pytest.mark.any_database
def test_pages_in_light_dark_and_on_a_phone(pair, person, email, screens):
    ada = person()
    app = WebApp(ada, pair.server, pair.web.url)

    def keep(name):
        for scheme, (where, viewport) in itertools.product(("light", "dark"), {"desk": DESK, "phone": PHONE}.items()):
            app.page.emulate_media(color_scheme=scheme)
            app.page.set_viewport_size(viewport)
            wide = app.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            assert not wide, f"{name} is wider than the {where}'s screen"
            app.page.screenshot(path=screens / f"{pair.kind}-webapp-{name}-{scheme}-{where}.png", full_page=True)

    for name, path in {"home": "/", "public": "/public", "not-found": "/nothing", "refused": "/callback"}.items():
        app.open(path)
        keep(name)
    # By keyboard: the first stop leads past the navigation.
    app.open()
    app.page.keyboard.press("Tab")
    expect(app.page.locator(".skip")).to_be_focused()
    app.page.locator("#signup").focus()
    app.page.keyboard.press("Enter")
    app.hosted.sign_up("Ada Lovelace", email)
    app.is_at("/profile")
    keep("profile")
    for name, path in {"protected": "/protected", "admin-refused": "/admin"}.items():
        app.open(path)
        keep(name)
