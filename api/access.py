"""The door: a route gets a session only by naming a permission, or by being marked public.

``allow(Permission.X)`` and ``public()`` are markers in a route's signature; ``api.operations`` reads them. A route
with neither stops the start. There is no other way from HTTP to the database.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass
from random import random
from typing import Any

from fastapi import params
from starlette.requests import Request

from api.raw_headers import header_of
from api.tokens import AccessClaims, TokenError, TokenModule
from domain.access import Permission
from domain.accounts.principals import Grant, actor_for
from domain.database import NOBODY, Database, Scope, scope_of
from domain.errors import UnauthenticatedError

PRINCIPAL_SECONDS = 1.0
SPREAD = 0.3
_MOST_PRINCIPALS = 4096


@dataclass(frozen=True, slots=True)
class Access:
    """What a route asks of its caller: a permission, or None for the public operations.

    ``door`` opens the credentials door; ``writes`` tells a writing transaction from a reading one. ``steps`` asks for
    several transactions, one after another, instead of one. An answer that is not ``repeatable`` holds a secret, so
    nothing of it is kept for an Idempotency-Key.
    """

    permission: Permission | None
    door: bool = False
    writes: bool | None = None
    steps: bool = False
    repeatable: bool = True

    def __call__(self) -> None:
        """Stand in for a dependency; ``api.operations`` gives the session."""


def allow(
    permission: Permission,
    *,
    door: bool = False,
    writes: bool | None = None,
    steps: bool = False,
    repeatable: bool = True,
) -> Any:
    """Ask for a permission. Reads open a reading transaction, other methods a writing one, unless ``writes`` says."""
    return params.Depends(Access(permission, door or steps, writes, steps, repeatable and not steps))


def public(*, writes: bool | None = None, steps: bool = False) -> Any:
    """Mark an operation that needs no caller: sign-in, refresh, token. It gets the credentials door only."""
    return params.Depends(Access(None, door=True, writes=writes, steps=steps, repeatable=False))


class Principals:
    """Verified callers, each kept for at most one second: then session, user, client and assignment are asked again."""

    def __init__(self, database: Database, tokens: TokenModule) -> None:
        self._database = database
        self._tokens = tokens
        self._known: OrderedDict[str, tuple[float, Scope]] = OrderedDict()
        self.nobody = scope_of(NOBODY, database.dialect)

    async def scope_for(self, request: Request) -> Scope:
        """Give the scope of the caller of a request.

        Raises:
            UnauthenticatedError: no token, a bad one (which never reaches the database), or one whose session,
                user, client or assignment has ended.
        """
        header = header_of(request, b"authorization") or ""
        if header[:7].lower() != "bearer ":
            raise UnauthenticatedError
        token = header[7:]
        tick = time.monotonic()
        known = self._known.get(token)
        if known is not None and tick < known[0]:
            return known[1]
        now = time.time()
        try:
            claims = self._tokens.verify(token, int(now))
        except TokenError:
            raise UnauthenticatedError from None
        scope = await self._asked(claims)
        # Callers that came together must not all be asked about together again a second later, and the next.
        lifetime = PRINCIPAL_SECONDS * (1 - SPREAD * random())  # noqa: S311 - no secret
        self._known[token] = tick + min(lifetime, claims.exp - now), scope
        if len(self._known) > _MOST_PRINCIPALS:
            self._known.popitem(last=False)
        return scope

    async def _asked(self, claims: AccessClaims) -> Scope:
        grant = grant_of(claims)
        session, transaction = await self._database.begin(self.nobody, write=False, door=True)
        try:
            actor = await actor_for(session, grant)
        finally:
            transaction.release()
        return scope_of(actor, self._database.dialect)


MACHINE_ASSIGNMENT = "machine"


def grant_of(claims: AccessClaims) -> Grant:
    """Read a verified token's claims as a grant. Machines carry scopes, people an empty scope."""
    is_machine = claims.assignment_id == MACHINE_ASSIGNMENT
    return Grant(
        session_id=claims.sid,
        subject_id=claims.sub,
        assignment_id=claims.assignment_id,
        role=claims.role,
        place=claims.place,
        scopes=frozenset(claims.scope.split()) if is_machine else None,
        version=claims.ver,
    )
