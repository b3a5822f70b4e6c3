"""Make and compare the locks: uv.lock (the resolution) and deploy/requirements/*.txt (what is installed from it).

No lock names a package index: the machine's own settings decide where files come from, the hashes decide which.
See docs/decisions/0001-locked-dependencies.md.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

import indexes
from environment import REQUIREMENTS, ROOT, VAR, plain_environment, say

LOCK = ROOT / "uv.lock"
BENCH_IN = ROOT / "bench" / "requirements.in"
EXPORT = ("export", "--frozen", "--offline", "--no-emit-project", "--no-annotate", "--no-header", "--quiet")
COMPILE = ("pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate")


def groups() -> tuple[str, ...]:
    """Name what can be installed: the runtime and every dependency group of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return ("runtime", *project["dependency-groups"])


GROUPS = groups()


def without_hosts(text: str) -> str:
    """Take the addresses out of a uv.lock and leave file names and hashes. uv reads the result as it reads its own."""
    text = re.sub(r'registry = "[^"]*"', 'registry = "index"', text)
    return re.sub(r'url = "[^"]*/([^"/]+)"', r'path = "\1"', text)


def exported(uv: str, project: Path, group: str) -> str:
    """Write out one group of the lock as hash-pinned requirements."""
    wanted = ["--no-dev", "--no-default-groups"] if group == "runtime" else ["--only-group", group]
    return run(uv, [*EXPORT, *wanted], project).stdout


def run(uv: str, arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run uv under the machine's own package settings; end with its words where it fails.

    Only the main index is asked: an extra index or a folder of wheels may hold a part of a release's files, and a
    lock made from it would lack the hashes of the rest.
    """
    environment = {**plain_environment(), **indexes.for_uv(VAR)}
    for partial in ("UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"):
        environment.pop(partial, None)
    finished = subprocess.run(
        [uv, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=environment,
        check=False,
    )
    if finished.returncode != 0:
        raise SystemExit(f"uv {' '.join(arguments)} failed:\n{finished.stderr}")
    return finished


def compiled_bench(uv: str, arguments: Sequence[str], before: str) -> str:
    """Resolve the benchmark's own requirements, keeping what was locked before where it still fits."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "requirements.txt"
        target.write_text(before)
        upgrades = [argument for argument in arguments if argument.startswith("--upgrade")]
        plain = ["--no-header", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
        run(uv, [*COMPILE, *plain, *upgrades, str(BENCH_IN), "--output-file", str(target)], ROOT)
        return target.read_text()


def main(uv: str, arguments: list[str]) -> int:
    """Write the locks, or with --check compare them without touching a file or the network."""
    comparing = "--check" in arguments
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        shutil.copy(ROOT / "pyproject.toml", project)
        if LOCK.exists():
            shutil.copy(LOCK, project)
        solve = ["lock", "--check", "--offline"] if comparing else ["lock", *arguments]
        said = run(uv, [*solve, "--no-python-downloads"], project).stderr
        wanted = {LOCK: without_hosts((project / "uv.lock").read_text())}
        (project / "uv.lock").write_text(wanted[LOCK])
        wanted |= {REQUIREMENTS / f"{group}.txt": exported(uv, project, group) for group in GROUPS}
    if BENCH_IN.exists() and not comparing:
        target = BENCH_IN.with_suffix(".txt")
        wanted[target] = compiled_bench(uv, arguments, target.read_text() if target.exists() else "")
    differing = [file for file, text in wanted.items() if not file.exists() or file.read_text() != text]
    stray = [file for file in REQUIREMENTS.glob("*.txt") if file not in wanted]
    if comparing:
        for file in (*differing, *stray):
            print(f"{file.relative_to(ROOT)} does not follow from pyproject.toml and uv.lock: run `python3 x.py lock`")
        return 1 if differing or stray else 0
    print(said, end="", file=sys.stderr)
    REQUIREMENTS.mkdir(parents=True, exist_ok=True)
    for file in differing:
        fresh = file.with_suffix(".tmp")
        fresh.write_text(wanted[file])
        fresh.replace(file)
        say(f"wrote {file.relative_to(ROOT)}")
    for file in stray:
        file.unlink()
    return 0
