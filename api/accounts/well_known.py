"""What other programs look for at well-known addresses: the keys that sign our tokens."""

from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field
from starlette.requests import Request

from api.access import public
from api.answers import Answer, document
from api.keys import signing_keys
from api.operations import area
from api.shapes import Shape
from domain.settings import Settings
from domain.steps import Steps

router = area(".well-known", prefix="")

CACHE_CONTROL = "public, max-age=300"


class KeyOut(Shape):
    """One public key (公開鍵). Source: RFC 7517."""

    kty: str = Field(examples=["EC"])
    crv: str = Field(examples=["P-256"])
    x: str
    y: str
    use: str = Field(examples=["sig"])
    alg: str = Field(examples=["ES256"])
    kid: str = Field(description="Name of the key, as in the header of a token.")


class KeySetOut(Shape):
    """Every key a running token may be signed with, the current one first."""

    keys: list[KeyOut]


@lru_cache(maxsize=4)
def _published(settings: Settings) -> dict[str, Any]:
    """Give the key set of a process. Like the keys that it signs with, read once: a new key takes a restart."""
    return signing_keys(settings).public_set()


@router.get("/jwks.json", response_model=KeySetOut)
async def read_signing_keys(request: Request, _steps: Annotated[Steps, public(steps=True)]) -> Answer:
    """Give the public keys of our access tokens (公開鍵の一覧)."""
    answer = document(_published(request.app.state.settings))
    answer.headers["Cache-Control"] = CACHE_CONTROL
    return answer
