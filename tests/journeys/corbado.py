"""Applications written for Corbado, as a person sees them: the components of web-js in the application's own page."""

import contextlib
import json
import re
import urllib.parse

import requests
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

# Whatever is asked of other machines is remembered; the browser of the journeys finds none of them.
OURS = re.compile(r"^https?://([a-z0-9-]+\.)?(localhost|127\.0\.0\.1)(:\d+)?/")


def project(server, **settings):
    """A project of its own on the server: what an application is configured with."""
    info = server.info["corbado"]
    number = settings.pop("number", None) or project.next
    project.next += 1
    seeded = {
        "name": f"Project {number}",
        "accent": "corbado",
        "any_localhost": True,
        "client_secret": f"corbado1_{number}_0123456789abcdef",
        "embedded": {
            "api_url": server.url,
            "issuer": server.info["https_url"],
            "reveal_session_secret": True,
        },
        "policy": {
            "reveal_accounts": True,
            "sign_up": {"verify_email": "never"},
            "code": {"link": False, "resend_after_seconds": 0},
            "session": {"fresh_seconds": 86_400},
        },
    }
    for key, value in settings.items():
        if isinstance(value, dict):
            seeded[key] = merged(seeded.get(key) or {}, value)
        else:
            seeded[key] = value
    server.admin.request("POST", "/applications", json=seeded | {"client_id": f"pro-{number}"})
    return info | {
        "project_id": f"pro-{number}",
        "api_secret": seeded["client_secret"],
        "ca_file": server.info["ca_file"],
        "api_url": server.url,
    }


project.next = 1001


def merged(a, b):
    out = dict(a)
    for key, value in b.items():
        out[key] = merged(out.get(key) or {}, value) if isinstance(value, dict) else value
    return out


def seeded(server):
    """The project that `doorward dev` begins with."""
    return server.info["corbado"] | {"ca_file": server.info["ca_file"], "api_url": server.url}


