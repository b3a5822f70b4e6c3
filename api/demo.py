"""The demo: one command from nothing to a running service with the documents' facts, logins and ready calls."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from rich.console import Console

from api.serve import free_port, serve
from domain import clock, fiscal
from domain.database import Database, database_at
from domain.demo.loading import is_loaded, load
from domain.later import later
from domain.settings import Settings
from migrations import stands_at_head

console = Console()
deployment = later("domain.deployment")


def run(*, port: int, reset: bool, database_url: str | None, only_load: bool = False) -> None:
    """Set up, load where it is not loaded yet, tell, serve."""
    settings = Settings()
    address = _set_up(settings, database_url, reset=reset)
    told = asyncio.run(_loaded(settings, address))
    chosen = free_port(settings.host, port)
    if chosen != port:
        console.print(f"[yellow]ポート {port} は使われているため、{chosen} を使います。[/]")
    told = {"base_url": f"http://{settings.host}:{chosen}", **{k: v for k, v in told.items() if k != "base_url"}}
    _write(settings.var / "demo.json", told)
    _tell(told)
    if only_load:
        return
    os.environ["KIKAN_DATABASE_URL"] = address
    os.environ["KIKAN_PORT"] = str(chosen)
    serve(Settings())


def _set_up(settings: Settings, database_url: str | None, *, reset: bool) -> str:
    """Migrate the database and give the address the service connects with."""
    if database_url is None or database_url.startswith("sqlite"):
        address = database_url or f"sqlite:///{settings.var / 'kikan.db'}"
        if reset:
            path = Path(address.removeprefix("sqlite:///"))
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
        console.print("データベースを用意しています(SQLite)")
        if not stands_at_head(Path(address.removeprefix("sqlite:///"))):
            deployment.migrate(address)
        return address
    console.print("データベースを用意しています(PostgreSQL、3つの役割)")
    # Whoever may not make the roles is told so before anything is emptied.
    api: str = deployment.create_roles(database_url)[0]
    if reset:
        deployment.empty_demo(database_url)
    deployment.migrate(database_url)
    deployment.mark_as_demo(database_url)
    return api


async def _loaded(settings: Settings, address: str) -> dict[str, Any]:
    database: Database = database_at(address)
    await database.driver.start()
    kept = settings.var / "demo.json"
    try:
        if await is_loaded(database):
            if not kept.exists():
                raise deployment.DeploymentError(f"the demo is loaded but {kept} is gone; start again with --reset")
            told: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
            return told
        return await load(database, clock.today(), lambda line: console.print(f"  {line}"))
    finally:
        await database.driver.stop()


def _write(path: Path, told: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def _tell(told: dict[str, Any]) -> None:
    console.print("\n[bold]利用者(デモ専用)[/]")
    for user in told["users"]:
        line = f"  {user['login']:<16} {user['password']:<22} {user['role']:<16} {user['place']}"
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    console.print("\n[bold]連携プログラム(デモ専用)[/]")
    for client in told["clients"]:
        scopes = " ".join(client["scopes"])
        line = f"  {client['client_id']:<16} {client['client_secret']}  {client['place']}\n{'':19}{scopes}"
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    console.print(f"\n[bold]{told['base_url']}[/]   説明書: {told['base_url']}/docs   控え: var/demo.json\n")
    for title, line in _calls(told):
        console.print(f"# {title}", highlight=False, markup=False)
        console.print(line + "\n", soft_wrap=True, highlight=False, markup=False)


def _calls(told: dict[str, Any]) -> list[tuple[str, str]]:
    """Give the two ready calls; each fetches its own token, so that it still works tomorrow."""
    base, client = told["base_url"], told["clients"][0]
    year = fiscal.fiscal_year_of(clock.today())
    plan = max(told["work_plans"], key=lambda p: int(p["fiscal_year"]))
    token = (
        f"$(curl -s -u '{client['client_id']}:{client['client_secret']}' -d grant_type=client_credentials"
        f" {base}/oauth/token | python3 -c 'import json,sys; print(json.load(sys.stdin)[\"access_token\"])')"
    )
    call = f'curl -s -H "Authorization: Bearer {token}"'
    counts = (
        f"{base}/v1/activity_counts?from={year}-04&to={year + 1}-03&group_by=month,kind&centre_id={plan['centre_id']}"
    )
    return [
        ("目黒区の月別件数", f"{call} '{counts}'"),
        ("目黒区の計画の進み", f"{call} '{base}/v1/work_plans/{plan['id']}/progress'"),
    ]
