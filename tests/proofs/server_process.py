"""The product as a real server process that a proof may kill and start again on the same database."""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Self

import httpx

from api.app import create_app
from domain.access import Role
from domain.database import Database
from domain.deployment import migrate
from domain.settings import Settings
from tests.world import World

ROOT = Path(__file__).parents[2]
READY_SECONDS = 180.0


class Nursery:
    """Starts server processes without importing the application anew for each; ends with this process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.proofs.server_nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            text=True,
        )
        atexit.register(self.close)

    def close(self) -> None:
        """End it, with its servers: it stops when nobody speaks to it any more."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def server(self, env: dict[str, str], prelude: str, log: Path) -> int:
        """Start a server; give its process id."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"env": env, "prelude": prelude, "log": str(log)}) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@cache
def nursery() -> Nursery:
    """Give the one nursery of this process."""
    return Nursery()


class Server:
    """One server process on one database; a context manager. ``prelude`` is Python run before it serves."""

    def __init__(self, var: Path, address: str, *, prelude: str = "") -> None:
        self.var, self.address, self.prelude = var, address, prelude
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = var / f"server-{self.port}.log"
        self._process = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill9()

    def start(self) -> None:
        """Start the process and wait until it serves."""
        environment = {
            "KIKAN_VAR": str(self.var),
            "KIKAN_DATABASE_URL": self.address,
            "KIKAN_PORT": str(self.port),
            "KIKAN_RATE_LIMIT_PER_MINUTE": "1000000",
        }
        self.log.touch()
        self._process = nursery().server(environment, self.prelude, self.log)
        deadline = time.monotonic() + READY_SECONDS
        while not self.is_ready():
            if time.monotonic() > deadline or not self.is_running():
                raise RuntimeError(f"the server did not start: {self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5.0).status_code == 200
        except httpx.HTTPError:
            return False

    def is_running(self) -> bool:
        try:
            os.kill(self._process, 0)
        except ProcessLookupError:
            return False
        return True

    def kill9(self) -> None:
        """Kill the process without warning."""
        if self.is_running():
            os.kill(self._process, signal.SIGKILL)
        while self.is_running():
            time.sleep(0.005)


async def place_on(var: Path, address: str) -> tuple[str, str, dict[str, str]]:
    """Enter a centre and an office into a database, with the application's own keys; give them and a staff token."""
    if address.startswith("sqlite"):
        migrate(address)
    app = create_app(Settings.model_validate({"var": var, "database_url": address}))
    database: Database = app.state.database
    await database.driver.start()
    try:
        async with httpx.AsyncClient() as client:
            world = World(app, client)
            municipality = await world.municipality()
            centre = await world.centre(municipality)
            office = await world.office(municipality)
            return centre, office, await world.sign_in(Role.CENTRE_STAFF, centre_id=centre)
    finally:
        await database.driver.stop()
