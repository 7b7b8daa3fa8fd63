"""Each quick start of the console, followed to the letter by a script that reads it from the page."""

import contextlib
import fcntl
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

import pytest
import requests
from playwright.sync_api import expect

from auth0_accent import OverHttps
from console import Console
from pages import Hosted
from server import ROOT, until

pytestmark = pytest.mark.any_database

HERE = pathlib.Path(__file__).parent


@pytest.fixture
def owner(own_server, person):
    return Console(person(), own_server).first_run()


def free(port):
    with contextlib.closing(socket.socket()) as probe:
        return probe.connect_ex(("localhost", port)) != 0


def new_application(owner, kind, framework=None, accent="Standard"):
    owner.go("Applications").follow("New application").fill("Name", "Quick").choose(kind).choose(accent)
    owner.press("Create application").sees_news()
    owner.follow("Quick start")
    if framework:
        owner.page.get_by_role("navigation", name="Frameworks").get_by_role("link", name=framework, exact=True).click()
        expect(owner.page.get_by_role("navigation", name="Frameworks").locator("[aria-current]")).to_have_text(framework)
        owner.hosted.is_whole()
    if owner.page.locator("#add-addresses").count():
        owner.page.locator("#add-addresses").click()
        owner.sees_news()


class Follower:
    """Writes the files and runs the commands of a quick start, in order, in an empty folder."""

    def __init__(self, page, folder, trust):
        self.folder = folder
        self.trust = trust
        # The crate as it is here, not as it was published last.
        (folder / ".cargo").mkdir(exist_ok=True)
        (folder / ".cargo" / "config.toml").write_text(f'[patch.crates-io]\ndoorward-axum = {{ path = "{ROOT / "sdk" / "axum"}" }}\n')
        self.steps = page.locator("[data-file], [data-run]").evaluate_all(
            "(all) => all.map((e) => ({ file: e.dataset.file, text: e.textContent }))"
        )
        self.running = None

    # A framework that would tell its makers of each start is asked not to; nobody debugs what is built here.
    env = os.environ | {"NEXT_TELEMETRY_DISABLED": "1", "CARGO_PROFILE_DEV_DEBUG": "0", "CARGO_INCREMENTAL": "0"}

    def follow(self, until_answers, installed=False):
        """`installed`: the folder has what the commands before the last one put there."""
        for step in self.steps[:-1]:
            if step["file"]:
                (self.folder / step["file"]).write_text(step["text"])
            elif not installed:
                self.run(step["text"])
        last = self.steps[-1]
        assert not last["file"], "the last step runs something"
        self.running = subprocess.Popen(
            ["sh", "-ec", last["text"]], cwd=self.folder, start_new_session=True, env=self.env | self.trust,
            stdout=(self.folder / "log").open("wb"), stderr=subprocess.STDOUT,
        )  # fmt: skip
        until("the program", lambda: answers(until_answers), within=90, every=0.1)

    def run(self, command, tries=3):
        """Public registries are asked, and may fail to answer for a moment."""
        for left in reversed(range(tries)):
            done = subprocess.run(["sh", "-ec", command], cwd=self.folder, timeout=1000, capture_output=True, env=self.env)
            if done.returncode == 0:
                return
            if left:
                time.sleep(5)
        raise AssertionError(f"{command}\nended with {done.returncode}:\n{done.stderr.decode(errors='replace')}")

    def stop(self):
        if self.running:
            os.killpg(self.running.pid, signal.SIGTERM)
            self.running.wait(10)
            self.running = None


def answers(url):
    try:
        return requests.get(url, timeout=10).status_code < 500
    except requests.RequestException:
        # Nobody listens yet, or the first answer is still being made.
        return False


@pytest.fixture
def named_port():
    """Holds a port that a page names until the journey is over: journeys run side by side, and some pages name the same one."""
    with contextlib.ExitStack() as held:

        def take(port):
            place = pathlib.Path(tempfile.gettempdir(), f"doorward-journeys-{os.getuid()}-port-{port}.lock")
            fcntl.flock(held.enter_context(place.open("w")), fcntl.LOCK_EX)
            assert free(port), f"something else listens on port {port}, which the quick start names"

        yield take


# After `named_port`, so that its programs have ended when the port is given back.
@pytest.fixture
def follower(tmp_path, named_port):
    made = []

    def make(page, trust=None):
        made.append(Follower(page, tmp_path, trust or {}))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def signs_up_and_out(guest, server, home, email):
    page = guest.page
    page.goto(home)
    page.get_by_text("Sign in").click()
    hosted = Hosted(guest, server)
    hosted.open_signup()
    hosted.sign_up("Grace Hopper", email)
    expect(page.locator("#hello")).to_contain_text("Grace Hopper")
    page.get_by_text("Sign out").click()
    hosted.wait_until(lambda: hosted.at("#signout-confirm") or page.url.rstrip("/") == home.rstrip("/"))
    if hosted.at("#signout-confirm"):
        hosted.click("#signout-confirm")
    expect(page.get_by_text("Sign in")).to_be_visible()
    assert page.url.rstrip("/") == home.rstrip("/")


# By accent and name: the port that the page names.
WEB = {
    ("Standard", "Flask"): 5000,
    ("Standard", "Django"): 8000,
    ("Standard", "FastAPI"): 8001,
    ("Standard", "Express"): 3000,
    ("Standard", "Next.js"): 3001,
    ("Standard", "axum"): 8002,
    ("FusionAuth", "Flask, FusionAuth client"): 5002,
}


