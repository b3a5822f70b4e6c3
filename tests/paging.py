"""Reading lists through HTTP: one page, all pages that links lead to, and which lists there are."""

import re

import httpx
from fastapi import FastAPI

from api.contract import operations_of
from api.operations import Operation
from tests.world import World

Headers = dict[str, str]
LINK = re.compile(r'<(/v1/[a-z_]+\?[\x21-\x3b=\x3f-\x7e]+)>; rel="next"')


async def asked(world: World, path: str, headers: Headers, **params: str) -> httpx.Response:
    answer = await world.client.get(path, headers=headers, params=params or None)
    assert answer.status_code == 200, answer.text
    return answer


async def followed(world: World, address: str, headers: Headers) -> list[httpx.Response]:
    """Read a page and all those its links lead to."""
    pages = [await asked(world, address, headers)]
    while "link" in pages[-1].headers:
        found = LINK.fullmatch(pages[-1].headers["link"])
        assert found, pages[-1].headers["link"]
        pages.append(await asked(world, found[1], headers))
        assert len(pages) < 50
    return pages


def ids_of(*pages: httpx.Response) -> list[str]:
    return [row["id"] for page in pages for row in page.json()["results"]]


def lists_of(app: FastAPI) -> dict[str, Operation]:
    return {r.path: r for r in operations_of(app) if r.listed and not r.path.endswith((".csv", ".ndjson", ".ics"))}
