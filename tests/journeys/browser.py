"""A person at a real browser: Debian's Chromium, one context, a virtual authenticator in every tab.

Whatever the browser complains about (a refused script or style, an uncaught error, a missing asset, a 5xx answer)
is collected, and fails the journey at its end unless the journey said that it expects it.
"""

import contextlib
import pathlib
import re
import shutil
import tempfile

from playwright.sync_api import expect

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # Nothing outside this machine is found, with or without a network.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]",
]
# Reported by the page itself, since a violation that only shows in the console can be worded in many ways.
REPORT_VIOLATIONS = """
addEventListener('securitypolicyviolation', (e) =>
  console.error('csp-violation', e.violatedDirective, e.blockedURI, e.sourceFile || '', e.lineNumber || ''));
"""
ASSETS = {"script", "stylesheet", "image", "font", "manifest"}
# A form's answer is waited for this long; a page that needs more is a defect.
PATIENCE_MS = 10_000
# Playwright waits this long for an action or an expectation.
expect.set_options(timeout=PATIENCE_MS)


class Authenticator:
    """The virtual authenticator of one tab, as WebAuthn's automation section describes it.

    Presence starts absent, as with a person whose finger is not on the sensor: a conditional request of the page
    stays open until `touch()`. Otherwise every page with autofill would sign in before a journey could look at it.
    """

    def __init__(self, page, **options):
        self.page = page
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        self.options = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": False,
            "defaultBackupEligibility": False,
            "defaultBackupState": False,
        } | options
        self.present = self.options["automaticPresenceSimulation"]
        self.id = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": self.options})["authenticatorId"]

    def _send(self, method, **params):
        return self.cdp.send(f"WebAuthn.{method}", {"authenticatorId": self.id} | params)

    def set_present(self, present):
        self.present = present
        self._send("setAutomaticPresenceSimulation", enabled=present)

    @contextlib.contextmanager
    def touch(self):
        """The person's finger stays on the sensor for what happens inside."""
        before = self.present
        self.set_present(True)
        try:
            yield self
        finally:
            self.set_present(before)

    def set_user_verified(self, verified):
        """Whether the finger is the right one."""
        self._send("setUserVerified", isUserVerified=verified)

    def credentials(self):
        return self._send("getCredentials")["credentials"]

    def add(self, credential):
        self._send("addCredential", credential=credential)

    def remove(self, credential_id):
        self._send("removeCredential", credentialId=credential_id)

    def clear(self):
        """The passkeys are lost."""
        self._send("clearCredentials")

    def replace(self, credential, **changes):
        """The same passkey with something about it changed, as a copied or tampered one would have."""
        self.remove(credential["credentialId"])
        self.add(credential | changes)


class Person:
    """One browser context: its tabs, its authenticator, and all that the browser complained about."""

    def __init__(self, context, name="person", artifacts=None, authenticator=None, tracing=True):
        self.context = context
        self.name = name
        self.artifacts = pathlib.Path(artifacts) if artifacts else None
        self.authenticator_options = authenticator or {}
        self.authenticators = {}
        self.problems = []
        self.expected = []
        self.documents = []
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(REPORT_VIOLATIONS)
        self.tracing = tracing
        if tracing:
            context.tracing.start(screenshots=False, snapshots=True)
        self.page = self.tab(context.pages[0] if context.pages else None)

    def tab(self, page=None):
        """Another tab. Passkeys of the first tab are there too: a platform authenticator belongs to the machine."""
        page = page or self.context.new_page()
        authenticator = Authenticator(page, **self.authenticator_options)
        for other in list(self.authenticators.values())[:1]:
            for credential in other.credentials():
                authenticator.add(credential)
        self.authenticators[page] = authenticator
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"uncaught error: {error}\n{error.stack} (on {page.url})"))
        page.on("response", self._response)
        return page

    @property
    def authenticator(self):
        return self.authenticators[self.page]

    def touch(self):
        return self.authenticator.touch()

    def _console(self, message):
        if message.type == "error" and re.search(r"csp-violation|Content Security Policy", message.text):
            self.problems.append(f"content policy: {message.text}")

    def _response(self, response):
        kind = response.request.resource_type
        if kind == "document":
            self.documents.append((response.request.method, response.url, response.status))
        if response.status >= 500 or (response.status >= 400 and kind in ASSETS):
            self.problems.append(f"{response.status} for {kind} {response.url}")

    def expects_problem(self, pattern):
        """Something the browser will rightly complain about in this journey."""
        self.expected.append(re.compile(pattern))

    def unexpected_problems(self):
        return [p for p in self.problems if not any(e.search(p) for e in self.expected)]

    def pages_seen(self, since=0):
        """Addresses of documents that the browser was answered with, in order; `since` is an earlier `len`."""
        return [url for _method, url, status in self.documents[since:] if not 300 <= status < 400]

    def close(self, failed=False):
        if failed and self.artifacts:
            self.artifacts.mkdir(parents=True, exist_ok=True)
            for number, page in enumerate(self.context.pages):
                with contextlib.suppress(Exception):
                    stem = self.artifacts / f"{self.name}-{number}"
                    page.screenshot(path=f"{stem}.png", full_page=True, timeout=5_000)
                    stem.with_suffix(".html").write_text(f"<!-- {page.url} -->\n{page.content()}")
            with contextlib.suppress(Exception):
                self.context.tracing.stop(path=self.artifacts / f"{self.name}-trace.zip")
        with contextlib.suppress(Exception):
            self.context.close()


def launch(playwright):
    return playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)


@contextlib.contextmanager
def context_without_cookies(playwright):
    """A browser whose owner has forbidden all cookies."""
    import json

    with tempfile.TemporaryDirectory(prefix="doorward-no-cookies-") as profile:
        preferences = pathlib.Path(profile, "Default", "Preferences")
        preferences.parent.mkdir()
        preferences.write_text(json.dumps({"profile": {"default_content_setting_values": {"cookies": 2}}}))
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=CHROMIUM_ARGS
        )
        try:
            yield context
        finally:
            context.close()
