"""The vendor's client libraries, unmodified: every method answers, and none of them chokes on an answer."""

import json
import pathlib
import re

import pytest

import fusionauth_pairs
from fusionauth_rig import GENERATIONS, run_node, run_python

README = pathlib.Path(__file__).parents[2] / "dialects" / "fusionauth" / "README.md"

# Methods that the tables of this accent answer with 501; the rest is answered for real.
METHODS = {"old": 319, "new": 396}


@pytest.mark.parametrize("generation", GENERATIONS)
def test_25_every_method_of_the_python_client_is_answered(own_server, generation):
    info = own_server.info["fusionauth"]
    done = run_python(generation, "every_method.py", FUSIONAUTH_URL=info["base_url"], FUSIONAUTH_API_KEY=info["api_key"])
    assert done.returncode == 0, done.stderr
    methods = [m for m in json.loads(done.stdout) if m["method"] != "convert_true_false"]
    assert len(methods) == METHODS[generation]
    for method in methods:
        assert method["error"] is None, method
        assert method["calls"], method
        for call in method["calls"]:
            assert call["exception"] is None, method
            assert call["status"] not in (405, 500), method
            assert call["length"] == 0 or call["type"].startswith("application/json"), method
            # A complaint without a body would break the client.
            assert call["status"] != 400 or call["length"], method
    # The README says how many methods answer 501, and how many pairs of verb and path do not.
    words = README.read_text()
    not_yet = sum(1 for m in methods if any(c["status"] == 501 for c in m["calls"]))
    found = fusionauth_pairs.count(methods)
    stated = re.search(r"(\d+) of 319 \(old\) and (\d+) of 396 \(new\) answer 501", words)
    assert not_yet == int(stated[{"old": 1, "new": 2}[generation]]), f"{not_yet} methods answer 501"
    if generation == "old":
        assert found["pairs"] == 266
        real = int(re.search(r"(\d+) of the 266 pairs", words)[1])
        assert found["real"] == real, f"{found['real']} pairs answer for real: {found['answered']}"


def test_7_the_typescript_client_understands_the_answers(own_server):
    info = own_server.info["fusionauth"]
    seen = run_node(FUSIONAUTH_URL=info["base_url"], FUSIONAUTH_API_KEY=info["api_key"])
    statuses = {name: one["status"] for name, one in seen.items()}
    assert statuses == {
        "createApplication": 200, "register": 200, "login": 200, "wrongPassword": 404, "byUsernameOnly": 404, "byEmail": 200,
        "passwordGrant": 200, "verifyRegistration": 400, "duplicate": 400, "cors": 200, "logout": 200, "tierThree": 501,
        "deleteUser": 200, "gone": 404, "deleteApplication": 200,
    }  # fmt: skip
    assert seen["login"]["response"]["refreshToken"]
    assert "password" not in seen["byEmail"]["response"]["user"] and "salt" not in seen["byEmail"]["response"]["user"]
    assert seen["passwordGrant"]["response"]["userId"]
    assert "user.email" in seen["duplicate"]["exception"]["fieldErrors"]
    assert seen["cors"]["response"]["systemConfiguration"]["corsConfiguration"]["allowedMethods"] == ["POST", "PUT"]
