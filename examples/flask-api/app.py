"""An API with a message for everybody, one for whoever is signed in, and one for administrators.

It checks access tokens itself (RFC 9068): signature by the provider's published keys, issuer, audience, expiry, permission.
"""

import functools
import os
import ssl

import jwt
import requests
from flask import Flask, jsonify, request

ISSUER = os.environ["ISSUER"]
AUDIENCE = os.environ["AUDIENCE"]
WEB_URL = os.environ.get("WEB_URL", "http://localhost:4040")
CA_FILE = os.environ.get("CA_FILE")
ALGORITHMS = ["RS256", "ES256", "EdDSA"]

app = Flask(__name__)


class Refused(Exception):
    """An answer in the words of RFC 6750, section 3.1."""

    def __init__(self, status, error, description, **more):
        super().__init__(description)
        self.status, self.body = status, {"error": error, "error_description": description} | more


@app.errorhandler(Refused)
def refused(error):
    answer = jsonify(error.body)
    answer.status_code = error.status
    if error.status in (401, 403):
        # Who sent no token at all is told no error: RFC 6750, section 3.
        detail = "" if error.body["error"] == "missing_token" else f', error="{error.body["error"]}"'
        answer.headers["WWW-Authenticate"] = f'Bearer realm="messages"{detail}'
    return answer


@functools.cache
def keys():
    """The provider's keys: fetched when first needed, kept, and fetched again for a key that is not among them."""
    metadata = ISSUER.rstrip("/") + "/.well-known/openid-configuration"
    try:
        answer = requests.get(metadata, verify=CA_FILE or True, timeout=10)
        answer.raise_for_status()
        told = answer.json()
    except requests.RequestException as error:
        app.logger.error("cannot read %s: see that the address is right and its certificate is trusted: %s", metadata, error)
        raise Refused(503, "temporarily_unavailable", "the provider's keys cannot be read") from error
    if told["issuer"] != ISSUER:
        app.logger.error("the provider calls itself %s: set ISSUER to exactly that", told["issuer"])
        raise Refused(503, "temporarily_unavailable", "the provider is another one than expected")
    trust = ssl.create_default_context(cafile=CA_FILE) if told["jwks_uri"].startswith("https:") else None
    return jwt.PyJWKClient(told["jwks_uri"], ssl_context=trust, timeout=10)


def access_token():
    """The claims of the request's access token, or a refusal that says why."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused(401, "missing_token", "send an access token: Authorization: Bearer …")
    try:
        # What is no token must not make this API ask for keys.
        jwt.get_unverified_header(token)
        key = keys().get_signing_key_from_jwt(token).key
        required = {"require": ["exp", "iat", "sub"]}
        return jwt.decode(token, key, algorithms=ALGORITHMS, audience=AUDIENCE, issuer=ISSUER, options=required)
    except jwt.PyJWKClientConnectionError as error:
        app.logger.error("cannot read the provider's keys: %s", error)
        raise Refused(503, "temporarily_unavailable", "the provider's keys cannot be read") from error
    except jwt.InvalidAudienceError as error:
        raise Refused(401, "invalid_token", "the token is for another audience") from error
    except jwt.ExpiredSignatureError as error:
        raise Refused(401, "invalid_token", "the token has expired") from error
    except jwt.PyJWTError as error:
        raise Refused(401, "invalid_token", "the token is not a good access token of this API's provider") from error


def requires(permission=None):
    """Lets only requests with a good access token through, and with this permission in it."""

    def decorate(view):
        @functools.wraps(view)
        def guarded():
            claims = access_token()
            if permission and permission not in claims.get("permissions", []):
                raise Refused(403, "insufficient_scope", f"this needs the permission {permission}", scope=permission)
            return view()

        return guarded

    return decorate


@app.get("/api/messages/public")
def public():
    return jsonify(message="This is a public message. Anybody can read it.")


@app.get("/api/messages/protected")
@requires()
def protected():
    return jsonify(message="This is a protected message. You can read it because you are signed in.")


@app.get("/api/messages/admin")
@requires("read:admin-messages")
def admin():
    text = "This is an admin message. You can read it because you have the permission read:admin-messages."
    return jsonify(message=text)


@app.errorhandler(404)
def not_found(_error):
    return jsonify(error="not_found", error_description="there is nothing here"), 404


@app.after_request
def cors(answer):
    """The web app's server needs none; a page of it that calls from the browser does."""
    if request.headers.get("Origin") == WEB_URL:
        answer.headers["Access-Control-Allow-Origin"] = WEB_URL
        answer.headers["Access-Control-Allow-Methods"] = "GET"
        answer.headers["Access-Control-Allow-Headers"] = "authorization"
    answer.headers.add("Vary", "Origin")
    return answer


if __name__ == "__main__":
    app.run("127.0.0.1", int(os.environ.get("PORT", "6060")), threaded=True)
