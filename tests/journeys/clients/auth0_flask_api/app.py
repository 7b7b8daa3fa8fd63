"""An API as tutorials for Auth0 build it with Flask and PyJWT: one open, one protected, one for those with a permission.

Settings come by environment: DOMAIN AUDIENCE PORT. The keys are fetched anew for each request, as those tutorials do.
"""

import functools
import os

import jwt
from flask import Flask, g, jsonify, request

DOMAIN = os.environ["DOMAIN"]
AUDIENCE = os.environ["AUDIENCE"]

app = Flask(__name__)


class Refused(Exception):
    def __init__(self, status, **body):
        super().__init__(body)
        self.status = status
        self.body = body


@app.errorhandler(Refused)
def refused(error):
    return jsonify(error.body), error.status


def authorized(view):
    @functools.wraps(view)
    def guarded(*args, **kwargs):
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refused(401, message="Requires authentication")
        issuer = f"https://{DOMAIN}/"
        try:
            key = jwt.PyJWKClient(f"{issuer}.well-known/jwks.json").get_signing_key_from_jwt(token).key
            g.access_token = jwt.decode(token, key, algorithms=["RS256"], audience=AUDIENCE, issuer=issuer)
        except jwt.PyJWTError as error:
            raise Refused(401, error="invalid_token", message=str(error)) from error
        return view(*args, **kwargs)

    return guarded


def can(permission):
    def decorate(view):
        @functools.wraps(view)
        def guarded(*args, **kwargs):
            permissions = g.access_token.get("permissions")
            if not permissions or permission not in permissions:
                raise Refused(403, error="insufficient_permissions", message="Permission denied")
            return view(*args, **kwargs)

        return guarded

    return decorate


@app.get("/")
def home():
    return jsonify(ok=True)


@app.get("/api/messages/public")
def public():
    return jsonify(text="This is a public message.")


@app.get("/api/messages/protected")
@authorized
def protected():
    return jsonify(text="This is a protected message.")


@app.get("/api/messages/admin")
@authorized
@can("read:admin-messages")
def admin():
    return jsonify(text="This is an admin message.")


@app.get("/claims")
@authorized
def claims():
    return jsonify(g.access_token)


if __name__ == "__main__":
    app.run("127.0.0.1", int(os.environ["PORT"]), threaded=True)
