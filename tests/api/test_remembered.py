"""Readings of query strings are remembered, but never what names a person, and never without end."""

from api import remembered
from api.remembered import Remembered


def readings(*queries: bytes) -> int:
    """Count how often a query was really read."""
    kept: Remembered[bytes] = Remembered()
    read: list[bytes] = []

    def reader(query: bytes) -> bytes:
        read.append(query)
        return query

    for query in queries:
        assert kept.of(query, lambda query=query: reader(query)) == query  # type: ignore[misc]
    assert len(kept._known) <= remembered._MOST
    return len(read)


def test_the_same_query_is_read_once() -> None:
    assert readings(b"month=2026-04", b"month=2026-04", b"month=2026-05") == 2


def test_a_search_a_cursor_and_a_long_query_are_read_every_time() -> None:
    for query in (b"q=%E5%B1%B1%E7%94%B0", b"limit=5&cursor=abc", b"changed_after=start", b"x=" + b"1" * 400):
        assert readings(query, query) == 2


def test_the_oldest_is_forgotten() -> None:
    queries = [b"limit=%d" % number for number in range(remembered._MOST + 1)]
    assert readings(*queries, queries[-1], queries[0]) == len(queries) + 1
