"""Journey f: kill -9, again and again, while people sign up and applications refresh.

Only what was acknowledged counts: a user whose sign-up reached the application, a token that arrived. After each
restart every one of them is there. A code that was redeemed is refused, whatever the kill interrupted.
"""

import itertools
import random
import sqlite3
import subprocess
import threading
import time

import pytest
import requests

from relying_party import RelyingParty, granted
from scriptless import Scriptless

SIGN_UPS = 3
REFRESHERS = 3
SCOPE = "openid email offline_access"
GONE = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


class Round:
    """What happened between one start and its kill."""

    def __init__(self):
        self.users = []
        self.redeemed = []
        self.in_flight_codes = []
        self.chains = []
        self.interrupted = 0
        self.failures = []


class Chain:
    """A refresh token that is used again and again, and the code that it came from."""

    def __init__(self, code, asked, refresh_token):
        self.code = code
        self.asked = asked
        self.token = refresh_token
        self.refreshed = 0


def sign_up_until_killed(server, app, numbers, happened):
    while True:
        email = f"kill-{next(numbers)}@example.com"
        code = asked = None
        try:
            address, asked = app.begin(scope=SCOPE)
            answer = Scriptless(server, app.redirect_uri, timeout=5).sign_up(address, "Killed", email)
            happened.users.append(email)
            code = answer["code"]
            tokens = granted(app.redeem(code, asked))
            happened.redeemed.append(Chain(code, asked, tokens["refresh_token"]))
        except GONE:
            happened.interrupted += 1
            if code:
                happened.in_flight_codes.append((code, asked))
            return
        except Exception as problem:
            happened.failures.append(f"sign-up of {email}: {problem!r}")
            return


def refresh_until_killed(app, chain, happened):
    while True:
        try:
            chain.token = granted(app.refresh(chain.token))["refresh_token"]
            chain.refreshed += 1
        except GONE:
            happened.interrupted += 1
            return
        except Exception as problem:
            happened.failures.append(f"refresh: {problem!r}")
            return


def one_round(server, app, numbers, chains, rng):
    happened = Round()
    threads = [
        threading.Thread(target=sign_up_until_killed, args=(server, app, numbers, happened), daemon=True)
        for _ in range(SIGN_UPS)
    ] + [threading.Thread(target=refresh_until_killed, args=(app, chain, happened), daemon=True) for chain in chains]
    for thread in threads:
        thread.start()
    time.sleep(rng.uniform(0.05, 0.6))
    server.kill()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive(), "a request hung over the kill"
    assert happened.failures == [], happened.failures
    return happened


def check_round(server, app, happened, chains):
    for email in happened.users:
        assert server.admin.user_by_email(email), f"{email} was acknowledged and is gone"
    for chain in chains + happened.redeemed:
        answer = app.refresh(chain.token)
        assert answer.status_code == 200, f"an acknowledged refresh token is gone: {answer.text}"
        chain.token = answer.json()["refresh_token"]
    # The answer got lost with the server: the client may try again, and at most one try succeeds.
    for code, asked in happened.in_flight_codes:
        tries = [app.redeem(code, asked).status_code for _ in range(2)]
        assert tries[1] == 400 and tries[0] in (200, 400), tries
    # Redeemed is redeemed. The replay ends the family, so chains to go on with are taken from the rest.
    for chain in happened.redeemed[REFRESHERS:]:
        replay = app.redeem(chain.code, chain.asked)
        assert replay.status_code == 400 and replay.json()["error"] == "invalid_grant", replay.text
        assert app.refresh(chain.token).status_code == 400, "the replayed code's tokens live on"


def verify_audit(server):
    verified = server.run("audit", "verify")
    assert verified.returncode == 0, f"{verified.stdout}\n{verified.stderr}"
    return verified.stdout


@pytest.mark.timeout(1500)
def test_kills(own_server, callback, kills, request):
    server = own_server
    rng = random.Random(20261121)
    numbers = itertools.count(1)
    client = server.admin.create_application("Killed", [callback.url])
    app = RelyingParty(server, client, callback.url)
    chains, all_chains, users = [], [], []
    interrupted = refreshed = 0
    began = time.monotonic()

    for number in range(1, kills + 1):
        happened = one_round(server, app, numbers, chains, rng)
        users += happened.users
        interrupted += happened.interrupted
        if number % 10 == 0:
            verify_audit(server)
        server.start()
        check_round(server, app, happened, chains)
        refreshed += sum(chain.refreshed for chain in chains)
        for chain in chains:
            chain.refreshed = 0
        # Newer families take over from older ones, which rest until the end.
        chains = (happened.redeemed[:REFRESHERS] + chains)[:REFRESHERS]
        all_chains += happened.redeemed[:REFRESHERS]

    took = time.monotonic() - began
    known = {identifier for user in server.admin.list("/users", limit=200) for identifier in emails_of(user)}
    assert set(users) <= known, f"gone: {sorted(set(users) - known)}"
    for chain in all_chains:
        replay = app.redeem(chain.code, chain.asked)
        assert replay.status_code == 400 and replay.json()["error"] == "invalid_grant", replay.text
    server.stop()
    verify_audit(server)
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    reporter.write_line(
        f"\n{kills} kills in {took:.0f} s: {len(users)} acknowledged sign-ups, {refreshed} refreshes, "
        f"{interrupted} requests cut off, nothing lost"
    )
    # A run that acknowledged next to nothing, or cut nothing off, would have proved nothing.
    assert len(users) >= kills // 2, "too few sign-ups to prove anything"
    assert refreshed >= kills, "too few refreshes to prove anything"
    assert interrupted >= kills, "the kills hit nothing"


def emails_of(user):
    """The addresses of a user as the management API lists them."""
    listed = [identifier["value"] for identifier in user.get("identifiers", [])]
    return listed + ([user["email"]] if user.get("email") else [])


def test_a_broken_audit_chain_is_found(own_server, callback):
    """`audit verify` can fail: an event changed behind the server's back is named."""
    server = own_server
    app = RelyingParty(server, server.admin.create_application("Audited", [callback.url]), callback.url)
    address, _asked = app.begin()
    Scriptless(server, callback.url).sign_up(address, "Ada Lovelace", "ada@example.com")
    assert server.admin.events()
    server.stop()
    assert ", 0 not chained yet" in verify_audit(server), "a graceful stop left the end of the log unproven"
    change_one_audit_event(server)
    verified = server.run("audit", "verify")
    assert verified.returncode != 0, verified.stdout


def change_one_audit_event(server):
    """The data of the first event in the chain, by SQL."""
    statement = "UPDATE audit_event SET data = '{\"forged\":true}' WHERE id = (SELECT id FROM audit_event WHERE seq = 1)"
    if server.database_url:
        subprocess.run(["psql", "-qX", "-d", server.database_url, "-c", statement], check=True, timeout=30)
    else:
        (file,) = [f for f in server.data_dir.glob("*") if f.suffix in (".db", ".sqlite", ".sqlite3")]
        with sqlite3.connect(file) as connection:
            assert connection.execute(statement).rowcount == 1
