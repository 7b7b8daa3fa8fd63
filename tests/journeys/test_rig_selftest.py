"""The rig proves itself without the server under test: the browser, its authenticator, what it notices, the clients."""

import base64
import http.server
import json
import os
import pathlib
import subprocess
import sys
import textwrap
import threading
import urllib.parse

import pytest
from playwright.sync_api import expect

from browser import context_without_cookies
from pages import path_of
from relying_party import Callback, s256
from scriptless import Arrived, Scriptless
from test_accessibility import FLAWS, tab_to
from tiny_provider import TinyProvider

CEREMONIES = """<!doctype html><html lang="en"><title>Ceremonies</title><link rel="icon" href="data:,">
<input id="identifier" autocomplete="username webauthn"><script>
const bytes = () => crypto.getRandomValues(new Uint8Array(32));
const settled = (promise) => promise.then((c) => c.id, (e) => e.name);
window.make = () => settled(navigator.credentials.create({publicKey: {
  challenge: bytes(), rp: {id: 'localhost', name: 'Rig'}, user: {id: bytes(), name: 'ada', displayName: 'Ada'},
  pubKeyCredParams: [{type: 'public-key', alg: -7}],
  authenticatorSelection: {residentKey: 'required', userVerification: 'required'}}}));
window.use = (mediation, signal) => settled(navigator.credentials.get({mediation, signal,
  publicKey: {challenge: bytes(), rpId: 'localhost', userVerification: 'required'}}));
window.unknown = (id) => PublicKeyCredential.signalUnknownCredential({rpId: 'localhost', credentialId: id});
</script></html>"""

FORMS = """<!doctype html><title>Forms</title><form method="post" action="/step2">
<input type="hidden" name="state" value="kept"><input id="identifier" name="who">
<button id="send-code" name="how" value="code">Code</button><button id="continue" name="how" value="go">Go</button></form>"""


