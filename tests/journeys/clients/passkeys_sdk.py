"""The Python package `passkeys` in several versions, which cannot share an environment, and the vendor's components."""

import pathlib

from environments import node_of, python_of

HERE = pathlib.Path(__file__).parent
VERSIONS = ("1.1.1", "1.1.3", "2.0.3")


def python(version):
    """The interpreter of an environment with this version."""
    return python_of("corbado_flask", f"requirements-{version}")


def bundle(major):
    """The folder of a version of the components."""
    return node_of("corbado_bundles") / "node_modules" / f"web-js-{major}" / "dist" / "bundle"
