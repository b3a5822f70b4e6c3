"""Promise 2 for the rollups: each wall alone hides from a ward the sums of what only the centre sees."""

from domain.statements import Query
from tests.proofs.conftest import Shapes, Standing
from tests.proofs.reach_land import Land


async def flags_of_sums(standing: Standing, land: Land, queries: dict[str, Query]) -> dict[str, set[tuple[str, bool]]]:
    """Give of which rollup rows each caller reads any: the table, and whether only the centre itself counts them."""
    found: dict[str, set[tuple[str, bool]]] = {}
    for caller in land.callers:
        session, transaction = await standing.database.begin(standing.scopes[caller.name], write=False)
        try:
            found[caller.name] = {
                (table, row["is_centre_only"])
                for table in ("activity_rollup", "plan_item_rollup")
                for row in await session.rows(queries[f"whole {table}"])
            }
        finally:
            transaction.release()
    return found


async def test_each_wall_alone_hides_from_a_ward_the_sums_of_what_only_the_centre_sees(
    on_sqlite: Standing, on_postgres: Standing, on_postgres_without_fences: Standing, land: Land, shapes: Shapes
) -> None:
    shown = {("activity_rollup", False), ("plan_item_rollup", False)}
    whole = shown | {("activity_rollup", True), ("plan_item_rollup", True)}
    seen = {caller.name: whole if caller.is_centre else shown if caller.is_ward else set() for caller in land.callers}
    assert await flags_of_sums(on_postgres, land, shapes.open) == seen, "wall two alone"
    assert await flags_of_sums(on_postgres_without_fences, land, shapes.narrowed) == seen, "wall one alone"
    assert await flags_of_sums(on_sqlite, land, shapes.narrowed) == seen, "wall one on SQLite"
    bare = await flags_of_sums(on_postgres_without_fences, land, shapes.open)
    assert bare == dict.fromkeys(seen, whole), "without both walls everybody reads them"
