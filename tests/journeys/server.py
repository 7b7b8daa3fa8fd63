"""The server under test: start it, read its info file, kill it, start it again; its mailbox, clock and management API."""

import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.parse
import uuid

import requests

from ports import free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY_WITHIN = 60.0
STOPS_WITHIN = 30


def binary():
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = pathlib.Path(os.environ.get("DOORWARD_BIN", target / "release" / "doorward"))
    if not path.is_file():
        raise RuntimeError(f"no server binary at {path}: run ./test journeys, or set DOORWARD_BIN")
    return path


def until(what, condition, within=10.0, every=0.02):
    """Waits for something that another process does; what the condition returns is returned."""
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within} s in vain for {what}")
        time.sleep(every)


class Databases:
    """Where servers keep their data: SQLite in their folder, or a new database of the throwaway cluster."""

    def __init__(self, kind):
        self.kind = kind
        self.cluster = os.environ.get("DOORWARD_TEST_POSTGRES")
        if kind == "postgres" and not self.cluster:
            raise RuntimeError("DOORWARD_TEST_POSTGRES is not set: ./test starts a throwaway cluster and sets it")

    def new_url(self):
        if self.kind == "sqlite":
            return None
        name = f"doorward_{uuid.uuid4().hex[:12]}"
        subprocess.run(
            ["psql", "--quiet", "--no-psqlrc", "--dbname", self.cluster, "--command", f"CREATE DATABASE {name}"],
            check=True,
            timeout=60,
        )
        return urllib.parse.urlsplit(self.cluster)._replace(path=f"/{name}").geturl()


