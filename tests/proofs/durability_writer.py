"""The child of ``test_durability_driver``: writes numbers through a driver and says each once it is acknowledged.

It imports the drivers and nothing else, because it is started and killed many times.
"""

import asyncio
import os
import sys
from collections.abc import Callable

from domain.drivers import Driver, Transaction
from domain.drivers.postgres import PostgresDriver
from domain.drivers.sqlite import SqliteDriver

WRITERS = 8


async def commit_honestly(transaction: Transaction, say: Callable[[], object]) -> None:
    await transaction.commit()
    say()


async def commit_hastily(transaction: Transaction, say: Callable[[], object]) -> None:
    say()
    await asyncio.sleep(0.02)
    await transaction.commit()


async def write_and_tell(driver: Driver, insert: str, first: int, *, is_hasty: bool) -> None:
    """Write numbers for ever and say each on standard output as soon as it is acknowledged."""
    await driver.start()
    numbers = iter(range(first, sys.maxsize))
    commit = commit_hastily if is_hasty else commit_honestly

    async def writer() -> None:
        for number in numbers:
            transaction = await driver.begin("", write=True)
            await transaction.execute(insert, [number])
            await commit(transaction, lambda number=number: os.write(1, f"{number}\n".encode()))  # type: ignore[misc]

    await asyncio.gather(*(writer() for _ in range(WRITERS)))


def main() -> None:
    kind, place, first, temper = sys.argv[1:]
    driver: Driver = SqliteDriver(place) if kind == "sqlite" else PostgresDriver(place)
    insert = "INSERT INTO said VALUES (?)" if kind == "sqlite" else "INSERT INTO said VALUES ($1)"
    asyncio.run(write_and_tell(driver, insert, int(first), is_hasty=temper == "hasty"))


if __name__ == "__main__":
    main()
