"""OAuth over plain HTTP, parameter by parameter: for the refusals that a well-behaved library never sends."""

import base64
import hashlib
import http.server
import secrets
import threading
import urllib.parse

import requests

from server import until


def s256(verifier):
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class Callback:
    """Listens on a free port as an application's redirect_uri, and keeps what arrives."""

    def __init__(self):
        received = self.received = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def _keep(self, text):
                received.append(dict(urllib.parse.parse_qsl(text)))
                body = b'<!doctype html><html lang="en"><title>Callback</title><link rel="icon" href="data:,">'
                body += b'<h1 id="callback">Callback</h1></html>'
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                self._keep(urllib.parse.urlsplit(self.path).query)

            def do_POST(self):
                self._keep(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def log_message(self, *_arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}/callback"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        until("a request to the callback", lambda: self.received)
        return self.received.pop(0)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class RelyingParty:
    """An application's side of the protocol. `client` has client_id, and client_secret unless it is public."""

    def __init__(self, server, client, redirect_uri, scope="openid profile email offline_access"):
        self.server = server
        self.client_id = client["client_id"]
        self.client_secret = client.get("client_secret")
        self.redirect_uri = redirect_uri
        self.scope = scope
        self.endpoints = server.discovery()

    def begin(self, **changes):
        """A fresh authorization request: (address, what belongs to it). A change to None leaves the parameter out."""
        verifier = secrets.token_urlsafe(48)
        parameters = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": self.scope,
            "state": secrets.token_urlsafe(12),
            "nonce": secrets.token_urlsafe(12),
            "code_challenge": s256(verifier),
            "code_challenge_method": "S256",
        } | changes
        parameters = {key: value for key, value in parameters.items() if value is not None}
        address = self.endpoints["authorization_endpoint"] + "?" + urllib.parse.urlencode(parameters)
        return address, parameters | {"verifier": verifier}

    def _post(self, endpoint, form, auth="own"):
        if auth == "own":
            auth = (self.client_id, self.client_secret) if self.client_secret else None
            if auth is None:
                form = {"client_id": self.client_id} | form
        # RFC 6749, section 2.3.1: both halves are form-encoded before they become Basic.
        if auth:
            auth = tuple(urllib.parse.quote(half, safe="") for half in auth)
        form = {key: value for key, value in form.items() if value is not None}
        return requests.post(self.endpoints[endpoint], data=form, auth=auth, timeout=10)

    def token(self, auth="own", **form):
        return self._post("token_endpoint", form, auth)

    def redeem(self, code, asked, auth="own", **changes):
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asked["redirect_uri"],
            "code_verifier": asked["verifier"],
        }
        return self.token(auth, **(form | changes))

    def refresh(self, refresh_token, auth="own", **changes):
        return self.token(auth, **({"grant_type": "refresh_token", "refresh_token": refresh_token} | changes))

    def introspect(self, token):
        answer = self._post("introspection_endpoint", {"token": token})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def revoke(self, token):
        return self._post("revocation_endpoint", {"token": token})

    def userinfo(self, access_token):
        return requests.get(
            self.endpoints["userinfo_endpoint"], headers={"Authorization": f"Bearer {access_token}"}, timeout=10
        )

    def jwks(self):
        return requests.get(self.endpoints["jwks_uri"], timeout=10).json()["keys"]


def refused(answer, error, status=400):
    """RFC 6749, section 5.2: the right code, as JSON that no cache keeps."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    assert answer.json()["error"] == error, answer.text
    assert "no-store" in answer.headers.get("Cache-Control", ""), answer.headers


def granted(answer):
    assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
    assert "no-store" in answer.headers.get("Cache-Control", ""), answer.headers
    return answer.json()
