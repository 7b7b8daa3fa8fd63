"""Free ports, for programs that are told theirs before they take it."""

import contextlib
import itertools
import os
import random
import socket

# Below the range that systems give to connections and to servers that ask for any port, so nobody comes between.
FIRST, EACH = 20_000, 1_500
# Journeys run side by side: each worker has ports of its own.
_mine = FIRST + EACH * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw") or 0)
_next = itertools.count(random.randrange(EACH))


def free_port():
    for _ in range(EACH):
        port = _mine + next(_next) % EACH
        with contextlib.suppress(OSError), contextlib.ExitStack() as probes:
            for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
                probes.enter_context(contextlib.closing(socket.socket(family))).bind((host, port))
            return port
    raise RuntimeError("no port is free")
