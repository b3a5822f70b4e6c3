"""Making the roles of PostgreSQL: an owner that may not is told so before anything is made."""

from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from domain.deployment import DeploymentError, create_roles
from tests.conftest import WORKER
from tests.postgres import TestServer


def owned_by(server: TestServer, name: str, flags: str) -> str:
    """Give the address of a database of its own for an owner with these attributes."""
    superuser = server.create_database(f"{name}_{WORKER}")
    role = f"{name}_{WORKER}"
    with psycopg.connect(superuser, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
            connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x' {flags}".encode())
        connection.execute(f"ALTER DATABASE {urlsplit(superuser).path[1:]} OWNER TO {role}".encode())
    parts = urlsplit(superuser)
    return urlunsplit(parts._replace(netloc=f"{role}:x@{parts.netloc.rpartition('@')[2]}"))


def roles_named(address: str, prefix: str) -> set[str]:
    with psycopg.connect(address) as connection:
        found = connection.execute("SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", (prefix,)).fetchall()
    return {name for (name,) in found}


def test_an_owner_that_may_not_give_bypassrls_is_told_before_anything_is_made(postgres: TestServer) -> None:
    owner = owned_by(postgres, "weak_owner", "CREATEROLE NOSUPERUSER NOBYPASSRLS")
    with pytest.raises(DeploymentError) as refused:
        create_roles(owner, prefix="weak_")
    assert "スーパーユーザー" in str(refused.value)
    assert "superuser" in str(refused.value)
    assert roles_named(owner, "weak_kikan") == set()


def test_an_owner_with_createrole_and_bypassrls_may_from_postgresql_16_on(postgres: TestServer) -> None:
    owner = owned_by(postgres, "middle_owner", "CREATEROLE NOSUPERUSER BYPASSRLS")
    with psycopg.connect(owner) as connection:
        is_new = connection.info.server_version >= 160_000
    if is_new:
        create_roles(owner, prefix="middle_")
        assert roles_named(owner, "middle_kikan") == {"middle_kikan_api", "middle_kikan_maintenance"}
    else:
        with pytest.raises(DeploymentError, match="PostgreSQL 15"):
            create_roles(owner, prefix="middle_")
        assert roles_named(owner, "middle_kikan") == set()
