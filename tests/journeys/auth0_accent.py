"""The Auth0 accent as the journeys see it: the server over HTTPS, its hosted pages, and what a person does there."""

import base64
import json
import subprocess
import urllib.parse

import requests
from playwright.sync_api import expect

from clients.processes import HERE
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
        # The machine's own settings for trust and proxies are none of these tests' business.
        session.trust_env = False
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


def application(server, name, port, scheme="http", **more):
    """A new application of the Auth0 accent for an app on a port of its own."""
    home = f"{scheme}://localhost:{port}"
    more = {"web_origins": [home], "post_logout_redirect_uris": [home]} | more
    return server.admin.create_application(name, [home + "/callback", home + "/"], accent="auth0", **more)


class SinglePage:
    """The app built on auth0-spa-js, at a person's browser."""

    def __init__(self, person, server, client):
        self.person = person
        self.server = server
        self.client = client
        self.page = person.page
        self.hosted = Hosted(person, server, person.page)
        self.requests = []
        self.page.on("request", lambda request: self.requests.append(request))

    def open(self, **options):
        query = {"options": json.dumps(options)} if options else {}
        self.page.goto(self.client.url + "/" + ("?" + urllib.parse.urlencode(query) if query else ""))
        self.is_ready()
        return self

    def is_ready(self):
        self.page.wait_for_url(lambda url: url.startswith(self.client.url))
        self.page.locator("body[data-ready]").wait_for(state="attached")

    def state(self):
        return self.page.locator("#state").inner_text()

    def user(self):
        return json.loads(self.page.locator("#user").inner_text())

    def run(self, script, argument=None):
        """Runs a line on the library's client; a thrown error comes back as its fields."""
        wrapped = f"""async (argument) => {{
          try {{ return {{ value: await (async () => {{ {script} }})() }}; }}
          catch (error) {{ return {{ error: error.error ?? error.name, description: error.error_description ?? error.message }}; }}
        }}"""
        return self.page.evaluate(wrapped, argument)

    def start(self, script):
        """Begins something that leads away from the page."""
        self.page.evaluate(f"() => {{ setTimeout(async () => {{ {script} }}, 0); }}")

    def log_out(self):
        # The page is at this address already: only a navigation tells that it is there again.
        with self.page.expect_navigation(url=self.client.url + "/"):
            self.start("await window.client.logout({ logoutParams: { returnTo: location.origin } });")
        self.is_ready()

    def posted_to(self, path):
        return [r for r in self.requests if r.method == "POST" and path_of(r.url) == path]


class Library:
    """auth0-python of one version, in a process of its own."""

    def __init__(self, python, server, client_id=None, client_secret=None):
        self.python = python
        self.server = server
        known = server.auth0
        self.settings = {
            "DOMAIN": known["domain"],
            "CLIENT_ID": client_id or known["client_id"],
            "CLIENT_SECRET": known["client_secret"] if client_secret is None else client_secret,
        }

    def calls(self, *steps):
        script = str(HERE / "auth0_python" / "call.py")
        environment = {**self.settings, **self.server.trust, "PATH": ""}
        done = subprocess.run(
            [str(self.python), "-W", "ignore", script],
            input=json.dumps(steps), env=environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def call(self, *step):
        return self.calls(step)[0]


class ManagementLibrary:
    """auth0-python's management client of one version, in a process of its own."""

    def __init__(self, python, server, **client):
        settings = server.auth0["management"] | client
        environment = {
            "DOMAIN": server.auth0["domain"],
            "CLIENT_ID": settings["client_id"],
            "CLIENT_SECRET": settings["client_secret"],
            "PATH": "",
        }
        self.is_old = "auth0-python-4" in str(python)
        script = str(HERE / "auth0_python" / "manage.py")
        self.process = subprocess.Popen(
            [str(python), "-W", "ignore", script],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment | server.trust, text=True,
        )  # fmt: skip

    def send(self, name, /, *places, **named):
        """Calls a method; the answer as it came: `value`, or `status`, `code` and `message`."""
        self.process.stdin.write(json.dumps([name, list(places) or named]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the library failed at {name}: see the output of its process"
        return json.loads(line)

    def call(self, name, /, *places, **named):
        answer = self.send(name, *places, **named)
        assert "value" in answer, f"{name}: {answer}"
        return answer["value"]

    def stop(self):
        self.process.stdin.close()
        self.process.wait(20)
