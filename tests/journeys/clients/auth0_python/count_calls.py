"""Calls every method of auth0-python's management client once, unmodified, and counts the calls that are answered for real: with
whatever an endpoint says that is there, be it that nothing has the id `x`. A path that is not built says so (404 `not_found`, 405, 501).

Settings come by environment: DOMAIN CLIENT_ID CLIENT_SECRET. Standard output: {"calls", "real", "families": {name: [real, calls]},
"absent": ["family.method"]}. By hand, against `doorward dev`:

    DOMAIN=localhost:9443 CLIENT_ID=auth0management CLIENT_SECRET=… SSL_CERT_FILE=…/ca.pem python count_calls.py
"""

import importlib
import inspect
import json
import os
import pkgutil

import auth0.management
from auth0.management import ManagementClient
from auth0.management.core.api_error import ApiError
from auth0.management.core.parse_error import ParsingError


def modules():
    """The modules that hold clients, one for each family and each part of one."""
    for module in pkgutil.walk_packages(auth0.management.__path__, "auth0.management."):
        if module.name.endswith(".raw_client"):
            yield module.name.removeprefix("auth0.management.").removesuffix(".raw_client").split(".")


def methods(path):
    """The calls of a client: what its raw client sends a request in."""
    raw = importlib.import_module(".".join(["auth0", "management", *path, "raw_client"]))
    (client,) = [c for name, c in vars(raw).items() if name.startswith("Raw") and name.endswith("Client")]
    for name, method in vars(client).items():
        if inspect.isfunction(method) and "httpx_client" in inspect.getsource(method):
            yield name


def stand_in(parameter):
    """Something for an argument that must be given. The library sends what it is given; whether it makes sense is for the server."""
    kind = str(parameter.annotation)
    if "Sequence" in kind or "List" in kind:
        return []
    if "bool" in kind:
        return False
    if "int" in kind and "str" not in kind:
        return 1
    return "x" if "str" in kind or "Enum" in kind else {}


def arguments(method):
    wanted = inspect.signature(method).parameters.values()
    needed = [p for p in wanted if p.default is inspect.Parameter.empty and p.kind is not inspect.Parameter.VAR_KEYWORD]
    positional = [stand_in(p) for p in needed if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    named = {p.name: stand_in(p) for p in needed if p.kind is inspect.Parameter.KEYWORD_ONLY}
    return positional, named


def is_real(client, path, name):
    for part in path:
        client = getattr(client, part)
    method = getattr(client, name)
    positional, named = arguments(method)
    try:
        answer = method(*positional, **named, request_options={"max_retries": 0, "timeout_in_seconds": 20})
        if inspect.isgenerator(answer):
            next(answer, None)
    except ApiError as error:
        code = error.body.get("errorCode") if isinstance(error.body, dict) else None
        return error.status_code not in (405, 501) and code != "not_found"
    except ParsingError:
        # An answer there is; a model of what it must be like is another test's business.
        return False
    return True


def main():
    settings = {name: os.environ[name.upper()] for name in ("domain", "client_id", "client_secret")}
    client = ManagementClient(**settings)
    families, absent = {}, []
    for path in sorted(modules()):
        for name in methods(path):
            real = is_real(client, path, name)
            count = families.setdefault(path[0], [0, 0])
            count[0] += real
            count[1] += 1
            if not real:
                absent.append(".".join([*path, name]))
    real, calls = (sum(count[n] for count in families.values()) for n in (0, 1))
    print(json.dumps({"calls": calls, "real": real, "families": families, "absent": absent}, indent=1))


if __name__ == "__main__":
    main()
