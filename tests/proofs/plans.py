"""What the databases do with the statements the product sends: the statements themselves, and their plans.

On PostgreSQL a statement is prepared and run as the api role, under the caller's own settings and with a generic plan,
as the service does; on SQLite the plan is what EXPLAIN QUERY PLAN says.
"""

import re
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import ClientCursor

from domain.database import Database, Scope, Session
from domain.deployment import API_ROLE
from domain.drivers import Transaction
from domain.drivers.postgres_connection import TRANSACTION_SETTINGS

Ask = Callable[[Session], Awaitable[object]]


@dataclass(frozen=True)
class Sent:
    """One statement with its arguments, as a driver got it."""

    sql: str
    args: tuple[object, ...]


class Listening:
    """A transaction that remembers what is asked of it."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self.sent: list[Sent] = []

    async def rows(self, sql: str, args: Sequence[object]) -> Sequence[Mapping[str, Any]]:
        self.sent.append(Sent(sql, tuple(args)))
        return await self._transaction.rows(sql, args)


async def sent_by(database: Database, scope: Scope, ask: Ask) -> list[Sent]:
    """Let the product ask its question; give the statements that it sends."""
    session, transaction = await database.begin(scope, write=False)
    listening = Listening(transaction)
    session._transaction = listening  # type: ignore[assignment]
    try:
        await ask(session)
    finally:
        transaction.release()
    return listening.sent


@dataclass
class Plan:
    """What matters of a plan.

    ``through`` names each table with the index it is read through, ``None`` where it is read from end to end.
    ``touched`` counts the rows that were looked at in each table, ``rows`` those that came out (both PostgreSQL).
    ``sorts`` tells whether rows were put in order by sorting them.
    """

    text: str
    through: set[tuple[str, str | None]] = field(default_factory=set)
    touched: dict[str, int] = field(default_factory=dict)
    sorts: bool = False
    rows: int = 0

    def indexes_of(self, table: str) -> set[str | None]:
        """Name what a table is read through."""
        return {index for name, index in self.through if name == table}

    def join(self, other: "Plan") -> None:
        """Add what another statement of the same question does."""
        self.text += "\n" + other.text
        self.through |= other.through
        self.sorts |= other.sorts
        self.rows += other.rows
        for table, rows in other.touched.items():
            self.touched[table] = self.touched.get(table, 0) + rows


def nodes_of(node: dict[str, Any], parent: str = "") -> Iterator[tuple[dict[str, Any], str]]:
    yield node, parent
    for inner in node.get("Plans", ()):
        yield from nodes_of(inner, node["Node Type"])


SCANS = ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Tid Scan")


def postgres_plan(connection: psycopg.Connection[Any], scope: Scope, sent: Sent, change: str = "") -> Plan:
    """Run a statement as the api role in a transaction that is rolled back; ``change`` is done to the schema before."""
    with ClientCursor(connection) as cursor:
        cursor.execute("BEGIN")
        try:
            if change:
                cursor.execute(change.encode())
            cursor.execute(f"SET LOCAL ROLE {API_ROLE}".encode())
            cursor.execute(f"SET LOCAL plan_cache_mode = {TRANSACTION_SETTINGS['plan_cache_mode']}".encode())
            cursor.execute(scope.preamble.encode())
            cursor.execute(f"PREPARE asked AS {sent.sql}".encode())
            marks = f"({', '.join(['%s'] * len(sent.args))})" if sent.args else ""
            told = cursor.mogrify(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE asked{marks}", sent.args)
            ((found,),) = cursor.execute(told).fetchall()
        finally:
            cursor.execute("ROLLBACK")
            cursor.execute("DEALLOCATE ALL")
    plan = Plan("", rows=found[0]["Plan"]["Actual Rows"])
    for node, parent in nodes_of(found[0]["Plan"]):
        _learn(plan, node, parent)
    plan.text = f"{sent.sql}\n{_told(found[0]['Plan'])}"
    return plan


def _learn(plan: Plan, node: dict[str, Any], parent: str) -> None:
    kind: str = node["Node Type"]
    table: str | None = node.get("Relation Name")
    if kind in ("Sort", "Incremental Sort") and parent not in ("Aggregate", "Group", "Merge Join", "WindowAgg"):
        plan.sorts = True
    if table is None or kind not in SCANS:
        return
    index = node.get("Index Name")
    if kind == "Bitmap Heap Scan":
        for inner, _ in nodes_of(node):
            if inner["Node Type"] == "Bitmap Index Scan":
                plan.through.add((table, inner["Index Name"]))
    else:
        plan.through.add((table, index))
    seen = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    plan.touched[table] = plan.touched.get(table, 0) + round(seen * node["Actual Loops"])


def _told(node: dict[str, Any], depth: int = 0) -> str:
    where = " ".join(str(node[key]) for key in ("Relation Name", "Index Name") if key in node)
    rows = f"{node['Plan Rows']} expected, {node['Actual Rows']} × {node['Actual Loops']}"
    removed = f", {node['Rows Removed by Filter']} removed" if "Rows Removed by Filter" in node else ""
    conditions = " ".join(str(node[key]) for key in ("Index Cond", "Filter", "Sort Key") if key in node)
    time = f"{node['Actual Total Time']} ms {node['Shared Hit Blocks']} blocks"
    line = f"{'  ' * depth}{node['Node Type']} {where} ({rows}{removed}, {time}) {conditions}"
    return "\n".join([line, *(_told(inner, depth + 1) for inner in node.get("Plans", ()))])


_STEP = re.compile(r"(?P<how>SCAN|SEARCH) (?P<name>\w+)(?: USING (?:COVERING )?INDEX (?P<index>\w+))?")
_ALIAS = re.compile(r"(?:FROM|JOIN|,) (\w+) AS (\w+)")


def sqlite_plan(connection: sqlite3.Connection, sent: Sent) -> Plan:
    """Ask how a statement would be run."""
    steps = connection.execute(f"EXPLAIN QUERY PLAN {sent.sql}", sent.args).fetchall()
    names = {alias: table for table, alias in _ALIAS.findall(sent.sql)}
    plan = Plan("\n".join([sent.sql, *(step[3] for step in steps)]))
    for step in steps:
        found = _STEP.match(step[3])
        plan.sorts |= "TEMP B-TREE FOR ORDER BY" in step[3] or "TERM OF ORDER BY" in step[3]
        if found:
            index = found["index"] if found["how"] == "SEARCH" else None
            table: str = found["name"]
            plan.through.add((names.get(table, table), index))
    return plan