class Site:
    """Pages by path on a free port; a page is text, or a function of the form to (status, headers, text)."""

    def __init__(self, pages):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.reply({})

            def do_POST(self):
                length = int(self.headers.get("Content-Length", 0))
                self.reply(dict(urllib.parse.parse_qsl(self.rfile.read(length).decode())))

            def reply(self, form):
                page = pages.get(urllib.parse.urlsplit(self.path).path)
                if page is None:
                    status, headers, text = 404, {}, "missing"
                else:
                    status, headers, text = page(form) if callable(page) else (200, {}, page)
                self.send_response(status)
                for name, value in ({"Content-Type": "text/html"} | headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def site():
    sites = []

    def make(**pages):
        sites.append(Site({"/" + path: page for path, page in pages.items()} | {"/": pages.get("home")}))
        return sites[-1]

    yield make
    for made in sites:
        made.stop()


def b64url(standard):
    return base64.urlsafe_b64encode(base64.b64decode(standard)).rstrip(b"=").decode()


def test_passkeys_are_made_and_used(site, person):
    ada = person()
    ada.page.goto(site(home=CEREMONIES).url)
    with ada.touch():
        made = ada.page.evaluate("make()")
        assert ada.page.evaluate("use()") == made
        assert ada.page.evaluate("use('conditional')") == made, "autofill does not work"
    (credential,) = ada.authenticator.credentials()
    assert b64url(credential["credentialId"]) == made
    assert credential["rpId"] == "localhost" and credential["isResidentCredential"]
    assert credential["backupEligibility"] is False


def test_autofill_waits_until_the_person_touches(site, person):
    ada = person()
    home = site(home=CEREMONIES).url
    ada.page.goto(home)
    with ada.touch():
        made = ada.page.evaluate("make()")
    ada.page.evaluate(
        "window.ended = null; window.waiting = new AbortController();"
        "void use('conditional', waiting.signal).then((how) => { window.ended = how })"
    )
    ada.page.wait_for_timeout(300)
    assert ada.page.evaluate("ended") is None, "the ceremony ended by itself"
    # The page's button: it takes the place of the waiting request.
    with ada.touch():
        assert ada.page.evaluate("waiting.abort(), use()") == made
    assert ada.page.evaluate("ended") == "AbortError"


def test_refused_verification_lost_and_foreign_passkeys(site, person):
    ada = person()
    ada.page.goto(site(home=CEREMONIES).url)
    with ada.touch():
        ada.page.evaluate("make()")
        ada.authenticator.set_user_verified(False)
        assert ada.page.evaluate("use()") == "NotAllowedError"
        assert ada.page.evaluate("make()") == "NotAllowedError"
        ada.authenticator.set_user_verified(True)
        (credential,) = ada.authenticator.credentials()
        ada.authenticator.replace(credential, rpId="example.com")
        assert ada.page.evaluate("use()") == "NotAllowedError"
        ada.authenticator.replace(credential, signCount=7)
        assert ada.page.evaluate("use()") == b64url(credential["credentialId"])
        assert ada.authenticator.credentials()[0]["signCount"] > 7
        ada.authenticator.clear()
        assert ada.page.evaluate("use()") == "NotAllowedError"


def test_synced_passkeys_and_signals(site, person):
    ada = person(authenticator={"defaultBackupEligibility": True, "defaultBackupState": True})
    ada.page.goto(site(home=CEREMONIES).url)
    with ada.touch():
        made = ada.page.evaluate("make()")
    (credential,) = ada.authenticator.credentials()
    assert credential["backupEligibility"] and credential["backupState"]
    ada.page.evaluate("(id) => unknown(id)", made)
    assert ada.authenticator.credentials() == [], "the Signal API did not reach the authenticator"


def test_a_second_tab_has_the_same_passkeys(site, person):
    ada = person()
    home = site(home=CEREMONIES).url
    ada.page.goto(home)
    with ada.touch():
        made = ada.page.evaluate("make()")
    tab = ada.tab()
    tab.goto(home)
    with ada.authenticators[tab].touch():
        assert tab.evaluate("use()") == made


def test_the_browser_notices_what_is_wrong(site, person):
    policy = {"Content-Security-Policy": "default-src 'self'; form-action 'self'"}
    page = (
        '<!doctype html><title>Wrong</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/missing.css">'
        '<p style="color: red">x</p><script>refused()</script><script src="/broken"></script>'
    )
    wrong = site(
        home=lambda _form: (200, policy, page),
        broken=lambda _form: (200, {"Content-Type": "text/javascript"}, "nothing.there()"),
    )
    ada = person()
    ada.page.goto(wrong.url)
    ada.page.wait_for_timeout(200)
    found = "\n".join(ada.problems)
    for sign in ("style-src", "script-src", "uncaught error", "404 for stylesheet"):
        assert sign in found, f"{sign} was not noticed:\n{found}"
    assert ada.unexpected_problems()
    ada.expects_problem("")
    assert not ada.unexpected_problems()


def test_flaws_are_found(site, person):
    page = (
        '<!doctype html><title></title><link rel="icon" href="data:,"><input id="a"><input id="a" aria-describedby="gone">'
        '<img src="data:,"><button></button><div style="width: 3000px">wide</div>'
    )
    ada = person()
    ada.expects_problem("")
    ada.page.goto(site(home=page).url)
    found = "\n".join(ada.page.evaluate(FLAWS))
    for flaw in ("no title", "no lang", "main", "h1", "no label", "no name", "no alt", "twice", "nowhere", "sideways"):
        assert flaw in found, f"{flaw} was not found:\n{found}"


def test_the_keyboard_finds_what_can_be_seen(site, person):
    ada = person()
    ada.page.goto(site(home='<!doctype html><title>K</title><link rel="icon" href="data:,"><a href="#">1</a><a id="b" href="#">2</a>').url)
    tab_to(ada.page, "#b")
    ada.page.add_style_tag(content="a { outline: none }")
    with pytest.raises(AssertionError, match="cannot be seen"):
        tab_to(ada.page, "#none")


def test_cookies_can_be_blocked(site, playwright, person):
    home = site(home=lambda _form: (200, {"Set-Cookie": "a=b"}, '<!doctype html><link rel="icon" href="data:,">')).url
    with context_without_cookies(playwright) as context:
        ada = person(context=context)
        ada.page.goto(home)
        assert context.cookies() == []
        assert ada.page.evaluate("navigator.cookieEnabled") is False
    allowed = person()
    allowed.page.goto(home)
    assert allowed.context.cookies() != []


def test_scriptless_fills_forms_as_a_browser_does(site):
    received = {}

    def second(form):
        received.update(form)
        return 303, {"Location": "http://localhost:1/callback?code=c&state=s"}, ""

    forms = site(home=FORMS, step2=second)
    browser = Scriptless(forms, "http://localhost:1/callback")
    browser.open(forms.url)
    with pytest.raises(Arrived) as arrived:
        browser.press("continue", identifier="ada@example.com")
    assert received == {"state": "kept", "who": "ada@example.com", "how": "go"}
    assert arrived.value.parameters == {"code": "c", "state": "s"}


def test_callback_and_challenge(person):
    # RFC 7636, appendix B.
    assert s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    listening = Callback()
    ada = person()
    ada.page.goto(listening.url + "?code=c&state=s")
    assert listening.next() == {"code": "c", "state": "s"}
    listening.stop()


@pytest.fixture
def provider():
    running = TinyProvider()
    yield running
    running.stop()


@pytest.mark.parametrize("kind", ["flask", "node", "node-form-post"])
def test_the_relying_parties_work(clients, provider, person, kind):
    settings = {"issuer": provider.issuer, "client_id": "rig", "client_secret": "secret"}
    if kind == "node-form-post":
        settings["response_mode"] = "form_post"
    app = getattr(clients, kind.split("-")[0])(**settings)
    ada = person()
    ada.page.goto(app.url + "/login")
    expect(ada.page.locator("#signed-in")).to_have_text("Ada Lovelace")
    assert json.loads(ada.page.locator("#claims").inner_text())["sub"] == "ada"
    first = ada.context.request.get(app.url + "/tokens").json()
    second = ada.context.request.get(app.url + "/refresh").json()
    assert second["refresh_token"] != first["refresh_token"]
    assert ada.context.request.get(app.url + "/userinfo").json()["email"] == "ada@example.com"
    ada.page.goto(app.url + "/logout")
    expect(ada.page.locator("#signed-out")).to_be_visible()
    assert path_of(ada.page.url) == "/signed-out"


@pytest.mark.parametrize("kind", ["flask", "node"])
def test_the_relying_parties_refuse_a_tampered_state(clients, provider, person, kind):
    app = getattr(clients, kind)(issuer=provider.issuer, client_id="rig", client_secret="secret")
    ada = person()
    login = ada.context.request.get(app.url + "/login", max_redirects=0).headers["location"]
    location = ada.context.request.get(login, max_redirects=0).headers["location"]
    ada.page.goto(location.replace("state=", "state=x"))
    assert ada.page.locator("#refused").inner_text()


@pytest.mark.parametrize(
    "body",
    [
        "import pytest\ndef test_it(): pytest.skip('no time')",
        "import pytest\n@pytest.mark.skip\ndef test_it(): pass",
        "import pytest\n@pytest.mark.xfail\ndef test_it(): assert False",
        "import pytest\npytest.skip('whole file', allow_module_level=True)",
    ],
    ids=["skip", "mark", "xfail", "module"],
)
def test_a_skip_is_a_failure(tmp_path, body):
    (tmp_path / "test_skipping.py").write_text(textwrap.dedent(body))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    environment = os.environ | {"PYTHONPATH": str(pathlib.Path(__file__).parent)}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "strict", str(tmp_path)],
        env=environment, capture_output=True, text=True, timeout=60, cwd=tmp_path,
    )  # fmt: skip
    assert ran.returncode == 1 or ran.returncode == 2, ran.stdout
    assert "skipped journey is a failed journey" in ran.stdout
