"""The servers that are compared: how each is started, one worker each, and what the kernel knows of its work."""

import base64
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAIN_PYTHON = ROOT / ".venv" / "bin" / "python"
TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 60.0
SECRET = "bench-only-secret-of-more-than-thirty-two-bytes"

PEERS = {
    "tutorial_sync": "FastAPI + SQLModel (tutorial, sync)",
    "tutorial_async": "FastAPI + SQLModel (tutorial, async)",
    "litestar_app": "Litestar + advanced-alchemy",
    "ninja_api": "django-ninja",
    "drf": "Django REST framework",
}


@dataclass
class Server:
    """One running server process."""

    name: str
    label: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    root: Path = ROOT
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [part.replace("{port}", str(self.port)) for part in self.command]
        environment = {**os.environ, **self.environment, "KIKAN_PORT": str(self.port), "PYTHONPATH": str(self.root)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.root, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{self.name} did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/livez")
            connection.getresponse().read()
        except OSError:
            return False
        connection.close()
        return True

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def processes(self) -> list[int]:
        """Give the server's process and all below it."""
        if self.process is None:
            return []
        found = [self.process.pid]
        for pid in found:
            for thread in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in thread.read_text().split()]
        return found

    def cpu_seconds(self) -> float:
        """Give the processor time used so far, by user code and by the kernel for it."""
        ticks = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS

    def peak_mebibytes(self) -> float:
        """Give the largest resident size that the server has reached."""
        kilobytes = 0
        for pid in self.processes():
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    kilobytes += int(line.split()[1])
        return kilobytes / 1024


def uvicorn(python: str | Path, target: str) -> list[str]:
    return [
        str(python), "-m", "uvicorn", target, "--port", "{port}", "--loop", "uvloop", "--http", "httptools",
        "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip


def kikan(name: str, label: str, folder: Path, address: str, root: Path = ROOT) -> Server:
    """Describe kikan as production serves it; ``root`` is the checkout it is served from."""
    environment = {
        "KIKAN_ENV": "production",
        "KIKAN_VAR": str(folder / "var"),
        "KIKAN_DATABASE_URL": address,
        "KIKAN_ALLOW_SQLITE": "true",
        "KIKAN_SIGNING_KEY": (folder / "var" / "signing_key.pem").read_text(),
        "KIKAN_SECRET_KEYS": base64.b64encode(os.urandom(32)).decode(),
        "KIKAN_METRICS_TOKEN": SECRET,
        "KIKAN_PUBLIC_URL": "https://kikan.example",
        "KIKAN_RATE_LIMIT_PER_MINUTE": "1000000000",
        "KIKAN_LOG_LEVEL": "WARNING",
    }
    command = [str(MAIN_PYTHON), "-m", "bench.kikan_server"]
    return Server(name, label, command, environment, folder / f"{name}.log", root)


def plain_environment(folder: Path, address: str) -> dict[str, str]:
    return {
        "BENCH_DATABASE": address,
        "BENCH_SQLALCHEMY": address.replace("postgresql://", "postgresql+{driver}://"),
        "BENCH_SECRET": SECRET,
        "BENCH_TOKENS": str(folder / "tokens.json"),
    }


def limit(folder: Path, address: str, name: str = "limit") -> Server:
    command = uvicorn(sys.executable, "bench.limit:app")
    return Server(name, "the limit", command, plain_environment(folder, address), folder / f"{name}.log")


def peer(name: str, folder: Path, address: str) -> Server:
    environment = plain_environment(folder, address) | {
        "BENCH_URLS": f"bench.peers.{name}",
        "DJANGO_SETTINGS_MODULE": "bench.peers.django_settings",
    }
    return Server(
        name, PEERS[name], uvicorn(sys.executable, f"bench.peers.{name}:app"), environment, folder / f"{name}.log"
    )
