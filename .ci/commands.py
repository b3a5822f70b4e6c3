"""The commands behind x.py. Each installs what it needs, no more, and then gets out of the way."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import contract_diff
import contract_lint
import lock
from environment import REQUIREMENTS, ROOT, VAR, Environment, say

CONTRACT = ROOT / "openapi" / "openapi.json"
BENCH = ROOT / "bench"
MAIN = Environment(ROOT / ".venv", {group: REQUIREMENTS / f"{group}.txt" for group in lock.GROUPS})
PYTHON_FILES = ("x.py", ".ci", "api", "domain", "migrations", "tests", "bench")
LINT_IMPORTS = "from importlinter.cli import lint_imports_command as lint; lint()"

USAGE = """python3 x.py COMMAND [arguments]

  demo      serve kikan with the demonstration data (--help lists its options)
  test      run every test on SQLite and PostgreSQL; arguments go to pytest
  check     lint, format, types, import rules, locks, contract; all of it without changing a file
  prove     run the proofs of tests/proofs with their full counts (minutes)
  bench     measure against the peers and the limit; arguments go to bench/run.py
  openapi   write openapi/openapi.json from the application; --release VERSION keeps it as that release's contract
  lock      resolve pyproject.toml into uv.lock and deploy/requirements (--upgrade, --upgrade-package NAME, --check)
  kikan     run the kikan command itself: serve, migrate, users, clients, keys, counts, frequency ...

The environment is made in .venv on first use; `rm -r .venv` starts it afresh.
"""


def replace_process(python: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> NoReturn:
    """Become the given program, in the project's folder: signals and the exit status are its own."""
    os.chdir(ROOT)
    sys.stdout.flush()
    sys.stderr.flush()
    # Compiled modules are kept whatever the shell says: without them every start compiles seven hundred files anew.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    os.execve(python, [str(python), *arguments], {**kept, **(environment or {})})


def demo(arguments: Sequence[str]) -> int:
    """Serve the demonstration."""
    replace_process(MAIN.ensure("runtime"), "-m", "api.cli", "demo", *arguments)


def kikan(arguments: Sequence[str]) -> int:
    """Run the application's own command."""
    replace_process(MAIN.ensure("runtime"), "-m", "api.cli", *arguments)


def test(arguments: Sequence[str]) -> int:
    """Run the tests, two or more at a time where there are cores."""
    python = MAIN.ensure("runtime", "test")
    replace_process(python, "-m", "pytest", "-n", "auto", "--dist", "worksteal", *arguments)


def prove(arguments: Sequence[str]) -> int:
    """Run the proofs with full counts, one after the other: some of them measure time."""
    python = MAIN.ensure("runtime", "test")
    wanted = ("-m", "pytest", "tests/proofs", "--durations=10", *arguments)
    replace_process(python, *wanted, environment={"KIKAN_PROVE": "1"})


def bench(arguments: Sequence[str]) -> int:
    """Run the benchmark in its own environment, beside the application's."""
    MAIN.ensure("runtime")
    sources = {"bench": BENCH / "requirements.txt"}
    for needed in (BENCH / "run.py", sources["bench"]):
        if not needed.exists():
            say(f"{needed.relative_to(ROOT)} is missing; the benchmark cannot run")
            return 2
    python = Environment(VAR / "bench-venv", sources).ensure("bench")
    replace_process(python, str(BENCH / "run.py"), *arguments)


