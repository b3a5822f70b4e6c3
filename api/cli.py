"""The `kikan` command: serve, migrate, demo, users, clients, keys, openapi, counts, frequency."""

import asyncio
import gc
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from api import demo as demo_run
from api import keys as signing
from api.contract import document
from api.routes import AREAS
from api.serve import serve as serve_until_stopped
from api.token_keys import SigningKeys
from domain import clock, fiscal
from domain.access import READ_ONLY_SCOPES, Reach, Role
from domain.accounts import clients, users
from domain.accounts.resealing import reseal
from domain.database import Session, database_at
from domain.demo.acting import acting, as_actor, manager_of
from domain.errors import KikanError
from domain.frequency import parse
from domain.frequency.explanation import explain_ja
from domain.frequency.occurrences import occurrences_in
from domain.later import later
from domain.ledger.rollups_check import differences_of, repair_rollups
from domain.opening_days import Calendar
from domain.places.centres import centre_ids
from domain.settings import Settings, UnsafeSettingsError

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, help="kikan")
user_commands = typer.Typer(no_args_is_help=True, help="Users: the first operator.")
client_commands = typer.Typer(no_args_is_help=True, help="Machine clients.")
key_commands = typer.Typer(no_args_is_help=True, help="Signing keys.")
count_commands = typer.Typer(no_args_is_help=True, help="Rollups of the counts.")
app.add_typer(user_commands, name="users")
app.add_typer(client_commands, name="clients")
app.add_typer(key_commands, name="keys")
app.add_typer(count_commands, name="counts")
console = Console()
# alembic and psycopg are loaded for commands that set a database up, not for serving: 0.3 s and 15 MiB.
deployment = later("domain.deployment")

Given = TypeVar("Given")


@app.command()
def serve() -> None:
    """Serve the API with the settings of the environment."""
    serve_until_stopped(Settings())


@app.command()
def migrate(
    *,
    create_roles: Annotated[
        bool, typer.Option("--create-roles", help="PostgreSQL: make the api and the maintenance role first.")
    ] = False,
) -> None:
    """Bring the database to the newest version."""
    settings = Settings()
    owner = settings.owner_address()
    if create_roles and owner.startswith("postgresql"):
        named = [settings.database_url, settings.maintenance_database_url]
        words = [deployment.password_in(url.get_secret_value()) if url is not None else None for url in named]
        api, maintenance = deployment.create_roles(owner, api_password=words[0], maintenance_password=words[1])
        for name, address, word in (
            ("KIKAN_DATABASE_URL", api, words[0]),
            ("KIKAN_MAINTENANCE_DATABASE_URL", maintenance, words[1]),
        ):
            if word is None:
                console.print(f"{name}={address}", highlight=False, soft_wrap=True, markup=False)
    deployment.migrate(owner)
    console.print("データベースは最新です。")


@app.command()
def demo(
    *,
    port: Annotated[int, typer.Option(help="Port; the next free one where it is taken.")] = 8000,
    reset: Annotated[bool, typer.Option("--reset", help="Begin again with an empty database.")] = False,
    database_url: Annotated[str | None, typer.Option(help="Owner's address of a PostgreSQL database.")] = None,
    load_only: Annotated[bool, typer.Option("--load-only", help="Load and tell, but do not serve.")] = False,
) -> None:
    """Set up, load the demo and serve it."""
    demo_run.run(port=port, reset=reset, database_url=database_url, only_load=load_only)


@app.command()
def openapi() -> None:
    """Print the contract (OpenAPI 3.1) as JSON."""
    sys.stdout.write(json.dumps(document(AREAS), ensure_ascii=False, indent=2) + "\n")


@app.command()
def frequency(
    text: Annotated[str, typer.Argument(help="A frequency, e.g. 偶数月第3または第4木曜日.")],
    fiscal_year: Annotated[int | None, typer.Option(help="Fiscal year for the dates; this one where left out.")] = None,
    operation_year: Annotated[int, typer.Option(help="Which year of the centre's operation that is.")] = 1,
) -> None:
    """Show how a frequency text is read, and its dates in a fiscal year."""
    year = fiscal_year if fiscal_year is not None else fiscal.fiscal_year_of(clock.today())
    found = parse(text)
    console.print(explain_ja(found, year, operation_year), soft_wrap=True, markup=False)
    reading = {name: value for name, value in found.reading.as_json().items() if value not in (None, False)}
    console.print_json(json.dumps(reading, ensure_ascii=False))
    table = Table("から", "まで", "最低回数", title=fiscal.fiscal_year_label_ja(year))
    for window in occurrences_in(found.reading, year, Calendar(), operation_year=operation_year):
        table.add_row(window.from_on.isoformat(), window.to_on.isoformat(), str(window.minimum))
    if table.row_count:
        console.print(table)