@pytest.mark.timeout(1500)
@pytest.mark.parametrize(("accent", "framework"), WEB)
def test_web(accent, framework, owner, own_server, person, follower, named_port, email):
    named_port(WEB[accent, framework])
    new_application(owner, "Regular web app", framework, accent)
    home = owner.page.locator("#open-app").get_attribute("href")
    follower(owner.page).follow(home)
    guest = person()
    guest.expects_problem(r"404.*favicon|favicon.*404")
    signs_up_and_out(guest, own_server, home, email)


# The scripts name a public copy of a package; the very same version is here, and tests need no network.
SPA = {
    "JavaScript": ("Standard", 4040, "node_app", "oauth4webapi", "build/index.js"),
    "JavaScript, Auth0 SDK": ("Auth0", 4041, "auth0_node", "@auth0/auth0-spa-js", "dist/auth0-spa-js.production.esm.js"),
}


@pytest.mark.parametrize("framework", SPA)
def test_javascript(framework, owner, own_server, person, follower, named_port, email):
    accent, port, clients, name, module = SPA[framework]
    named_port(port)
    new_application(owner, "Single-page app", accent=accent)
    home = owner.page.locator("#open-app").get_attribute("href")
    follower(owner.page).follow(home)
    guest = person(ignore_https_errors=accent == "Auth0")
    package = HERE / "clients" / clients / "node_modules" / name
    version = json.loads((package / "package.json").read_text())["version"]
    asked = f"https://cdn.jsdelivr.net/npm/{name}@{version}/+esm"
    body = (package / module).read_text()
    guest.page.route(asked, lambda route: route.fulfill(body=body, content_type="text/javascript", headers={"access-control-allow-origin": "*"}))
    guest.expects_problem(r"404.*favicon|favicon.*404")
    signs_up_and_out(guest, OverHttps(own_server) if accent == "Auth0" else own_server, home, email)


@pytest.mark.parametrize("accent", ["Standard", "Auth0"])
def test_curl(accent, owner, own_server):
    new_application(owner, "Machine to machine", accent=accent)
    owner.follow("Choose the API and its permissions")
    api = owner.page.locator("section").filter(has_text="https://api.example.test")
    api.get_by_label("read:messages").check()
    api.get_by_role("button", name="Grant access").click()
    owner.sees_news()
    owner.follow("Quick start")
    command = owner.page.locator("[data-run]").text_content()
    assert ("/oauth/token" in command) == (accent == "Auth0")
    # What the machine may have set for curl alone would count for more than what the page names.
    more = ("CURL_CA_BUNDLE", "SSL_CERT_DIR")
    env = {name: value for name, value in os.environ.items() if name not in more} | own_server.trust
    done = subprocess.run(["sh", "-ec", command], capture_output=True, text=True, timeout=30, env=env)
    assert done.returncode == 0, done.stderr
    token = json.loads(done.stdout)
    assert token["token_type"] == "Bearer" and token["scope"] == "read:messages"


# --- Applications of an accent: written with what such applications are written with ----------------------------------------------


def test_auth0_express(owner, own_server, person, follower, named_port, email):
    named_port(3002)
    new_application(owner, "Regular web app", "Express, Auth0 SDK", accent="Auth0")
    home = owner.page.locator("#open-app").get_attribute("href")
    follower(owner.page, own_server.trust).follow(home)
    signs_up_and_out(person(ignore_https_errors=True), OverHttps(own_server), home, email)


def test_credentials_name_the_domain_that_speaks_the_accent(owner, own_server):
    for accent, issuer in (("Standard", own_server.issuer), ("Auth0", OverHttps(own_server).issuer), ("FusionAuth", own_server.issuer)):
        new_application(owner, "Regular web app", accent=accent)
        owner.follow("Credentials")
        assert owner.copied("Issuer") == issuer, accent
        assert owner.copied("Domain") == issuer.split("//")[1].rstrip("/"), accent
        discovery = requests.get(owner.copied("Discovery document"), timeout=10, verify=own_server.info["ca_file"])
        assert discovery.json()["issuer"] == issuer, accent


def test_a_domain_for_auth0_is_asked_for(owner, own_server):
    tenant = own_server.admin.request("GET", "/tenants")["items"][0]
    for domain in own_server.admin.request("GET", f"/tenants/{tenant['id']}/domains")["items"]:
        if domain["accent"] == "auth0":
            own_server.admin.request("PATCH", f"/domains/{domain['id']}", json={"accent": "standard"})
    new_application(owner, "Regular web app", "Express, Auth0 SDK", accent="Auth0")
    expect(owner.page.locator("#lacks-domain")).to_contain_text("https://HOST")
    expect(owner.page.locator("#step-app")).to_contain_text('AUTH0_DOMAIN = "YOUR_DOMAIN"')
    owner.page.locator("#lacks-domain").get_by_role("link").click()
    owner.page.wait_for_url("**/console/domains/new")


# Long, because another journey may hold the port first.
@pytest.mark.timeout(1500)
def test_what_is_for_all_works_for_each_accent(owner, own_server, person, follower, named_port, email):
    named_port(5000)
    for n, accent in enumerate(["Auth0", "FusionAuth", "Corbado"]):
        new_application(owner, "Regular web app", "Flask", accent=accent)
        home = owner.page.locator("#open-app").get_attribute("href")
        program = follower(owner.page)
        program.follow(home, installed=n > 0)
        guest = person()
        guest.expects_problem(r"404.*favicon|favicon.*404")
        signs_up_and_out(guest, own_server, home, f"{n}-{email}")
        program.stop()
