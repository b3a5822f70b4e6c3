"""The comparison: one PostgreSQL, one world, every server on it at once, loaded in turn in shuffled order.

``python3 x.py bench`` measures everything and writes docs/performance.md; ``--quick`` is for development: a tenth of
the rows, two rounds of one second, and the tables are printed only.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import jwt
import psycopg

from bench import report
from bench.measuring import MEANINGS, connections_of, differing, loaded, trips_of
from bench.profiling import profile
from bench.requests_made import OPERATIONS
from bench.servers import MAIN_PYTHON, PEERS, ROOT, SECRET, Server, kikan, limit, peer
from bench.trips import Relay
from tests.postgres import TestServer

SMALLER = 10
WARM_UP_SECONDS = 1.0
WARM_UPS = 6
# Every server's pool at once, and room for the working set; fsync and the rest as for any test server that is durable.
SERVER_SETTINGS = ("max_connections = 400", "shared_buffers = '512MB'")
SLOWEST_LOAD = 15_000
SHUFFLE_SEED = 7
PROFILE_SECONDS = 8.0
OURS = ("kikan", "beside", "sqlite")

# What is measured: line of the report, server, operation, token, path prefix.
Line = tuple[str, str, str, str, str]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="x.py bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10^5 rows, 2 rounds of 1 s, nothing written")
    parser.add_argument("--rows", type=int, help="rows of the ledger (1,000,000)")
    parser.add_argument("--rounds", type=int, help="rounds (5)")
    parser.add_argument("--seconds", type=float, help="length of one run (3)")
    parser.add_argument("--only", default="", help="servers besides the limit, by comma: kikan, sqlite, drf ...")
    parser.add_argument("--requests", default="", help="operations, by comma: R1,R2 ...")
    parser.add_argument("--beside", type=Path, help="another checkout of kikan with the same tables, measured beside")
    parser.add_argument("--profile", action="store_true", help="show where kikan's time goes; measures nothing else")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md also after --quick")
    asked = parser.parse_args()
    asked.rows = asked.rows or (100_000 if asked.quick else 1_000_000)
    asked.rounds = asked.rounds or (2 if asked.quick else 5)
    asked.seconds = asked.seconds or (1.0 if asked.quick else 3.0)
    asked.servers = [name for name in asked.only.split(",") if name] or ["kikan", "sqlite", *PEERS]
    if asked.profile:
        asked.servers = ["kikan"]
    asked.operations = [name for name in asked.requests.split(",") if name] or list(OPERATIONS)
    asked.whole = not (asked.only or asked.requests or asked.beside)
    asked.writes = (asked.write or (asked.whole and not asked.quick)) and not asked.profile
    return asked


def say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def filled(address: str, rows: int, folder: Path, name: str) -> dict[str, Any]:
    """Fill a database; give what its callers must know."""
    world = folder / f"{name}.json"
    started = time.monotonic()
    subprocess.run(
        [MAIN_PYTHON, "-m", "bench.data", "--address", address, "--rows", str(rows), "--world", world],
        cwd=ROOT,
        env=main_environment(),
        check=True,
    )
    say(f"{name}: {rows:,} rows after {time.monotonic() - started:.0f} s")
    found: dict[str, Any] = json.loads(world.read_text())
    return found


def main_environment() -> dict[str, str]:
    """Give the environment for the application's own commands: no setting of this machine's kikan reaches them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KIKAN_")}
    return kept | {"PYTHONPATH": str(ROOT)}


def fresh_tokens(folder: Path, world: str) -> dict[str, list[str]]:
    """Sign new access tokens of kikan for every caller."""
    command = [MAIN_PYTHON, "-m", "bench.callers", "--world", folder / f"{world}.json", "--var", folder / "var"]
    found = subprocess.run(command, cwd=ROOT, env=main_environment(), check=True, stdout=subprocess.PIPE)
    tokens: dict[str, list[str]] = json.loads(found.stdout)
    return tokens


