"""Calls auth0-python's authentication clients, unmodified. Standard input: a list of [class, method, arguments]; the answer is a
list of {"value": …} or {"status", "code", "message"}. Settings come by environment: DOMAIN CLIENT_ID CLIENT_SECRET."""

import importlib
import json
import os
import sys

from auth0 import authentication

try:
    from auth0.authentication.exceptions import Auth0Error
except ImportError:
    from auth0.exceptions import Auth0Error

WHERE = {"PushedAuthorizationRequests": "pushed_authorization_requests", "BackChannelLogin": "back_channel_login"}


def client(name):
    module = importlib.import_module(f"auth0.authentication.{WHERE[name]}") if name in WHERE else authentication
    settings = [os.environ["DOMAIN"]]
    if name != "Users":
        settings += [os.environ["CLIENT_ID"], os.environ.get("CLIENT_SECRET") or None]
    return getattr(module, name)(*settings)


answers = []
for name, method, arguments in json.load(sys.stdin):
    try:
        answers.append({"value": getattr(client(name), method)(**arguments)})
    except Auth0Error as error:
        answers.append({"status": error.status_code, "code": error.error_code, "message": error.message})
print(json.dumps(answers, default=str))