class Components:
    """One tab with an application's page."""

    def __init__(self, person, app, page=None):
        self.person = person
        self.app = app
        self.page = page or person.page
        self.calls = []
        self.foreign = []
        self.page.on("request", self._request)
        self.errors = []
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)

    def _request(self, request):
        self.calls.append((request.method, request.url))
        if not OURS.match(request.url) and not request.url.startswith(("data:", "blob:")):
            self.foreign.append((request.url, request.headers))

    @property
    def authenticator(self):
        return self.person.authenticators[self.page]

    def touch(self):
        return self.authenticator.touch()

    def open(self, path="/"):
        # A fragment alone would load nothing anew.
        if "#" in path and self.page.url.startswith(self.app.url):
            self.page.goto("about:blank")
        self.page.goto(self.app.url + path)
        return self

    def sees(self, what, **options):
        expect(self.page.get_by_text(what, **options).first).to_be_visible()
        return self

    def storage(self):
        return self.page.evaluate("() => ({...localStorage})")

    def cookie(self, name):
        found = [c for c in self.person.context.cookies(self.app.url) if c["name"] == name]
        return found[0]["value"] if found else None

    def path(self):
        return urllib.parse.urlsplit(self.page.url).path

    def is_home(self, email=None):
        self.page.wait_for_url("**/home", timeout=20_000)
        expect(self.page.locator("#user-id")).to_have_text(re.compile(r"^usr-\d+$"))
        if email:
            expect(self.page.locator("#user-email")).to_have_text(email)
        # Who leaves before the list of passkeys has come sees the list throw its error at nobody.
        self.page.wait_for_function(
            "() => performance.getEntriesByType('resource').some(e => e.name.endsWith('/v2/me/passkeys'))"
        )

    @contextlib.contextmanager
    def touch_when_asked(self):
        """The finger comes when the page has sent for the passkey's challenge: after what was typed or pressed, before the browser
        asks. A virtual authenticator never answers a request that began with nobody there, and answers autofill too early."""

        def asked(route):
            self.authenticator.set_present(True)
            route.continue_()

        start = "**/v2/auth/passkey/login/start"
        self.page.route(start, asked)
        try:
            yield self
        finally:
            self.page.unroute(start)
            self.authenticator.set_present(False)

    def try_autofill(self, answered):
        """The finger is there before the page asks. On a busy machine the components may ask when nobody listens; then the person
        opens the page again."""
        for _ in range(4):
            with self.touch(), contextlib.suppress(PlaywrightTimeout):
                answered(self.open("/#login").page)
                break

    def log_in_by_autofill(self, email):
        self.try_autofill(lambda page: page.wait_for_url("**/home", timeout=5_000))
        self.is_home(email)

    def field(self, name):
        return self.page.locator(f'input[name="{name}"]').first

    def press(self, text):
        self.page.get_by_role("button", name=text).first.click()

    def dump(self):
        print(self.page.url, json.dumps(self.errors))
        print(self.page.locator("body").inner_text())

    # What a person does.
    def sign_up_form(self, name, email=None, username=None):
        self.fill("name", name)
        if email is not None:
            self.fill("email", email)
        if username is not None:
            self.fill("username", username)
        self.press("Continue")
        return self

    def fill(self, name, value):
        expect(self.field(name)).to_be_visible()
        self.field(name).fill(value)

    def create_passkey(self):
        """From the page that asks for it over the page that says it went well."""
        expect(self.page.get_by_role("button", name="Create account")).to_be_visible()
        with self.authenticator.touch():
            self.press("Create account")
            self.sees("Success!")
        self.press("Continue")

    def sign_up(self, email, name="Ada Lovelace", username=None):
        self.open("/#register")
        self.sign_up_form(name, email, username)
        self.create_passkey()
        self.is_home(email)

    def sign_up_by_code(self, email, mailbox, name="Ada Lovelace"):
        self.open("/#register")
        self.sign_up_form(name, email)
        self.press("Email verification")
        self.type_code(mailbox.code(email))
        self.is_home(email)

    def type_code(self, code):
        boxes = self.page.locator("#corbado-auth input")
        expect(boxes).to_have_count(6)
        # The boxes come one after the other, as a person types.
        for number, digit in enumerate(code):
            boxes.nth(number).fill(digit)

    def log_in_form(self, identifier, field="email"):
        self.fill(field, identifier)
        self.press("Continue")
        return self

    def log_out(self):
        self.page.wait_for_selector("body[data-mounted]")
        self.page.locator("#logout").click()
        self.page.wait_for_url(re.compile(r"/(#.*)?$"))

    def passkey_cards(self):
        return self.page.locator(".cb-passkey-list-card")

    def add_passkey(self):
        """Another one: the list shows those before it when it has asked for them."""
        expect(self.passkey_cards()).not_to_have_count(0)
        before = self.passkey_cards().count()
        with self.authenticator.touch():
            self.press("Create a Passkey")
            expect(self.passkey_cards()).to_have_count(before + 1)

    def call(self, path, method="GET", token=None, **options):
        """A call as the components make it from this application's page, with a session's secret and without cookies."""
        headers = {"X-Corbado-ProjectID": self.app.info["project_id"], "Origin": self.app.url} | options.pop("headers", {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return requests.request(method, self.app.info["api_url"] + path, headers=headers, timeout=20, **options)


class Script:
    """The components' calls without a browser: what they would send, and what they would not."""

    def __init__(self, info, origin="http://localhost:5000", handle=True):
        self.info = info
        self.origin = origin
        self.http = requests.Session()
        # A connection that sat idle may be closed under a request.
        self.http.headers["Connection"] = "close"
        self.token = None
        self.temp = None

    def post(self, path, body=None, expect_status=200, **headers):
        return self.send("POST", path, body, expect_status, **headers)

    def get(self, path, expect_status=200, **headers):
        return self.send("GET", path, None, expect_status, **headers)

    def send(self, method, path, body=None, expect_status=200, **headers):
        sent = {"X-Corbado-ProjectID": self.info["project_id"], "Origin": self.origin}
        if self.temp:
            sent["x-corbado-temp-process-id"] = self.temp
        elif self.token:
            sent["x-corbado-process-id"] = self.token
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.http.request(
            method, self.info["api_url"] + path, headers=sent, json=body, timeout=20
        )
        assert answer.status_code == expect_status, f"{method} {path}: {answer.status_code} {answer.text}"
        self.answer = answer
        return answer.json()

    def init(self, preferred=None, passkeys=True, **more):
        information = {"isUserVerifyingPlatformAuthenticatorAvailable": passkeys} | more
        answer = self.post("/v2/auth/process/init", {"clientInformation": information, "preferredBlock": preferred})
        self.token = answer["token"]
        self.expires_at = answer["expiresAt"]
        return answer["processResponse"]["blockBody"]

    def block(self, path, body=None, **options):
        return self.post(path, body or {}, **options)["blockBody"]

    def sign_up_form(self, name=None, **identifiers):
        given = [{"type": kind, "identifier": value} for kind, value in identifiers.items()]
        return self.block("/v2/auth/signup/init", {"identifiers": given, "fullName": name})

    def log_in_form(self, identifier):
        return self.block("/v2/auth/login/init", {"identifierValue": identifier, "isPhone": False})

    def send_code(self):
        return self.block("/v2/auth/identifier/verify/start", {"identifierType": "email", "verificationType": "email-otp"})

    def give_code(self, code, kind="email-otp"):
        body = {"identifierType": "email", "verificationType": kind, "code": code}
        return self.block("/v2/auth/identifier/verify/finish", body)

    def complete(self):
        return self.block("/v2/auth/process/complete")

    def sign_up_by_code(self, mailbox, email, name="Ada Lovelace"):
        """An account without passkey; what `completed` says."""
        self.init("signup-init")
        block = self.sign_up_form(name, email=email)
        assert block["block"] == "passkey-append", block
        assert self.send_code()["block"] == "email-verify"
        block = self.give_code(mailbox.code(email))
        assert block["block"] == "completed", block
        return block["data"]

    def log_in_by_code(self, mailbox, email):
        seen = mailbox.seen(email)
        self.token = None
        self.init("login-init", passkeys=False)
        block = self.log_in_form(email)
        assert block["block"] == "email-verify", block
        block = self.give_code(mailbox.code(email, not_in=seen))
        assert block["block"] == "completed", block
        return block["data"]