class Doorward:
    """One `doorward dev` with its own data folder. It keeps its ports over a restart, since its issuer holds the port."""

    def __init__(self, data_dir, database_url=None, seed=None, kickstart=None, ports=None):
        self.data_dir = pathlib.Path(data_dir)
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.database_url = database_url
        self.seed = seed
        self.kickstart = kickstart
        self.info_file = self.data_dir / "info.json"
        self.log_file = self.data_dir.with_suffix(".log")
        self.process = None
        self.ports = ports or (free_port(), free_port())
        self.info = {}

    def command(self, *arguments):
        database = ["--database", self.database_url] if self.database_url else []
        return [str(binary()), *arguments, "--data-dir", str(self.data_dir), *database]

    def start(self):
        self.info_file.unlink(missing_ok=True)
        command = self.command("dev") + [
            "--http-port", str(self.ports[0]),
            "--https-port", str(self.ports[1]),
            "--info", str(self.info_file),
        ]  # fmt: skip
        if self.seed:
            command += ["--seed", str(self.seed)]
        if self.kickstart:
            command += ["--kickstart", str(self.kickstart)]
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until("the server's info file", self._ready, within=READY_WITHIN, every=0.01)
        self.ports = tuple(urllib.parse.urlsplit(self.info[key]).port for key in ("http_url", "https_url"))
        return self

    def _ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log_tail()}")
        try:
            self.info = json.loads(self.info_file.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return False
        return True

    def kill(self):
        """kill -9: no goodbye, no flush."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """The graceful stop that an operator's Ctrl-C or service manager asks for."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not stop within {STOPS_WITHIN} s of SIGTERM:\n{self.log_tail()}") from None

    def log_tail(self, lines=60):
        text = self.log_file.read_text(errors="replace") if self.log_file.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def run(self, *arguments):
        """Another command of the binary on the same data, such as `audit verify`."""
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=60)

    # What the info file says.
    @property
    def url(self):
        return self.info["http_url"].rstrip("/")

    @property
    def standard(self):
        return self.info["standard"]

    @property
    def auth0(self):
        return self.info["auth0"]

    @property
    def trust(self):
        """What makes each kind of client trust the local CA."""
        names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
        return {name: self.info["ca_file"] for name in names}

    @property
    def issuer(self):
        return self.standard["issuer"]

    @property
    def demo_url(self):
        return self.info["demo_url"]

    def discovery(self):
        address = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        answer = requests.get(address, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def mailbox(self):
        return Mailbox(self.info["mailbox_url"])

    @property
    def clock(self):
        return Clock(self.info["clock_url"])

    @property
    def admin(self):
        return Management(self.url, self.info["admin_api_key"])


class Mailbox:
    def __init__(self, url):
        self.url = url

    def messages(self, to):
        answer = requests.get(self.url + ".json", params={"to": to}, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()["messages"]

    def seen(self, to):
        return {message["id"] for message in self.messages(to)}

    def newest(self, to, field="code", not_in=()):
        """The newest message that carries a code (or link) and was not there before."""

        def look():
            for message in self.messages(to):
                if message["id"] not in not_in and (field is None or message[field]):
                    return message
            return None

        return until(f"a message with a {field} to {to}", look)

    def code(self, to, not_in=()):
        return self.newest(to, "code", not_in)["code"]

    def link(self, to, not_in=()):
        return self.newest(to, "link", not_in)["link"]


class Clock:
    def __init__(self, url):
        self.url = url

    def _send(self, body):
        answer = requests.post(self.url, json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()["now"]

    def advance(self, seconds):
        return self._send({"advance_seconds": seconds})

    def set(self, unix_seconds):
        return self._send({"set": unix_seconds})

    def reset(self):
        return self._send({"reset": True})

    def now(self):
        return self.advance(0)


class Management:
    """The management API, as far as the journeys use it. Every assumption about its shapes stands here."""

    def __init__(self, url, key):
        self.base = url + "/admin/v1"
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {key}"

    def request(self, method, path, expect=(200, 201, 204), **arguments):
        answer = self.http.request(method, self.base + path, timeout=20, **arguments)
        assert answer.status_code in expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def give_role(self, user, name):
        """A role of the tenant; applications may have roles of the same name."""
        [role] = [one for one in self.list("/roles") if one["name"] == name and not one.get("application_id")]
        self.request("POST", f"/users/{user['id']}/roles", json={"role_ids": [role["id"]]})

    def list(self, path, **params):
        items, cursor = [], None
        while True:
            page = self.request("GET", path, params=params | ({"after": cursor} if cursor else {}))
            items += page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return items

    def default_tenant(self):
        return self.list("/tenants")[0]

    def set_policy(self, policy, tenant_id=None):
        tenant_id = tenant_id or self.default_tenant()["id"]
        return self.request("PATCH", f"/tenants/{tenant_id}", json={"policy": policy})

    def allow_passwords(self):
        return self.set_policy({"password": {"enabled": True}})

    def create_tenant(self, name):
        return self.request("POST", "/tenants", json={"name": name, "slug": name.lower()})

    def create_application(self, name, redirect_uris, kind="web", tenant=None, **more):
        body = {"name": name, "kind": kind, "redirect_uris": redirect_uris} | more
        headers = {"Doorward-Tenant": tenant} if tenant else {}
        return self.request("POST", "/applications", json=body, headers=headers)

    def user_by_email(self, email):
        found = [user for user in self.list("/users", search=email) if user["email"] == email]
        assert len(found) <= 1, found
        return found[0] if found else None

    def user(self, user_id):
        return self.request("GET", f"/users/{user_id}")

    def passkeys(self, user_id):
        return self.list(f"/users/{user_id}/passkeys")

    def delete_passkey(self, user_id, passkey_id):
        return self.request("DELETE", f"/users/{user_id}/passkeys/{passkey_id}")

    def sessions(self, user_id):
        return self.list(f"/users/{user_id}/sessions")

    def events(self, **params):
        return self.request("GET", "/audit-events", params={"limit": 100} | params)["items"]

    def event_types(self, **params):
        return [event["type"] for event in self.events(**params)]

    def rotate_keys(self):
        return self.request("POST", "/signing-keys/rotate", json={"alg": "RS256"})
