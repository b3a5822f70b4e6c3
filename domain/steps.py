"""Steps: the transactions of one request that needs several, one after another.

Signing in counts a try, thinks for a tenth of a second, then stores a session or a refusal. What an earlier step has
stored must stay whatever the answer will be, and no transaction may wait while a password is hashed.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from domain.access import Actor
from domain.database import Database, Scope, Session, commit, scope_of


class Steps:
    """Opens transactions through the credentials door for one request; never two at a time."""

    __slots__ = ("_database", "_request_id", "_scope")

    def __init__(self, database: Database, scope: Scope, request_id: str) -> None:
        self._database = database
        self._scope = scope
        self._request_id = request_id

    @property
    def caller(self) -> Actor:
        """Who makes the request; nobody, before a sign-in."""
        return self._scope.actor

    def read(self, actor: Actor | None = None) -> AbstractAsyncContextManager[Session]:
        """Open a reading transaction, as the caller or as who the caller has proved to be."""
        return self._step(actor, write=False)

    def write(self, actor: Actor | None = None) -> AbstractAsyncContextManager[Session]:
        """Open a writing transaction, committed at the end of the block unless the block raises."""
        return self._step(actor, write=True)

    @asynccontextmanager
    async def _step(self, actor: Actor | None, *, write: bool) -> AsyncIterator[Session]:
        scope = self._scope if actor is None else scope_of(actor, self._database.dialect)
        session, transaction = await self._database.begin(scope, write=write, door=True, request_id=self._request_id)
        try:
            yield session
            if write:
                await commit(transaction)
        finally:
            transaction.release()
