"""Starts and stops the relying parties of this folder, each on a free port of its own."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import time

import requests

from clients import passkeys_sdk
from ports import free_port
from server import ROOT, binary

HERE = pathlib.Path(__file__).parent
# Seconds; a busy machine starts several interpreters at once.
STARTS_WITHIN = 60.0


def example(name):
    """The command of an example. A binary is beside the server's unless DOORWARD_EXAMPLES names another folder."""
    script = ROOT / "examples" / name / "app.py"
    if script.is_file():
        return [sys.executable, str(script)]
    path = pathlib.Path(os.environ.get("DOORWARD_EXAMPLES", binary().parent)) / name
    assert path.is_file(), f"no example at {path}: run ./test journeys, or set DOORWARD_EXAMPLES"
    return [str(path)]


def registered(server, name, **more):
    """A new application on the server, and the settings of a relying party for it with the port it is going to have."""
    port = free_port()
    home = f"http://localhost:{port}"
    made = server.admin.create_application(
        name, [home + "/callback"], post_logout_redirect_uris=[home + "/signed-out"], **more
    )
    settings = {"port": port, "issuer": server.issuer, "client_id": made["client_id"]}
    if made.get("client_secret"):
        settings["client_secret"] = made["client_secret"]
    return settings


class Client:
    """A running relying party. Its pages: / /login /callback /profile /refresh /userinfo /logout /signed-out."""

    def __init__(self, name, port, process, log, scheme="http"):
        self.name = name
        self.port = port
        self.process = process
        self.log = log
        self.url = f"{scheme}://localhost:{port}"

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Clients:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.running = []

    def _start(self, name, command, port, settings, scheme="http"):
        log = self.folder / f"{name}-{port}.log"
        environment = os.environ | {key.upper(): str(value) for key, value in settings.items() if value is not None} | {"PORT": str(port)}
        with open(log, "ab") as out:
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=HERE
            )
        client = Client(name, port, process, log, scheme)
        self.running.append(client)
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline:
            assert process.poll() is None, f"{name} ended with {process.returncode}:\n{log.read_text()}"
            with contextlib.suppress(requests.RequestException):
                requests.get(client.url, timeout=10, verify=settings.get("SSL_CERT_FILE", True))
                return client
            time.sleep(0.02)
        raise AssertionError(f"{name} did not answer:\n{log.read_text()}")

    def flask(self, port=None, **settings):
        """settings: issuer, client_id, client_secret, and optionally scope, token_endpoint_auth_method."""
        return self._start(
            "flask-app", [sys.executable, str(HERE / "flask_app" / "app.py")], port or free_port(), settings
        )

    def node(self, port=None, private_jwk=None, **settings):
        """settings: issuer, client_id, client_secret, and optionally client_auth, response_mode, scope, signing_alg."""
        if private_jwk:
            settings["private_jwk"] = json.dumps(private_jwk)
        return self._start("node-app", ["node", str(HERE / "node_app" / "app.mjs")], port or free_port(), settings)

    def api(self, kind, port=None, **settings):
        """The example of that kind. settings: issuer, audience, and optionally ca_file, web_url."""
        return self._start(f"{kind}-api", example(f"{kind}-api"), port or free_port(), settings)

    def webapp(self, kind, port=None, **settings):
        """The example of that kind. settings: issuer, client_id, client_secret, cookie_secret, audience, api_url, and optionally scope."""
        return self._start(f"{kind}-webapp", example(f"{kind}-webapp"), port or free_port(), settings)

    def auth0(self, folder, server, script="app.py", python=sys.executable, port=None, scheme="http", **settings):
        """An app of `auth0_*` for the Auth0 accent of a server, told its domain and the local CA."""
        path = HERE / f"auth0_{folder}" / script
        command = ["node" if path.suffix == ".mjs" else str(python), str(path)]
        known = {key: server.auth0[key] for key in ("domain", "client_id", "client_secret")}
        return self._start(f"auth0-{folder}-{path.stem}", command, port or free_port(), known | server.trust | settings, scheme)

    def corbado(self, info, version="1.1.1", web_js=3, program="app.py", port=None, **settings):
        """An application written for Corbado. `info` is the server's `corbado` section, or one like it for another project."""
        settings = {
            "project_id": info["project_id"],
            "api_secret": info["api_secret"],
            "frontend_api": info["frontend_api"],
            "backend_api": info["backend_api"],
            "frontend_api_url_suffix": info["frontend_api_url_suffix"],
            "ssl_cert_file": info["ca_file"],
            "web_js": passkeys_sdk.bundle(web_js),
        } | settings
        command = [passkeys_sdk.python(version), str(HERE / "corbado_flask" / program)]
        started = self._start("corbado-flask", command, port or free_port(), settings)
        started.info = info
        return started

    def stop(self):
        for client in self.running:
            client.stop()
