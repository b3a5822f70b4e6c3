"""Setting a database up: migrations, the three roles of PostgreSQL and their rights. Command line only.

owner        runs migrations and owns every table; bound by row-level security like everybody (FORCE)
api          what the service connects as: owns nothing, no superuser, no BYPASSRLS
maintenance  BYPASSRLS; rollup rebuild, restore drill
"""

import re
import secrets
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlmodel import SQLModel

import migrations
from domain.statements.fences import grants_of
from domain.tables import load_tables
from migrations import stands_at_head

API_ROLE = "kikan_api"
MAINTENANCE_ROLE = "kikan_maintenance"
_GIVES_WITHOUT_SUPERUSER = 160_000
_NEEDS_SUPERUSER = (
    "保守用の役割には BYPASSRLS が要り、PostgreSQL 15 以前でこれを与えられるのはスーパーユーザーだけです"
    "(16 以降は CREATEROLE と BYPASSRLS を持つ役割でも可)。何も作っていません。"
    "管理者にスーパーユーザーのアドレスで `kikan migrate --create-roles` を一度実行してもらってください。\n"
    "The maintenance role needs BYPASSRLS, which up to PostgreSQL 15 only a superuser gives (from 16 on also a role "
    "with CREATEROLE and BYPASSRLS). Nothing was made. Let an administrator run `kikan migrate --create-roles` once "
    "with a superuser's address."
)
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class DeploymentError(RuntimeError):
    """The database cannot be set up like this. Says what to do."""


def migrate(address: str) -> None:
    """Bring the database at ``address`` (the owner's) to the newest version."""
    if address.startswith("sqlite:///"):
        file = Path(address.removeprefix("sqlite:///"))
        file.parent.mkdir(parents=True, exist_ok=True)
        if stands_at_head(file):
            return
    command.upgrade(alembic_config(address), "head")
    if address.startswith("postgresql"):
        _grant(address)


def alembic_config(address: str) -> Config:
    """Give alembic's configuration for an address."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    config.attributes["database"] = address
    return config


def create_roles(
    owner_address: str, *, api_password: str | None = None, maintenance_password: str | None = None, prefix: str = ""
) -> tuple[str, str]:
    """Create the api and the maintenance role where they are missing, with new passwords; give their addresses.

    ``prefix`` keeps several deployments on one server apart. Both are made, or neither.

    Raises:
        DeploymentError: the owner may not give BYPASSRLS, or a role of that name is too powerful to be ours.
    """
    addresses = []
    with psycopg.connect(owner_address) as connection:
        _refuse_weak_owner(connection)
        for name, flags, password in (
            (prefix + API_ROLE, "NOBYPASSRLS", api_password),
            (prefix + MAINTENANCE_ROLE, "BYPASSRLS", maintenance_password),
        ):
            if not _NAME.fullmatch(name):
                raise DeploymentError(f"not a role name: {name}")
            word = password or secrets.token_urlsafe(32)
            known = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
            if known and known[0]:
                raise DeploymentError(f"{name} exists and is a superuser; drop it or use another prefix")
            verb = "ALTER" if known else "CREATE"
            statement = sql.SQL(f"{verb} ROLE {{}} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE {flags} PASSWORD {{}}")
            try:
                connection.execute(statement.format(sql.Identifier(name), sql.Literal(word)))
            except psycopg.errors.InsufficientPrivilege as error:
                raise DeploymentError(_NEEDS_SUPERUSER) from error
            addresses.append(address_as(owner_address, name, word))
        database = urlsplit(owner_address).path.lstrip("/")
        for name in (prefix + API_ROLE, prefix + MAINTENANCE_ROLE):
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), sql.Identifier(name))
            )
    return addresses[0], addresses[1]


def _refuse_weak_owner(connection: psycopg.Connection[tuple[bool, bool, bool]]) -> None:
    """Refuse an owner that cannot make the maintenance role, before anything is made.

    Up to PostgreSQL 15 only a superuser gives BYPASSRLS; from 16 on also who has CREATEROLE and BYPASSRLS itself.
    """
    found = connection.execute(
        "SELECT rolsuper, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    is_super, may_create, passes = found or (False, False, False)
    may_give = may_create and passes and connection.info.server_version >= _GIVES_WITHOUT_SUPERUSER
    if not (is_super or may_give):
        raise DeploymentError(_NEEDS_SUPERUSER)


def address_as(address: str, role: str, password: str) -> str:
    """Give the address of the same database for another role."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{quote(password, safe='')}@{host}"))


def password_in(address: str) -> str | None:
    """Give the password an address carries, if any."""
    found = urlsplit(address).password
    return unquote(found) if found else None


def _grant(owner_address: str, prefix: str = "") -> None:
    load_tables()
    with psycopg.connect(owner_address) as connection:
        roles = {
            row[0]
            for row in connection.execute(
                "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)",
                ([prefix + API_ROLE, prefix + MAINTENANCE_ROLE],),
            )
        }
        for role in roles:
            connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(role)))
            connection.execute(sql.SQL("GRANT SELECT ON alembic_version TO {}").format(sql.Identifier(role)))
        if prefix + API_ROLE in roles:
            connection.execute(
                sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(sql.Identifier(prefix + API_ROLE))
            )
            connection.execute(
                sql.SQL("GRANT SELECT ON alembic_version TO {}").format(sql.Identifier(prefix + API_ROLE))
            )
            for table in SQLModel.metadata.sorted_tables:
                for statement in grants_of(table, prefix + API_ROLE):
                    connection.execute(statement.encode())
        if prefix + MAINTENANCE_ROLE in roles:
            connection.execute(
                sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(
                    sql.Identifier(prefix + MAINTENANCE_ROLE)
                )
            )
            connection.execute(
                sql.SQL("GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(
                    sql.Identifier(prefix + MAINTENANCE_ROLE)
                )
            )


def version_of(address: str) -> str | None:
    """Give the migration a PostgreSQL database stands at, or None before the first."""
    with psycopg.connect(address) as connection:
        exists = connection.execute("SELECT to_regclass('public.alembic_version')").fetchone()
        if not exists or exists[0] is None:
            return None
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(found[0]) if found else None


_MARK = "kikan demo"


def mark_as_demo(owner_address: str) -> None:
    """Say in the database itself that a demo made it, so that ``--reset`` may empty it."""
    with psycopg.connect(owner_address, autocommit=True) as connection:
        connection.execute(sql.SQL("COMMENT ON SCHEMA public IS {}").format(sql.Literal(_MARK)))


def empty_demo(owner_address: str) -> None:
    """Drop what an earlier demo made. A database that holds anything else is left alone.

    Raises:
        DeploymentError: the database has tables and was not made by the demo.
    """
    with psycopg.connect(owner_address, autocommit=True) as connection:
        found = connection.execute("SELECT to_regclass('public.alembic_version')").fetchone()
        if not found or found[0] is None:
            return
        comment = connection.execute("SELECT obj_description('public'::regnamespace, 'pg_namespace')").fetchone()
        if not comment or comment[0] != _MARK:
            raise DeploymentError("--reset empties databases that the demo made, and this one was not")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
