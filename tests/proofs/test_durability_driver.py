"""Acknowledged means stored: a child process writes through the driver and is killed with kill -9, with its server.

The child says a number only after ``commit`` has returned. Whatever it has said must be in the database afterwards. The
negative control is a child that speaks a moment too early. (A kill spares what the operating system holds; that the
disk itself is waited for is held by the settings that the drivers' own tests check.)
"""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.postgres import TestServer

ROUNDS = 40 if os.environ.get("KIKAN_PROVE") else 2
ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("durability_writer.py")


def said_before_the_kill(kind: str, place: str, first: int, temper: str, kill_more: Callable[[], None]) -> set[int]:
    """Let a child write for a moment, kill it, and give what it has acknowledged."""
    child = subprocess.Popen(
        [sys.executable, str(CHILD), kind, place, str(first), temper],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert child.stdout
    heard = child.stdout.readline()
    time.sleep(0.1 + first % 7 / 100)
    kill_more()
    child.send_signal(signal.SIGKILL)
    heard += child.stdout.read()
    child.wait()
    child.stdout.close()
    complete = heard[: heard.rfind(b"\n")]
    return {int(number) for number in complete.split()}


def lost_on_sqlite(folder: Path, temper: str, rounds: int) -> tuple[int, int]:
    file = folder / "kikan.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE said (number INTEGER PRIMARY KEY)")
    connection.close()
    said: set[int] = set()
    for turn in range(rounds):
        said |= said_before_the_kill("sqlite", str(file), turn * 1_000_003, temper, lambda: None)
    connection = sqlite3.connect(file)
    stored = {number for (number,) in connection.execute("SELECT number FROM said")}
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    return len(said), len(said - stored)


def lost_on_postgres(server: TestServer, temper: str, rounds: int) -> tuple[int, int]:
    url = server.create_database("durability")
    server.execute("CREATE TABLE said (number bigint PRIMARY KEY)", "durability")
    said: set[int] = set()
    for turn in range(rounds):
        said |= said_before_the_kill("postgres", url, turn * 1_000_003, temper, server.kill9)
        server.restart()
    with psycopg.connect(url) as connection:
        stored = {number for (number,) in connection.execute("SELECT number FROM said")}
    return len(said), len(said - stored)


@pytest.fixture(scope="module")
def server() -> Iterator[TestServer]:
    with TestServer(durable=True) as server:
        yield server


def test_sqlite_loses_nothing_it_has_acknowledged(tmp_path: Path) -> None:
    said, lost = lost_on_sqlite(tmp_path, "honest", ROUNDS)
    assert said > ROUNDS
    assert lost == 0


def test_postgresql_loses_nothing_it_has_acknowledged(server: TestServer) -> None:
    said, lost = lost_on_postgres(server, "honest", ROUNDS)
    assert said > ROUNDS
    assert lost == 0


def test_who_speaks_before_the_commit_is_found_out_on_sqlite(tmp_path: Path) -> None:
    assert lost_on_sqlite(tmp_path, "hasty", 1)[1] > 0


def test_who_speaks_before_the_commit_is_found_out_on_postgresql(server: TestServer) -> None:
    assert lost_on_postgres(server, "hasty", 1)[1] > 0
