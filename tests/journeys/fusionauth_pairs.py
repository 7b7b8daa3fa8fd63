"""How many of the verb and path pairs that the FusionAuth client knows are answered for real, and not with 501.

    python fusionauth_pairs.py BASE_URL API_KEY [old|new]

calls every method of a client with made-up arguments and prints the count as JSON."""

import json
import re
import sys
import urllib.parse

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def pair_of(call):
    """Verb and path, with a place for each id."""
    return call["verb"], UUID.sub("{}", urllib.parse.urlsplit(call["url"]).path)


def count(methods):
    """Pairs in all, and those whose answer is not 501. A pair counts as answered only if every call of it is."""
    statuses = {}
    for method in methods:
        for call in method["calls"]:
            statuses.setdefault(pair_of(call), set()).add(call["status"])
    real = sorted(f"{verb} {path}" for (verb, path), seen in statuses.items() if 501 not in seen)
    return {"pairs": len(statuses), "real": len(real), "not_yet": len(statuses) - len(real), "answered": real}


def main():
    from fusionauth_rig import run_python

    url, key, generation = (sys.argv[1:] + ["old"])[:3]
    done = run_python(generation, "every_method.py", FUSIONAUTH_URL=url, FUSIONAUTH_API_KEY=key)
    print(json.dumps(count(json.loads(done.stdout)), indent=2))


if __name__ == "__main__":
    main()
