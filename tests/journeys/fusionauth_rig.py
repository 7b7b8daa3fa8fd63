"""The FusionAuth accent under test: calls of its API, clients of two generations, a program with a passkey, a webhook."""

import base64
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import socketserver
import struct
import subprocess
import threading
import uuid

import cbor2
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

import environments

HERE = pathlib.Path(__file__).parent
CLIENTS = HERE / "clients"
GENERATIONS = ("old", "new")
PASSWORD = "password of a user"


def python_of(generation):
    """The interpreter of an environment with the clients of a generation."""
    return environments.python_of("fusionauth_python", f"requirements-{generation}")


def run_python(generation, script, **environment):
    command = [python_of(generation), "-W", "ignore", str(CLIENTS / "fusionauth_python" / script)]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, timeout=300)


def run_node(**environment):
    done = subprocess.run(
        ["node", "calls.mjs"],
        cwd=environments.node_of("fusionauth_node"),
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Api:
    """Calls as any HTTP client makes them. `key=None` sends no key."""

    def __init__(self, server, key="", tenant=None):
        info = server.info["fusionauth"]
        self.server = server
        self.base = info["base_url"]
        self.key = info["api_key"] if key == "" else key
        self.tenant = tenant

    def with_key(self, key, tenant=None):
        return Api(self.server, key, tenant)

    def call(self, verb, path, body=None, expect=None, headers=None, **more):
        sent = {"Authorization": self.key} if self.key else {}
        if self.tenant:
            sent["X-FusionAuth-TenantId"] = self.tenant
        answer = requests.request(
            verb, self.base + path, json=body, headers=sent | (headers or {}), timeout=60, allow_redirects=False, **more
        )
        if answer.content:
            assert answer.headers["content-type"].startswith("application/json"), f"{verb} {path}: {answer.headers}"
        if expect is not None:
            assert answer.status_code == expect, f"{verb} {path}: {answer.status_code} {answer.text[:500]}"
        return answer

    def good(self, verb, path, body=None, **more):
        answer = self.call(verb, path, body, expect=200, **more)
        return answer.json() if answer.content else None

    def application(self, name=None, tenant_api=None, **settings):
        """A new application; the settings are those of the vendor's document."""
        id = str(uuid.uuid4())
        oauth = {
            "authorizedRedirectURLs": ["http://localhost:5001/callback"],
            "clientSecret": "a-secret-of-this-test-" + id,
            "enabledGrants": ["authorization_code", "refresh_token", "password"],
        } | settings.pop("oauthConfiguration", {})
        document = {"name": name or f"App {id}", "oauthConfiguration": oauth} | settings
        return self.good("POST", f"/api/application/{id}", {"application": document})["application"]

    def user(self, application=None, roles=None, password=PASSWORD, **fields):
        """A new user, registered with an application if one is named."""
        email = f"user-{uuid.uuid4().hex[:12]}@example.com"
        user = {"email": email, "password": password, "firstName": "Ada", "lastName": "Byron"} | fields
        if application is None:
            return self.good("POST", "/api/user", {"user": user})["user"]
        registration = {"applicationId": application["id"]} | ({"roles": roles} if roles else {})
        return self.good("POST", "/api/user/registration", {"user": user, "registration": registration})["user"]

    def login(self, user, application=None, password=PASSWORD, expect=None, **more):
        body = {"loginId": user["email"], "password": password} | more
        if application:
            body["applicationId"] = application["id"]
        return self.call("POST", "/api/login", body, expect=expect)


def errors(answer):
    """Codes of the fields that an answer complains of."""
    body = answer.json()
    return {name: [one["code"] for one in all] for name, all in body.get("fieldErrors", {}).items()}


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def totp(secret, at):
    """RFC 6238 with the parameters that authenticator apps assume."""
    digest = hmac.new(secret, struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Passkey:
    """An authenticator of our own: one ES256 credential, user verified, counter bent as a test wants it."""

    def __init__(self, origin, rp_id="localhost"):
        self.origin = origin
        self.rp_id = rp_id
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(32)
        self.count = 1

    def cose(self):
        numbers = self.private.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _client_data(self, kind, challenge):
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _authenticator_data(self, flags):
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def register(self, options):
        data = self._authenticator_data(0x45) + bytes(16) + struct.pack(">H", len(self.id)) + self.id + self.cose()
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return {
            "id": b64url(self.id),
            "type": "public-key",
            "transports": ["internal"],
            "clientExtensionResults": {"credProps": {"rk": True}},
            "response": {
                "clientDataJSON": b64url(self._client_data("webauthn.create", options["challenge"])),
                "attestationObject": b64url(attestation),
            },
        }

    def sign(self, options, count=None):
        self.count = self.count + 1 if count is None else count
        client_data = self._client_data("webauthn.get", options["challenge"])
        data = self._authenticator_data(0x05)
        signature = self.private.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return {
            "id": b64url(self.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": b64url(client_data),
                "authenticatorData": b64url(data),
                "signature": b64url(signature),
            },
        }


class MailServer:
    """Takes letters by SMTP (RFC 5321) and remembers who sent them how."""

    def __init__(self):
        self.letters = []
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                letter = {"to": []}
                self.say("220 ready")
                for line in iter(self.rfile.readline, b""):
                    text = line.decode().strip()
                    word, _, rest = text.partition(" ")
                    if word.upper() == "EHLO":
                        self.say("250-localhost\r\n250 AUTH PLAIN")
                    elif word.upper() == "AUTH":
                        _, letter["user"], letter["password"] = base64.b64decode(rest.split(" ")[1]).decode().split("\0")
                        self.say("235 welcome")
                    elif word.upper() == "MAIL":
                        letter["from"] = text.split("<")[1].split(">")[0]
                        self.say("250 ok")
                    elif word.upper() == "RCPT":
                        letter["to"].append(text.split("<")[1].split(">")[0])
                        self.say("250 ok")
                    elif word.upper() == "DATA":
                        self.say("354 go on")
                        letter["text"] = "".join(one.decode() for one in iter(self.rfile.readline, b".\r\n"))
                        outer.letters.append(dict(letter))
                        letter["to"] = []
                        self.say("250 taken")
                    elif word.upper() == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("250 ok")

            def say(self, line):
                self.wfile.write(line.encode() + b"\r\n")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Webhook:
    """A receiver of messages; `status` is what it answers."""

    def __init__(self):
        self.messages = []
        self.status = 200
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                # Read first: whoever sees the message may change the status for the next one.
                status = outer.status
                outer.messages.append({"headers": dict(self.headers), "body": body, "event": json.loads(body)["event"]})
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def of(self, kind):
        return [message for message in self.messages if message["event"]["type"] == kind]

    def stop(self):
        self.server.shutdown()
