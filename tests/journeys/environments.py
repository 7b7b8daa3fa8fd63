"""Python environments beside the journeys' own, for client libraries of several versions: made once, kept while the list of
packages is the same."""

import hashlib
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLIENTS = pathlib.Path(__file__).parent / "clients"


def python_of(client):
    """The interpreter of an environment with `clients/<client>/requirements.txt` in it."""
    requirements = CLIENTS / client / "requirements.txt"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    folder = ROOT / f".venv-{client.replace('_', '-')}"
    python, note = folder / "bin" / "python", folder / "installed"
    if not (python.exists() and note.exists() and note.read_text() == wanted):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(requirements)]
        subprocess.run(install, check=True)
        note.write_text(wanted)
    return python
