"""Python environments and Node packages beside the journeys' own, for client libraries of several versions: made once, kept while
the list of packages is the same. Journeys run side by side, so each is made under a lock.

`python environments.py` makes all of them."""

import contextlib
import fcntl
import hashlib
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLIENTS = pathlib.Path(__file__).parent / "clients"
WITHIN = 600


@contextlib.contextmanager
def made_once(folder, wanted):
    """Whether `folder` is to be made, asked by one process at a time; what it was made for is noted when it has been."""
    note = folder / "installed"
    wanted = hashlib.sha256(wanted.encode()).hexdigest()
    with open(folder.with_name(f".{folder.name.strip('.')}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = not (note.exists() and note.read_text() == wanted)
        yield missing
        if missing:
            note.write_text(wanted)


def python_of(client, packages="requirements"):
    """The interpreter of an environment with `clients/<client>/<packages>.txt` in it."""
    requirements = CLIENTS / client / f"{packages}.txt"
    suffix = packages.removeprefix("requirements")
    folder = ROOT / f".venv-{client.replace('_', '-')}{suffix}"
    python = folder / "bin" / "python"
    with made_once(folder, requirements.read_text() + sys.version) as missing:
        if missing:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, timeout=WITHIN)
            install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(requirements)]
            subprocess.run(install, check=True, timeout=WITHIN)
    return str(python)


def node_of(client):
    """The folder `clients/<client>` with the packages of its lock file installed."""
    folder = CLIENTS / client
    packages = folder / "node_modules"
    with made_once(packages, (folder / "package-lock.json").read_text()) as missing:
        if missing:
            command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(command, cwd=folder, check=True, timeout=WITHIN)
    return folder


def main():
    for requirements in sorted(CLIENTS.glob("*/requirements*.txt")):
        python_of(requirements.parent.name, requirements.stem)
    for lock in sorted(CLIENTS.glob("*/package-lock.json")):
        node_of(lock.parent.name)


if __name__ == "__main__":
    main()
