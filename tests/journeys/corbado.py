"""Applications written for Corbado, as a person sees them: the components of web-js in the application's own page."""

import json
import re
import urllib.parse

from playwright.sync_api import expect

# Whatever is asked of other machines is refused, and remembered: the journeys run without a network.
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
    }


project.next = 1001


def merged(a, b):
    out = dict(a)
    for key, value in b.items():
        out[key] = merged(out.get(key) or {}, value) if isinstance(value, dict) else value
    return out


def seeded(server):
    return server.info["corbado"] | {"ca_file": server.info["ca_file"]}


class Components:
    """One tab with an application's page."""

    def __init__(self, person, app, page=None):
        self.person = person
        self.app = app
        self.page = page or person.page
        self.calls = []
        self.foreign = []
        self.page.route("**/*", self._route)
        self.page.on("request", lambda request: self.calls.append((request.method, request.url)))
        self.errors = []
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)

    def _route(self, route):
        if OURS.match(route.request.url) or route.request.url.startswith(("data:", "blob:")):
            route.continue_()
        else:
            self.foreign.append((route.request.url, route.request.headers))
            route.abort()

    @property
    def authenticator(self):
        return self.person.authenticators[self.page]

    def open(self, path="/"):
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
        self.page.wait_for_url("**/home", timeout=10_000)
        expect(self.page.locator("#user-id")).to_have_text(re.compile(r"^usr-\d+$"))
        if email:
            expect(self.page.locator("#user-email")).to_have_text(email)

    def field(self, name):
        return self.page.locator(f'input[name="{name}"]').first

    def press(self, text):
        self.page.get_by_role("button", name=text).first.click()

    def dump(self):
        print(self.page.url, json.dumps(self.errors))
        print(self.page.locator("body").inner_text())
