"""auth0-python's management client, unmodified, of whichever version is installed, told what to call line by line. Standard input:
[method, arguments], such as ["clients.create", {"name": "x"}] (a list of arguments where the version takes them by place); each is
answered on a line by {"value": …} or {"status", "code", "message"}. Settings come by environment: DOMAIN CLIENT_ID CLIENT_SECRET."""

import functools
import json
import os
import sys

settings = {name: os.environ[name.upper()] for name in ("domain", "client_id", "client_secret")}

try:
    from auth0.management import ManagementClient
    from auth0.management.core.api_error import ApiError
    from auth0.management.core.jsonable_encoder import jsonable_encoder
    from auth0.management.core.pagination import SyncPager

    client = ManagementClient(**settings)

    def value_of(answer):
        return jsonable_encoder(list(answer) if isinstance(answer, SyncPager) else answer)

    def error_of(error):
        body = error.body if isinstance(error.body, dict) else {}
        return {"status": error.status_code, "code": body.get("errorCode"), "message": body.get("message")}

except ImportError:
    from auth0.authentication import GetToken
    from auth0.exceptions import Auth0Error as ApiError
    from auth0.management import Auth0

    audience = f"https://{settings['domain']}/api/v2/"
    token = GetToken(settings["domain"], settings["client_id"], settings["client_secret"]).client_credentials(audience)
    client = Auth0(settings["domain"], token["access_token"])

    def value_of(answer):
        return answer

    def error_of(error):
        return {"status": error.status_code, "code": error.error_code, "message": error.message}


def given(value):
    """An argument; {"$file": path} stands for that file, open."""
    return open(value["$file"], "rb") if isinstance(value, dict) and "$file" in value else value


for line in sys.stdin:
    name, arguments = json.loads(line)
    arguments = [*map(given, arguments)] if isinstance(arguments, list) else {key: given(value) for key, value in arguments.items()}
    method = functools.reduce(getattr, name.split("."), client)
    try:
        done = method(*arguments) if isinstance(arguments, list) else method(**arguments)
        answer = {"value": value_of(done)}
    except ApiError as error:
        answer = error_of(error)
    print(json.dumps(answer, default=str), flush=True)