@user_commands.command("create-operator")
def create_operator(login: str, name: str) -> None:
    """Create the first operator; print the one-time token with which it sets its password."""
    made = _as_operator(lambda session: users.create_first_operator(session, login=login, name=name))
    console.print(f"利用者 {login} を作りました。POST /v1/invitations:accept に次のトークンを送ってください。")
    console.print(made["invitation"]["token"], highlight=False, markup=False)


@client_commands.command("create")
def create_client(
    name: str,
    *,
    municipality: Annotated[str | None, typer.Option(help="Municipality code.")] = None,
    centre: Annotated[str | None, typer.Option(help="Id of a centre.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="Scopes; all reading ones where left out.")] = None,
) -> None:
    """Create a machine client; print its id and secret, which is shown this once."""
    scopes = scope or sorted(READ_ONLY_SCOPES)
    made = _as_operator(
        lambda session: clients.create_client(
            session, name=name, scopes=scopes, municipality_id=municipality, centre_id=centre
        )
    )
    console.print(f"client_id={made['client_id']}\nclient_secret={made['client_secret']}", highlight=False)


@key_commands.command("rotate")
def rotate() -> None:
    """Make a new development signing key; the old one stays valid as previous. Restart the service to use it."""
    settings = Settings()
    if settings.signing_key is not None:
        raise typer.BadParameter("KIKAN_SIGNING_KEY is set: put the new key there and the old one into "
                                 "KIKAN_PREVIOUS_SIGNING_KEY")  # fmt: skip
    console.print(f"kid={signing.rotate(settings).kid}")


@key_commands.command("generate")
def generate() -> None:
    """Print a new private signing key (PEM) for KIKAN_SIGNING_KEY."""
    current, _ = SigningKeys.generate().to_pem()
    sys.stdout.write(current)


@key_commands.command("reseal")
def reseal_secrets() -> None:
    """Seal every stored secret of an authenticator app with the first of KIKAN_SECRET_KEYS."""
    keys = signing.secret_keys(Settings())
    done = _as_operator(lambda session: reseal(session, keys))
    console.print(
        f"封をし直しました: {done.changed} 件、そのまま: {done.current} 件、開けられない: {done.unreadable} 件"
    )
    if done.unreadable:
        sys.exit(1)


@count_commands.command("check")
def check_counts(
    *, repair: Annotated[bool, typer.Option("--repair", help="Put the counted numbers in place.")] = False
) -> None:
    """Recount both rollups from the ledger, centre by centre, and compare; exit 1 where they differ."""
    found = asyncio.run(_checked(Settings(), repair=repair))
    for line in found:
        console.print(line, highlight=False, markup=False)
    console.print("集計は台帳と一致しています。" if not found else f"{len(found)} 行が台帳と違いました。")
    if found and not repair:
        sys.exit(1)


async def _checked(settings: Settings, *, repair: bool) -> list[str]:
    database = database_at(settings.database_address())
    await database.driver.start()
    try:
        operator = acting(Role.OPERATOR, Reach(everywhere=True))
        centres = await as_actor(database, operator, centre_ids)
        lines = []
        for centre_id in centres:
            manager = manager_of(centre_id, ())

            async def compare(session: Session, centre_id: str = centre_id) -> list[str]:
                differences = await differences_of(session, centre_id)
                if repair:
                    await repair_rollups(session, centre_id, differences)
                return [f"{d.key}: kept {d.kept}, counted {d.counted}" for d in differences]

            lines += await as_actor(database, manager, compare)
        return lines
    finally:
        await database.driver.stop()


def _as_operator(work: Callable[[Session], Awaitable[Given]]) -> Given:
    """Run work as the deployment's operator, through the credentials door."""

    async def run() -> Given:
        settings = Settings()
        database = database_at(settings.database_address())
        await database.driver.start()
        try:
            return await as_actor(database, acting(Role.OPERATOR, Reach(everywhere=True)), work, door=True)
        finally:
            await database.driver.stop()

    return asyncio.run(run())


def main() -> None:
    """Run the command; refusals are told in one sentence."""
    gc.freeze()
    gc.enable()
    try:
        app()
    except KikanError as error:
        console.print(f"[red]{error.detail_ja}[/]")
        sys.exit(1)
    except (deployment.DeploymentError, UnsafeSettingsError) as error:
        console.print(f"[red]{error}[/]")
        sys.exit(1)


if __name__ == "__main__":
    main()
