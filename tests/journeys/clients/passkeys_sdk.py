"""Virtual environments with the Python package `passkeys` in several versions, which cannot share one. Made when first needed,
kept until their requirements change."""

import fcntl
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
VERSIONS = ("1.1.1", "1.1.3", "2.0.3")


def python(version):
    """The interpreter of an environment with this version."""
    requirements = HERE / "corbado_flask" / f"requirements-{version}.txt"
    folder = HERE / f".venv-passkeys-{version}"
    stamp = folder / ".installed"
    wanted = requirements.read_text() + sys.version
    interpreter = folder / "bin" / "python"
    with open(HERE / f".venv-passkeys-{version}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
            install = [str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*install, "-r", str(requirements)], check=True)
            stamp.write_text(wanted)
    return str(interpreter)


def bundle(major):
    """The folder of a version of the components."""
    folder = HERE / "corbado_bundles" / "node_modules" / f"web-js-{major}" / "dist" / "bundle"
    if not (folder / "index.js").is_file():
        raise RuntimeError(f"no components in {folder}: run npm ci in {HERE / 'corbado_bundles'}, or ./test journeys")
    return folder