def lines_of(asked: argparse.Namespace) -> list[Line]:
    """List what is measured."""
    wanted: list[Line] = [("limit", "limit", key, "plain", "") for key in OPERATIONS]
    wanted.append(("limit with rollup and audit", "limit", "R3", "plain", "/rollup"))
    wanted.append(("limit, GROUP BY on the ledger", "limit", "R4", "plain", "/raw"))
    if "kikan" in asked.servers:
        wanted += [("kikan", "kikan", key, "staff", "") for key in OPERATIONS]
        wanted += [("kikan, ward staff", "kikan", key, "ward", "") for key in ("R2", "R4")]
    if asked.beside:
        wanted += [("kikan beside", "beside", key, "staff", "") for key in OPERATIONS]
    if "sqlite" in asked.servers:
        wanted += [("kikan on SQLite", "sqlite", key, "staff", "") for key in ("R1", "R2", "R3", "R4")]
    for name in PEERS:
        if name in asked.servers:
            wanted += [(PEERS[name], name, key, "plain", "") for key in ("R1", "R2", "R3", "R4", "R5")]
    return [line for line in wanted if line[2] in asked.operations]


class Comparison:
    """The servers of one comparison and what was measured of them."""

    def __init__(self, asked: argparse.Namespace, folder: Path, database: TestServer) -> None:
        self.asked = asked
        self.folder = folder
        self.database = database
        self.servers: dict[str, Server] = {}
        self.measured: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        self.numbers = 0
        self.stored: dict[str, int] = defaultdict(int)
        self.found: dict[str, Any] = {"rows": asked.rows, "rounds": asked.rounds, "seconds": asked.seconds}

    def prepare(self) -> None:
        """Fill the databases and start every server."""
        for setting in SERVER_SETTINGS:
            self.database.execute(f"ALTER SYSTEM SET {setting}")
        self.database.restart()
        self.address = self.database.create_database("bench")
        self.world = filled(self.address, self.asked.rows, self.folder, "bench")
        fresh_tokens(self.folder, "bench")
        self.plain = [
            jwt.encode({"sub": caller["staff"]["sub"], "centre_id": caller["centre_id"]}, SECRET, "HS256")
            for caller in self.world["callers"]
        ]
        centres = [caller["centre_id"] for caller in self.world["callers"]]
        (self.folder / "tokens.json").write_text(json.dumps(dict(zip(self.plain, centres, strict=True))))
        self.start(limit(self.folder, self.address))
        if "kikan" in self.asked.servers:
            self.start(kikan("kikan", "kikan", self.folder, self.world["api"]))
        if self.asked.beside:
            root = self.asked.beside.resolve()
            self.start(kikan("beside", "kikan beside", self.folder, self.world["api"], root))
        if "sqlite" in self.asked.servers:
            address = f"sqlite:///{self.folder / 'kikan.db'}"
            filled(address, self.asked.rows, self.folder, "sqlite")
            self.start(kikan("sqlite", "kikan on SQLite", self.folder, address))
        for name in PEERS:
            if name in self.asked.servers:
                self.start(peer(name, self.folder, self.address))

    def start(self, server: Server) -> None:
        server.start()
        self.servers[server.name] = server

    def tokens(self) -> dict[str, list[str]]:
        return {**fresh_tokens(self.folder, "bench"), "plain": self.plain}

    def refuse_other_work(self) -> None:
        """End where a server answers something else than the limit: it would not be the same work."""
        tokens = self.tokens()
        by_server = {name: tokens["staff" if name in OURS else "plain"] for name in self.servers}
        for name, server in self.servers.items():
            lines = lines_of(self.asked)
            keys = [key for _, of, key, token, prefix in lines if (of, prefix) == (name, "") and token != "ward"]
            wrong = differing(
                self.servers["limit"], server, [key for key in keys if key in MEANINGS], self.world, by_server
            )
            self.stored[name] += "R3" in keys
            self.stored["limit"] += "R3" in keys
            if wrong:
                raise SystemExit(f"{name} does not answer what the limit answers: {', '.join(wrong)}; see {server.log}")

    def measure(self) -> None:
        """Run every line once per round, in an order of its own."""
        shuffler = random.Random(SHUFFLE_SEED)
        lines = lines_of(self.asked)
        self.warm_up(lines)
        for turn in range(1, self.asked.rounds + 1):
            tokens = self.tokens()
            shuffler.shuffle(lines)
            for line in lines:
                self.measured[line[0], line[2]].append(self.run(line, tokens, self.asked.seconds))
            say(f"round {turn} of {self.asked.rounds}")

    def warm_up(self, lines: list[Line]) -> None:
        """Load every line until no answer is refused any more; keep how many were."""
        tokens = self.tokens()
        refused: dict[str, int] = {}
        for line in lines:
            for _ in range(WARM_UPS):
                found = self.run(line, tokens, WARM_UP_SECONDS, is_cold=True)
                if not found["refused"]:
                    break
                refused[f"{line[0]} {line[2]}"] = refused.get(f"{line[0]} {line[2]}", 0) + found["refused"]
        self.found["refused_cold"] = refused
        say(f"warm; refused while cold: {refused or 'none'}")

    def run(self, line: Line, tokens: dict[str, list[str]], seconds: float, *, is_cold: bool = False) -> dict[str, Any]:
        _, name, key, token, prefix = line
        server = self.servers[name]
        connections = connections_of(server, key, self.world, tokens[token], prefix=prefix)
        found = loaded(server, key, connections, seconds, self.numbers, is_cold=is_cold)
        self.numbers = found["next_number"]
        if key == "R3":
            self.stored[name + prefix] += found["answers"]
        return found

    def show_profile(self) -> None:
        """Print where kikan spends its time in each operation."""
        tokens = self.tokens()["staff"]
        for key in self.asked.operations:
            connections = connections_of(self.servers["kikan"], key, self.world, tokens)
            for _ in range(WARM_UPS):
                if not loaded(self.servers["kikan"], key, connections, WARM_UP_SECONDS, is_cold=True)["refused"]:
                    break
            print("\n".join(profile(self.servers["kikan"], key, connections, PROFILE_SECONDS)), flush=True)

    def refuse_lost_writes(self) -> None:
        """End where PostgreSQL holds another number of visits than were acknowledged, or a rollup that disagrees."""
        acknowledged = sum(count for name, count in self.stored.items() if name != "sqlite")
        counted = self.stored["kikan"] + self.stored["beside"] + self.stored["limit/rollup"]
        with psycopg.connect(self.address) as connection:
            rows = connection.execute("SELECT count(*) FROM activity WHERE origin = 'recorded'").fetchone()
            held = connection.execute(
                "SELECT (SELECT sum(held_count) FROM activity_rollup) - count(*) FROM activity "
                "WHERE origin = 'generated' AND status = 'held'"
            ).fetchone()
            audited = connection.execute("SELECT count(*) FROM audit_entry").fetchone()
        found = (rows and rows[0], held and held[0], audited and audited[0])
        if found != (acknowledged, counted, counted):
            raise SystemExit(
                f"acknowledged {acknowledged}, of them counted {counted}; stored, in rollup, audited: {found}"
            )
        self.found["acknowledged"] = acknowledged

    def flatness(self) -> None:
        """Compare counts on this ledger with counts on one a tenth its size: one caller, no queue."""
        if "kikan" not in self.asked.servers or "R4" not in self.asked.operations:
            return
        small_address = self.database.create_database("smaller")
        small = filled(small_address, self.asked.rows // SMALLER, self.folder, "smaller")
        self.start(kikan("kikan_smaller", "kikan", self.folder, small["api"]))
        self.start(limit(self.folder, small_address, "limit_smaller"))
        found: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
        for _ in range(self.asked.rounds):
            staff = {"": self.tokens()["staff"], "_smaller": fresh_tokens(self.folder, "smaller")["staff"]}
            for suffix, world in (("", self.world), ("_smaller", small)):
                for label, name, tokens, prefix in (
                    ("kikan, rollup", "kikan", staff[suffix], ""),
                    ("GROUP BY on the ledger", "limit", self.plain, "/raw"),
                ):
                    server = self.servers[name + suffix]
                    alone = connections_of(server, "R4", world, tokens, prefix=prefix)[:1]
                    p50 = loaded(server, "R4", alone, self.asked.seconds)["p50"]
                    found[label][world["rows"]].append(p50)
        self.found["flatness"] = {
            label: {rows: statistics.median(values) for rows, values in by_rows.items()}
            for label, by_rows in found.items()
        }

    def count_trips(self) -> None:
        """Count the round trips of each operation, on servers of their own behind the relay."""
        found: dict[str, dict[str, float]] = defaultdict(dict)
        tokens = self.tokens()
        socket = Path(self.database.url().partition("host=")[2].replace("%2F", "/")) / ".s.PGSQL.5432"
        with Relay(self.folder / "relay", socket) as relay:
            for label, name, key, token, prefix in lines_of(self.asked):
                if name in ("sqlite", "beside") or token == "ward":
                    continue
                behind = self.servers.get("relayed_" + name) or self.behind(relay, name)
                connections = connections_of(behind, key, self.world, tokens[token], prefix=prefix)
                found[label][key] = trips_of(behind, relay, key, connections)
            for name, server in self.servers.items():
                if name.startswith("relayed_"):
                    server.stop()
        self.found["trips"] = found

    def behind(self, relay: Relay, name: str) -> Server:
        if name == "kikan":
            server = kikan("relayed_kikan", "", self.folder, relay.address(self.world["api"]))
        elif name == "limit":
            server = limit(self.folder, relay.address(self.address), "relayed_limit")
        else:
            server = peer(name, self.folder, relay.address(self.address))
            server.name = "relayed_" + name
        self.start(server)
        return server

    def results(self) -> dict[str, Any]:
        """Gather everything that the report tells."""
        labels = {line[0]: line[1] for line in lines_of(self.asked)}
        self.found["lines"] = {f"{label}|{key}": runs for (label, key), runs in self.measured.items()}
        self.found["memory"] = {
            label: self.servers[name].peak_mebibytes()
            for label, name in labels.items() if label in report.SERVER_LINES
        }  # fmt: skip
        self.found["database"] = self.world["seconds"]
        with psycopg.connect(self.address) as connection:
            version = connection.execute("SHOW server_version").fetchone()
        self.found["postgresql"] = version[0] if version else ""
        return self.found

    def stop(self) -> None:
        for server in self.servers.values():
            server.stop()


def load_rate(folder: Path) -> float:
    """Measure how fast the load itself can go."""
    command = [sys.executable, "-m", "bench.trivial", "{port}"]
    server = Server("trivial", "trivial", command, {}, folder / "trivial.log")
    server.start()
    try:
        text = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n"
        return float(loaded(server, "R1", [[text]] * 16, 1.0)["rate"])
    finally:
        server.stop()


def main() -> None:
    asked = arguments()
    os.environ.pop("TEST_DATABASE_URL", None)
    folder = Path(tempfile.mkdtemp(prefix="kikan-bench-"))
    (folder / "var").mkdir()
    try:
        with TestServer(durable=True) as database:
            comparison = Comparison(asked, folder, database)
            try:
                comparison.found["load_rate"] = load_rate(folder)
                if comparison.found["load_rate"] < SLOWEST_LOAD:
                    say(f"the load reaches only {comparison.found['load_rate']:,.0f} requests/s: the machine is busy")
                comparison.prepare()
                comparison.refuse_other_work()
                if asked.profile:
                    comparison.show_profile()
                    return
                comparison.measure()
                if "R3" in asked.operations:
                    comparison.refuse_lost_writes()
                found = comparison.results()
                comparison.flatness()
                comparison.count_trips()
            finally:
                comparison.stop()
        text = report.text_of(found)
        print(text)
        (ROOT / "var" / "bench.json").write_text(json.dumps(found, indent=1, ensure_ascii=False))
        if asked.writes:
            report.write(text)
            say("wrote docs/performance.md")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
