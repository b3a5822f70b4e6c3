"""The product as a real server process that a proof may kill and start again on the same database."""

import os
import signal
import socket
import subprocess
import sys
import time
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
SERVE = "from api.serve import serve; from domain.settings import Settings; serve(Settings())"
READY_SECONDS = 180.0


class Server:
    """One server process on one database; a context manager. ``prelude`` is Python run before it serves."""

    def __init__(self, var: Path, address: str, *, prelude: str = "") -> None:
        self.var, self.address, self.prelude = var, address, prelude
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = var / f"server-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self.kill9()

    def start(self) -> None:
        """Start the process and wait until it serves."""
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "KIKAN_VAR": str(self.var),
            "KIKAN_DATABASE_URL": self.address,
            "KIKAN_PORT": str(self.port),
            "KIKAN_RATE_LIMIT_PER_MINUTE": "1000000",
        }
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", f"{self.prelude}\n{SERVE}"], env=environment, cwd=ROOT, stdout=log, stderr=log
            )
        deadline = time.monotonic() + READY_SECONDS
        while not self.is_ready():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"the server did not start: {self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=1.0).status_code == 200
        except httpx.HTTPError:
            return False

    def kill9(self) -> None:
        """Kill the process without warning."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


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
