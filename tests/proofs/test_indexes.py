"""Promise of docs/performance.md: what a request reads grows with what it asks for, never with the ledger.

Every question is asked by the product itself; the plans are those of the statements it sent. Each judgement has its
negative control: the same question without its index, in a transaction that is rolled back.
"""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from domain.access import Role
from domain.database import Database, Scope, database_at
from domain.deployment import create_roles, migrate
from tests.conftest import WORKER
from tests.postgres import TestServer
from tests.proofs.index_ledger import Ledger, carried_over, ledger_in
from tests.proofs.index_questions import KEY, OF_CENTRE, OF_WARD, SIZE, Question, faults_of, questions_of
from tests.proofs.plans import Plan, Sent, postgres_plan, sent_by, sqlite_plan
from tests.proofs.reach_databases import scopes_on


@dataclass
class Asked(ABC):
    """One of the databases with what the product sent to it for each question."""

    address: str
    questions: dict[str, Question]
    scopes: dict[str, Scope] = field(default_factory=dict)
    sent: dict[str, list[Sent]] = field(default_factory=dict)

    def plans(self, names: list[str], *, bare: bool = False) -> dict[str, Plan]:
        """Give how each question is read; ``bare``: without the indexes that it is read through."""
        return {name: self._plan(name, bare=bare) for name in names}

    @abstractmethod
    def _plan(self, name: str, *, bare: bool) -> Plan: ...


class OnPostgres(Asked):
    """PostgreSQL, under the api role."""

    def _plan(self, name: str, *, bare: bool) -> Plan:
        question, plan = self.questions[name], Plan("")
        with psycopg.connect(self.address, autocommit=True) as connection:
            gone = "; ".join(dropped(connection, question)) if bare else ""
            for sent in self.sent[name]:
                plan.join(postgres_plan(connection, self.scopes[question.role.value], sent, gone))
        return plan


def dropped(connection: psycopg.Connection[Any], question: Question) -> list[str]:
    """Write what takes the indexes of a question away."""
    statements = []
    for table, names in question.without.items():
        keys = connection.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'u')", (table,)
        ).fetchall()
        statements += [f"DROP INDEX {name}" for name in names if name != KEY]
        if KEY in names:
            statements += [f"ALTER TABLE {table} DROP CONSTRAINT {name} CASCADE" for (name,) in keys]
    return statements


class OnSqlite(Asked):
    """SQLite, never analysed."""

    def _plan(self, name: str, *, bare: bool) -> Plan:
        question, plan = self.questions[name], Plan("")
        with closing(sqlite3.connect(self.address.removeprefix("sqlite:///"), isolation_level=None)) as connection:
            connection.execute("BEGIN")
            for table, names in question.without.items() if bare else ():
                for index in (found for found in names if found != KEY):
                    connection.execute(f"DROP INDEX {index}")
                if KEY in names:
                    # A key cannot be dropped; a copy of the rows has none.
                    connection.execute(f"CREATE TABLE without_keys AS SELECT * FROM {table}")
                    connection.execute(f"DROP TABLE {table}")
                    connection.execute(f"ALTER TABLE without_keys RENAME TO {table}")
            for sent in self.sent[name]:
                plan.join(sqlite_plan(connection, sent))
            connection.execute("ROLLBACK")
        return plan


@pytest.fixture(scope="module")
def ledger(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """The big ledger, on SQLite."""
    return ledger_in(tmp_path_factory.mktemp("indexes") / "kikan.db", empty_file, SIZE)


@pytest.fixture(scope="module")
def on_postgres(postgres: TestServer, ledger: Ledger) -> tuple[str, str]:
    """The same on PostgreSQL: the addresses of the superuser and the api role."""
    superuser = postgres.create_database(f"indexes_{WORKER}")
    api, _ = create_roles(superuser)
    migrate(superuser)
    carried_over(ledger, superuser)
    return superuser, api


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=["sqlite", "postgresql"])
async def asked(request: pytest.FixtureRequest, ledger: Ledger) -> AsyncIterator[Asked]:
    """Each database with the ledger, and what the product sends there."""
    questions = questions_of(ledger)
    made: Asked
    if request.param == "sqlite":
        address = f"sqlite:///{ledger.file}"
        made = OnSqlite(address, questions)
    else:
        superuser, address = request.getfixturevalue("on_postgres")
        made = OnPostgres(superuser, questions)
    database = database_at(address, pool_size=2)
    await database.driver.start()
    made.scopes = await scopes_on(database, list(ledger.callers.values()))
    made.sent = await sent_to(database, made)
    await database.driver.stop()
    yield made


async def sent_to(database: Database, asked: Asked) -> dict[str, list[Sent]]:
    return {
        name: await sent_by(database, asked.scopes[question.role.value], question.ask)
        for name, question in asked.questions.items()
    }


def faults_in(asked: Asked, plans: dict[str, Plan]) -> dict[str, list[str]]:
    return {name: found for name, plan in plans.items() if (found := faults_of(asked.questions[name], plan))}


def test_every_question_is_read_through_its_index(asked: Asked) -> None:
    plans = asked.plans(list(asked.questions))
    faults = faults_in(asked, plans)
    assert not faults, [(name, found, plans[name].text) for name, found in faults.items()]


def test_without_its_index_every_question_is_told(asked: Asked) -> None:
    bare = faults_in(asked, asked.plans(list(asked.questions), bare=True))
    assert bare.keys() == asked.questions.keys()


def test_counts_and_progress_never_look_at_the_ledger_itself(asked: Asked) -> None:
    plans = asked.plans(["counts of twelve months", "a ward's counts of twelve months", "progress of a plan"])
    assert [name for name, plan in plans.items() if plan.indexes_of("activity")] == []


async def test_the_plans_are_those_of_the_api_role_behind_row_level_security(
    on_postgres: tuple[str, str], ledger: Ledger
) -> None:
    superuser, api = on_postgres
    database = database_at(api, pool_size=1)
    await database.driver.start()
    scopes = await scopes_on(database, list(ledger.callers.values()))
    await database.driver.stop()
    whole = Sent("SELECT id FROM activity", ())
    seen = {}
    with psycopg.connect(superuser, autocommit=True) as connection:
        for role in ledger.callers:
            plan = postgres_plan(connection, scopes[role.value], whole)
            assert "reach_of_office(" in plan.text, "the policy is not in the plan"
            seen[role] = plan.rows
    assert seen[Role.CENTRE_STAFF] == OF_CENTRE
    assert 0 < seen[Role.OFFICE_USER] < seen[Role.WARD_STAFF] < OF_WARD
