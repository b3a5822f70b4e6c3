"""What was read from the same query string before: dashboards and scripts ask the same again and again."""

from collections.abc import Callable
from typing import Generic, TypeVar

Read = TypeVar("Read")

_LONGEST = 300
_MOST = 128
# A search may name a person, and a cursor is used once: neither is worth keeping.
_NEVER = (b"q=", b"cursor=", b"after=")


class Remembered(Generic[Read]):
    """The last readings of one operation's queries, by their exact bytes. Nobody changes a reading."""

    def __init__(self) -> None:
        self._known: dict[bytes, Read] = {}

    def of(self, query: bytes, read: Callable[[], Read]) -> Read:
        """Give the reading of a query; a refused one is read, and refused, every time."""
        known = self._known.get(query)
        if known is not None:
            return known
        found = read()
        if len(query) <= _LONGEST and not any(word in query for word in _NEVER):
            if len(self._known) >= _MOST:
                del self._known[next(iter(self._known))]
            self._known[query] = found
        return found
