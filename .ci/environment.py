"""Make and grow a private Python environment from the hash-pinned requirement files.

Tried in this order: uv where there is one, uv fetched with pip, plain pip. All three install the same files
with every hash checked, from whatever index, mirror, proxy or folder of wheels the machine is set up for.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import advice
import indexes

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
REQUIREMENTS = ROOT / "deploy" / "requirements"
STAMP = "kikan-stamp.json"
DEBIAN_WHEELS = Path("/usr/share/python-wheels")
MISLEADING = {
    *("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_VIRTUALENV", "VIRTUAL_ENV", "PYTHONHOME"),
    *("UV_NO_VERIFY_HASHES", "UV_SYSTEM_PYTHON", "UV_PROJECT", "UV_WORKING_DIR", "UV_TARGET", "UV_PREFIX"),
}
NOISE = (" + ", "Requirement already satisfied", "Ignoring ", "Looking in links", "WARNING: Location", "Processing ")
INSTALL = ("--require-hashes", "--no-deps", "--only-binary", ":all:")


def say(text: str) -> None:
    """Tell the person at the terminal, without mixing into what a command prints."""
    print(f"kikan: {text}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Environment:
    """A virtual environment in ``folder``; ``sources`` maps each group it can hold to a requirement file."""

    folder: Path
    sources: dict[str, Path]

    @property
    def python(self) -> Path:
        """The interpreter inside."""
        return self.folder / "bin" / "python"

    def _stamp(self) -> dict[str, str]:
        try:
            stamp = json.loads((self.folder / STAMP).read_text())
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def missing(self, groups: Sequence[str]) -> list[str]:
        """Tell which groups are not installed as locked; all of them where the interpreter has gone or changed."""
        stamp = self._stamp()
        if stamp.get("python") != interpreter(self.python):
            return list(groups)
        return [group for group in groups if stamp.get(group) != digest(self.sources[group])]

    def ensure(self, *groups: str) -> Path:
        """Install what is missing of the groups and return the interpreter. Nothing is ever removed."""
        if self.missing(groups):
            with one_at_a_time():
                missing = self.missing(groups)
                if missing:
                    self._install(missing)
        return self.python

    def _install(self, groups: list[str]) -> None:
        started = time.monotonic()
        say(f"installing into {self.folder.name}: {', '.join(groups)} (locked, every hash checked)")
        if not runs(self.python):
            self._create()
        kept = self._stamp() if self._stamp().get("python") == interpreter(self.python) else {}
        with contextlib.suppress(OSError):
            (self.folder / STAMP).unlink()
        files = [self.sources[group] for group in groups]
        install(self.python, files)
        stamp = {**kept, "python": interpreter(self.python), **{g: digest(self.sources[g]) for g in groups}}
        (self.folder / STAMP).write_text(json.dumps(stamp, indent=1))
        say(f"ready after {time.monotonic() - started:.1f} s")

    def _create(self) -> None:
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        uv = shutil.which("uv")
        attempts = [[sys.executable, "-m", "venv", str(self.folder)]]
        if uv:
            attempts.insert(0, [uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(self.folder)])
        attempts.append([sys.executable, "-m", "venv", "--without-pip", "--clear", str(self.folder)])
        output = ""
        for command in attempts:
            finished = subprocess.run(command, capture_output=True, text=True, check=False, env=plain_environment())
            output = finished.stdout + finished.stderr
            if finished.returncode == 0 and runs(self.python):
                return
        raise SystemExit(advice.for_venv(output))


def digest(file: Path) -> str:
    """Hash a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def interpreter(python: Path) -> str:
    """Name the real program behind an environment's interpreter; it changes when the system's Python is replaced."""
    return str(python.resolve()) if python.exists() else "none"


def runs(python: Path) -> bool:
    """Tell whether this interpreter starts, fits, and lives in an environment of its own."""
    test = "import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 14) and sys.prefix != sys.base_prefix))"
    try:
        return subprocess.run([python, "-c", test], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let one x.py of this checkout install at a time; the others wait and then find the work done."""
    try:
        VAR.mkdir(exist_ok=True)
        handle = (VAR / "install.lock").open("w")
    except OSError as error:
        raise SystemExit(f"kikan: cannot write to {VAR}: {error.strerror}. Use a checkout of your own.") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("another x.py is installing; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def plain_environment() -> dict[str, str]:
    """Give the caller's environment without what would send an install elsewhere."""
    kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    return {**kept, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def uv_beside(python: Path) -> str | None:
    """Find a uv that starts: the environment's own, or the machine's."""
    for candidate in (python.with_name("uv"), shutil.which("uv")):
        if candidate is None:
            continue
        with contextlib.suppress(OSError):
            if subprocess.run([candidate, "--version"], capture_output=True, check=False).returncode == 0:
                return str(candidate)
    return None


def pip_for(python: Path) -> list[str] | None:
    """Find a pip that can install into this environment: its own, this Python's, or the wheel Debian keeps."""
    own = [str(python), "-m", "pip"]
    if subprocess.run([*own, "--version"], capture_output=True, check=False).returncode == 0:
        return own
    ensured = subprocess.run([python, "-m", "ensurepip"], capture_output=True, check=False, env=plain_environment())
    if ensured.returncode == 0:
        return own
    system = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"pip (\d+)\.(\d+)", system.stdout)
    if version and (int(version[1]), int(version[2])) >= (22, 3):
        return [sys.executable, "-m", "pip", "--python", str(python)]
    wheels = sorted(DEBIAN_WHEELS.glob("pip-*.whl"))
    return [str(python), str(wheels[-1] / "pip")] if wheels else None


def install(python: Path, files: Sequence[Path]) -> None:
    """Install hash-pinned requirement files with the best installer at hand, or end with advice."""
    wanted = [argument for file in files for argument in ("--requirement", str(file))]
    uv = uv_beside(python)
    pip = None if uv else pip_for(python)
    if uv is None and pip is not None:
        fetch = [*pip, "install", "--quiet", *INSTALL, "--requirement", str(REQUIREMENTS / "tools.txt")]
        failed = run_and_watch(fetch, plain_environment())
        if advice.is_final(failed) or advice.is_unreachable(failed):
            raise SystemExit(advice.for_install(failed))
        uv = uv_beside(python)
    output = ""
    if uv is not None:
        command = [uv, "pip", "install", "--python", str(python), *indexes.uv_flags(), *INSTALL, *wanted]
        output = run_and_watch(command, {**plain_environment(), **indexes.for_uv(VAR)})
        if not output:
            return
        if advice.is_final(output):
            raise SystemExit(advice.for_install(output))
        say("uv could not install it; trying pip")
        pip = pip_for(python)
    if pip is not None:
        output = run_and_watch([*pip, "install", *INSTALL, *wanted], plain_environment())
        if not output:
            return
    raise SystemExit(advice.for_install(output) if output else advice.without_installer())


def run_and_watch(command: Sequence[str], environment: dict[str, str]) -> str:
    """Run an installer, showing what it says; return the end of its output where it failed, else nothing."""
    lines: list[str] = []
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        env=environment,
    ) as running:
        for line in running.stdout or ():
            lines.append(line)
            if not line.startswith(NOISE):
                print(f"  {line.rstrip()}", file=sys.stderr, flush=True)
    return "" if running.returncode == 0 else "".join(lines[-200:]) or f"exit status {running.returncode}"
