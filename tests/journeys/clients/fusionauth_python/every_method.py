"""Calls every method of the installed client with made-up arguments and writes down what came back, as JSON on standard output.

Nothing here may raise: a client that cannot digest an answer is what this looks for."""

import inspect
import json
import os
import sys
import uuid

from fusionauth.fusionauth_client import FusionAuthClient
from fusionauth import rest_client

SEEN = []
_go = rest_client.RESTClient.go


def go(self):
    answer = _go(self)
    raw = getattr(answer, "response", None)
    SEEN.append(
        {
            "verb": self._method if hasattr(self, "_method") else None,
            "url": self._url if hasattr(self, "_url") else None,
            "status": answer.status,
            "type": raw.headers.get("content-type", "") if raw is not None else "",
            "length": len(raw.content) if raw is not None else 0,
            "exception": repr(answer.exception) if answer.exception else None,
        }
    )
    return answer


rest_client.RESTClient.go = go


class Loose:
    """Some methods want an object with attributes instead of a dictionary."""

    def __getattr__(self, name):
        return None


def argument(name):
    if name.endswith("request") or name in ("request",):
        return {}
    if name in ("offset", "start", "end", "limit"):
        return 0
    if "ids" in name:
        return [str(uuid.uuid4())]
    if name in ("encoded_jwt", "refresh_token", "token"):
        return "not.a.token"
    if "scope" in name or name in ("code", "email", "username", "password", "domain"):
        return "x"
    return str(uuid.uuid4())


def main():
    client = FusionAuthClient(os.environ["FUSIONAUTH_API_KEY"], os.environ["FUSIONAUTH_URL"])
    out = []
    for name, method in inspect.getmembers(client, inspect.ismethod):
        if name.startswith("_") or name in ("set_tenant_id", "start", "start_anonymous"):
            continue
        names = [p for p in inspect.signature(method).parameters]
        SEEN.clear()
        error = None
        try:
            method(*[argument(n) for n in names])
        except AttributeError:
            SEEN.clear()
            try:
                method(*[Loose() if n.endswith("request") else argument(n) for n in names])
            except Exception as raised:  # noqa: BLE001
                error = repr(raised)
        except Exception as raised:  # noqa: BLE001
            error = repr(raised)
        out.append({"method": name, "error": error, "calls": list(SEEN)})
    json.dump(out, sys.stdout)


main()
