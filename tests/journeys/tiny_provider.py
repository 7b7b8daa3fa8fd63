"""The least that an OpenID Connect client needs, to try the relying parties and the rig without the server under test.

It signs everybody in as Ada and checks nothing but PKCE; it is here so that a failing journey is the server's fault.
"""

import http.server
import json
import secrets
import threading
import time
import urllib.parse

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from relying_party import s256


class TinyProvider:
    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.codes = {}
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                provider.answer(self, {})

            def do_POST(self):
                text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                provider.answer(self, dict(urllib.parse.parse_qsl(text)))

            def log_message(self, *_arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def metadata(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": self.issuer + "/authorize",
            "token_endpoint": self.issuer + "/token",
            "userinfo_endpoint": self.issuer + "/userinfo",
            "end_session_endpoint": self.issuer + "/logout",
            "jwks_uri": self.issuer + "/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def jwks(self):
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]}

    def tokens(self, asked):
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": asked["client_id"], "sub": "ada", "iat": now, "exp": now + 300,
            "auth_time": now, "name": "Ada Lovelace", "email": "ada@example.com", "email_verified": True,
        }  # fmt: skip
        if asked.get("nonce"):
            claims["nonce"] = asked["nonce"]
        refresh = secrets.token_urlsafe()
        self.codes[refresh] = {key: value for key, value in asked.items() if key != "nonce"}
        return {
            "access_token": secrets.token_urlsafe(),
            "token_type": "Bearer",
            "expires_in": 300,
            "refresh_token": refresh,
            "id_token": jwt.encode(claims, self.key, "RS256", headers={"kid": "one"}),
        }

    def redeem(self, form):
        asked = self.codes.pop(form.get("code") or form.get("refresh_token"), None)
        if asked is None:
            return 400, {"error": "invalid_grant"}
        if "code" in form and s256(form.get("code_verifier", "")) != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        return 200, self.tokens(asked)

    def answer(self, request, form):
        parts = urllib.parse.urlsplit(request.path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        status, body = 200, None
        if parts.path == "/.well-known/openid-configuration":
            body = self.metadata()
        elif parts.path == "/jwks":
            body = self.jwks()
        elif parts.path == "/token":
            status, body = self.redeem(form)
        elif parts.path == "/userinfo":
            body = {"sub": "ada", "email": "ada@example.com"}
        elif parts.path == "/authorize":
            code = secrets.token_urlsafe()
            self.codes[code] = query
            told = {"code": code, "state": query["state"]}
            if query.get("response_mode") == "form_post":
                return self.form_post(request, query["redirect_uri"], told)
            return self.redirect(request, query["redirect_uri"] + "?" + urllib.parse.urlencode(told))
        elif parts.path == "/logout":
            told = {"state": query["state"]} if "state" in query else {}
            return self.redirect(request, query["post_logout_redirect_uri"] + "?" + urllib.parse.urlencode(told))
        else:
            status, body = 404, {}
        text = json.dumps(body).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        request.wfile.write(text)

    @staticmethod
    def redirect(request, address):
        request.send_response(302)
        request.send_header("Location", address)
        request.send_header("Content-Length", "0")
        request.end_headers()

    @staticmethod
    def form_post(request, address, told):
        fields = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in told.items())
        page = f'<!doctype html><form method="post" action="{address}">{fields}</form><script>document.forms[0].submit()</script>'
        request.send_response(200)
        request.send_header("Content-Type", "text/html")
        request.send_header("Content-Length", str(len(page)))
        request.end_headers()
        request.wfile.write(page.encode())