def served_contract(python: Path) -> bytes:
    """Ask the application for its contract; ends with the application's own words where it cannot say."""
    asked = subprocess.run(
        [python, "-m", "api.cli", "openapi"], cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    if asked.returncode != 0:
        sys.stderr.buffer.write(asked.stderr)
        raise SystemExit(asked.returncode)
    json.loads(asked.stdout)
    return asked.stdout


def openapi(arguments: Sequence[str]) -> int:
    """Write the contract, with --check compare it with the committed one, with --release VERSION keep that one."""
    if "--release" in arguments:
        if len(arguments) != 2 or arguments[0] != "--release":
            print("openapi --release VERSION takes one version and nothing else", file=sys.stderr)
            return 2
        node = contract_lint.node_of(MAIN)
        return openapi(["--check"]) or contract_diff.main([node.node, node.npm, *arguments])
    contract = served_contract(MAIN.ensure("runtime"))
    if "--check" in arguments:
        if CONTRACT.exists() and CONTRACT.read_bytes() == contract:
            return 0
        print("openapi/openapi.json is not what the application serves: run `python3 x.py openapi` and read the diff")
        return 1
    fresh = CONTRACT.with_suffix(".tmp")
    fresh.write_bytes(contract)
    fresh.replace(CONTRACT)
    say(f"wrote openapi/openapi.json ({len(json.loads(contract).get('paths', {}))} paths)")
    return 0


def check_steps(python: Path, node: contract_lint.Node) -> dict[str, list[str]]:
    """Name the steps of `check` and the program behind each."""
    run = str(python)
    files = [name for name in PYTHON_FILES if (ROOT / name).exists()]
    return {
        "mypy --strict": [run, "-m", "mypy", "--strict", "api", "domain"],
        "contract lint": [sys.executable, ".ci/contract_lint.py", node.node, node.npm],
        "contract against the last release": [sys.executable, ".ci/contract_diff.py", node.node, node.npm],
        "contract as served": [sys.executable, "x.py", "openapi", "--check"],
        "ruff check": [run, "-m", "ruff", "check", *files],
        "ruff format": [run, "-m", "ruff", "format", "--check", "--diff", *files],
        "mypy of the tools": [run, "-m", "mypy", "--strict", ".ci"],
        "import rules": [run, "-c", LINT_IMPORTS],
        "own checks": [run, ".ci/checks.py"],
        "locks": [sys.executable, "x.py", "lock", "--check"],
        # DL3059 wants fewer layers; those of the build stage are thrown away, and one step per line is easier to read.
        "Dockerfile": [str(python.with_name("hadolint")), "--ignore", "DL3059", "Dockerfile"],
    }


def run_step(command: Sequence[str]) -> tuple[bool, float, str]:
    """Run one step and keep what it prints."""
    started = time.monotonic()
    finished = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False
    )
    return finished.returncode == 0, time.monotonic() - started, finished.stdout.decode(errors="replace")


def check(arguments: Sequence[str]) -> int:
    """Run every step, also after one has failed, and say at the end which."""
    if arguments:
        print("check takes no arguments", file=sys.stderr)
        return 2
    python = MAIN.ensure("runtime", "test", "check", "tools")
    steps = check_steps(python, contract_lint.node_of(MAIN))
    failed = []
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 1)) as pool:
        running = {name: pool.submit(run_step, command) for name, command in steps.items()}
        for name, step in running.items():
            good, seconds, output = step.result()
            print(f"{'ok    ' if good else 'FAILED'} {name} ({seconds:.1f} s)", flush=True)
            if not good:
                failed.append(name)
                print(output, flush=True)
    print(f"check: {'failed: ' + ', '.join(failed) if failed else f'all {len(steps)} steps hold'}", flush=True)
    return 1 if failed else 0


def lock_dependencies(arguments: Sequence[str]) -> int:
    """Resolve anew, or with --check tell whether the locks agree with pyproject.toml."""
    uv = shutil.which("uv") or str(MAIN.ensure("tools").with_name("uv"))
    return lock.main(uv, list(arguments))


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "demo": demo,
    "test": test,
    "check": check,
    "prove": prove,
    "bench": bench,
    "openapi": openapi,
    "lock": lock_dependencies,
    "kikan": kikan,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command; its exit status is the result."""
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(USAGE, end="")
        return 0 if arguments else 2
    command = COMMANDS.get(arguments[0])
    if command is None:
        print(f"x.py: unknown command {arguments[0]!r}\n\n{USAGE}", end="", file=sys.stderr)
        return 2
    try:
        return command(arguments[1:])
    except KeyboardInterrupt:
        say("stopped; run the same command again to go on")
        return 130
