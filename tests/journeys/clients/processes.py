"""Starts and stops the relying parties of this folder, each on a free port of its own."""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import time

import requests

from clients import passkeys_sdk

HERE = pathlib.Path(__file__).parent


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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

    def __init__(self, name, port, process, log):
        self.name = name
        self.port = port
        self.process = process
        self.log = log
        self.url = f"http://localhost:{port}"

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

    def _start(self, name, command, port, settings):
        log = self.folder / f"{name}-{port}.log"
        environment = os.environ | {key.upper(): str(value) for key, value in settings.items()} | {"PORT": str(port)}
        with open(log, "ab") as out:
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=HERE
            )
        client = Client(name, port, process, log)
        self.running.append(client)
        for _ in range(500):
            assert process.poll() is None, f"{name} ended with {process.returncode}:\n{log.read_text()}"
            with contextlib.suppress(requests.ConnectionError):
                requests.get(client.url, timeout=2)
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
