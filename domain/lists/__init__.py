"""Lists with free filters, sorts and paging: declared once per area, narrowed at import, compiled once per shape.

A ``Listing`` says which columns may be filtered, searched and sorted; a ``ListRequest`` is what one caller asks.
Paging is by key, never by page number: rows that change in between are neither skipped nor repeated.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import and_, bindparam, func, or_, select, tuple_
from sqlalchemy.sql.selectable import Select

from domain.database import Row, Session
from domain.folding import folded
from domain.lists.cursors import cursor_refused, decoded, encoded, key_value, opened, sealed
from domain.lists.filters import MOST_PERIODS, UPDATED_SINCE, Filter, FilterKind, Search, updated_since
from domain.statements import Horizon, Query, as_it_is, within_credentials, within_reach
from domain.statements.columns import Big
from domain.statements.lines import line_of

LARGEST_PAGE = 200
STREAM_PAGE = 500
_SHAPES = 256
_SYNC_KEYS = ("key_changed_tx", "key_id")


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What a caller asks of a list.

    ``filters`` holds parsed values by parameter name; ``sort`` names with a leading ``-`` for descending;
    ``after`` is the key of the last row seen. ``changed_after`` switches to sync order. ``parameters`` are what the
    caller wrote, for the way to the next page.
    """

    filters: Mapping[str, Any] = field(default_factory=dict)
    sort: tuple[str, ...] = ()
    limit: int = 50
    after: str | None = None
    search: str | None = None
    count: bool = False
    fields: tuple[str, ...] = ()
    changed_after: str | None = None
    include_deleted: bool = False
    format: Literal["json", "csv", "ndjson", "ics"] = "json"
    charset: Literal["utf-8", "cp932"] = "utf-8"
    replace: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its rows, the cursor of the next one (None at the end), and the count where it was asked.

    ``lines`` are the rows as JSON instead, where that was asked.
    """

    rows: list[Row]
    next_cursor: str | None
    count: int | None
    lines: list[bytes] | None = None


class Listing:
    """A list of an area.

    ``statement`` selects columns under the names the wire uses. ``sorts`` maps sort names to NOT NULL columns; the
    key ``id`` must be among them and is always the last tie-break. ``changed`` and ``deleted`` are the columns that
    sync reads; a list without them cannot be synced. Whoever selects ``updated_at`` can be asked by it.

    ``sight`` makes it a list behind the credentials door: no reach narrows the statement, which carries a predicate
    of its own, and ``sight`` gives that predicate's parameters for the caller.
    """

    def __init__(  # noqa: PLR0913 - what a list can be asked
        self,
        name: str,
        statement: Select[Any],
        *,
        filters: Mapping[str, Filter],
        sorts: Mapping[str, Any],
        default_sort: tuple[str, ...],
        search: Search | Any | None = None,
        changed: Any | None = None,
        deleted: Any | None = None,
        sight: Callable[[Session], Mapping[str, Any]] | None = None,
    ) -> None:
        self.name = name
        self.filters = dict(filters)
        stamp = statement.selected_columns.get("updated_at")
        if stamp is not None:
            self.filters[UPDATED_SINCE] = updated_since(stamp)
        self.sorts = dict(sorts)
        self.default_sort = default_sort
        self.search = search if search is None or isinstance(search, Search) else Search((search,))
        self.changed = changed
        self.deleted = deleted
        self.needs_door = sight is not None
        self._sight = sight
        self._statement: Any = (within_credentials if self.needs_door else within_reach)(statement).narrowed()
        self._shapes: dict[tuple[Any, ...], Query] = {}

    def _ordered(self, request: ListRequest) -> list[tuple[str, bool]]:
        asked = request.sort or self.default_sort
        order = [(name.removeprefix("-"), name.startswith("-")) for name in asked]
        if "id" not in (name for name, _ in order):
            order.append(("id", order[-1][1] if order else False))
        return order

    def _query(self, request: ListRequest, *, counting: bool = False, in_lines: bool = False) -> Query:
        syncing = request.changed_after is not None
        order = [] if syncing else self._ordered(request)
        has_key = request.after is not None
        key = (
            frozenset((name, self.filters[name].is_one(value)) for name, value in request.filters.items()),
            tuple(order),
            has_key,
            len(self._words(request)),
            syncing,
            request.include_deleted,
            counting,
            in_lines,
        )
        query = self._shapes.get(key)
        if query is None:
            shaped = self._shaped(request, order, has_key=has_key, counting=counting, in_lines=in_lines)
            query = Query(shaped, as_it_is, needs_door=self.needs_door)
            if len(self._shapes) >= _SHAPES:
                self._shapes.pop(next(iter(self._shapes)))
            self._shapes[key] = query
        return query

    def _shaped(
        self, request: ListRequest, order: list[tuple[str, bool]], *, has_key: bool, counting: bool, in_lines: bool
    ) -> Any:
        statement = self._statement
        if in_lines:
            line = line_of(statement).label("line")
            statement = _plain(statement.with_only_columns(line, maintain_column_froms=True))
        if not counting:
            statement = statement.add_columns(*self._key_columns(request, order))
        for name, value in request.filters.items():
            one_filter = self.filters[name]
            statement = statement.where(one_filter.clause(name, is_one=one_filter.is_one(value)))
        words = self._words(request)
        if words and self.search is not None:
            statement = statement.where(self.search.clause(len(words)))
        if self.deleted is not None and not request.include_deleted:
            statement = statement.where(self.deleted.is_(None))
        if counting:
            counted = _plain(statement.with_only_columns(self.sorts["id"], maintain_column_froms=True)).subquery()
            return _plain(select(func.count().label("count")).select_from(counted))
        if request.changed_after is not None:
            tx, row = (
                bindparam("k_tx", type_=Big(), required=True),
                bindparam("k_id", type_=self.sorts["id"].type, required=True),
            )
            key = tuple_(self.changed, self.sorts["id"])
            statement = statement.where(key > tuple_(tx, row), self.changed < Horizon())
            statement = statement.order_by(self.changed, self.sorts["id"])
        else:
            if has_key:
                statement = statement.where(self._beyond(order))
            statement = statement.order_by(
                *(self.sorts[name].desc() if down else self.sorts[name].asc() for name, down in order)
            )
        return _plain(statement.limit(bindparam("f_limit", type_=Big(), required=True)))

    def _key_columns(self, request: ListRequest, order: list[tuple[str, bool]]) -> list[Any]:
        """Give the columns that a page's cursor is made of; they stand behind those of the wire."""
        if request.changed_after is not None and self.changed is not None:
            return [self.changed.label("key_changed_tx"), self.sorts["id"].label("key_id")]
        return [self.sorts[name].label(f"key_{name}") for name, _ in order]

    def _beyond(self, order: list[tuple[str, bool]]) -> Any:
        columns = [self.sorts[name] for name, _ in order]
        binds = [bindparam(f"k_{i}", type_=column.type, required=True) for i, column in enumerate(columns)]
        if len({down for _, down in order}) == 1:
            left, right = tuple_(*columns), tuple_(*binds)
            return left < right if order[0][1] else left > right
        steps = []
        for i, (_, down) in enumerate(order):
            last = columns[i] < binds[i] if down else columns[i] > binds[i]
            steps.append(and_(*(c == b for c, b in zip(columns[:i], binds[:i], strict=True)), last))
        return or_(*steps)

    def _values(self, session: Session, request: ListRequest) -> dict[str, Any]:
        values: dict[str, Any] = {} if self._sight is None else dict(self._sight(session))
        for name, value in request.filters.items():
            values |= self.filters[name].values(name, value)
        if request.search is not None:
            values |= {f"f_q_{place}": Search.pattern(word) for place, word in enumerate(self._words(request))}
        return values

    def _words(self, request: ListRequest) -> list[str]:
        """Give the words that are searched for, each once, as the columns spell them."""
        if request.search is None or self.search is None:
            return []
        spelled = self.search.spelled or folded
        return list(dict.fromkeys(spelled(word) for word in request.search.split()))

    def _key_values(self, session: Session, request: ListRequest) -> dict[str, Any]:
        if request.changed_after is not None:
            if request.changed_after == "start":
                return {"k_tx": -1, "k_id": "00000000-0000-0000-0000-000000000000"}
            parts = decoded(request.changed_after, "changed_after")
            if len(parts) != 2:
                raise cursor_refused("changed_after")
            try:
                return {"k_tx": key_value(Big(), parts[0]), "k_id": key_value(self.sorts["id"].type, parts[1])}
            except (ValueError, TypeError):
                raise cursor_refused("changed_after") from None
        if request.after is None:
            return {}
        order = self._ordered(request)
        parts = opened(session.seal, request.after, self.name)
        if len(parts) != len(order) + 1 or parts[0] != ",".join(("-" if d else "") + n for n, d in order):
            raise cursor_refused("cursor")
        values: dict[str, Any] = {}
        for i, (name, _) in enumerate(order):
            try:
                values[f"k_{i}"] = key_value(self.sorts[name].type, parts[i + 1])
            except (ValueError, TypeError):
                raise cursor_refused("cursor") from None
        return values

    async def page(
        self, session: Session, request: ListRequest, *, most: int = LARGEST_PAGE, in_lines: bool = False
    ) -> Page:
        """Give one page within the caller's reach; ``in_lines``, its rows are JSON already.

        Raises:
            RuleError: a cursor of another list or sort order.
        """
        limit = min(request.limit, most)
        values = self._values(session, request)
        query = self._query(request, in_lines=in_lines)
        rows = await session.rows(query, **values, **self._key_values(session, request), f_limit=limit + 1)
        count = None
        if request.count:
            count = (await session.one(self._query(request, counting=True), **values))["count"]
        more = len(rows) > limit
        rows = rows[:limit]
        cursor = self._cursor(session, request, rows, more=more)
        if in_lines:
            return Page([], cursor, count, [row["line"] for row in rows])
        syncing = request.changed_after is not None
        keys = _SYNC_KEYS if syncing else [f"key_{name}" for name, _ in self._ordered(request)]
        for row in rows:
            for key in keys:
                del row[key]
        return Page(rows, cursor, count)

    def _cursor(self, session: Session, request: ListRequest, rows: list[Row], *, more: bool) -> str | None:
        if request.changed_after is not None:
            # A sync never ends: its last cursor is where the next one starts.
            return encoded([rows[-1]["key_changed_tx"], rows[-1]["key_id"]]) if rows else request.changed_after
        if not more:
            return None
        order = self._ordered(request)
        shape = ",".join(("-" if down else "") + name for name, down in order)
        return sealed(session.seal, [shape, *(rows[-1][f"key_{name}"] for name, _ in order)], self.name)


def _plain(statement: Any) -> Any:
    """Keep the ORM plugin off: the columns added after narrowing would switch it on again."""
    statement._propagate_attrs = {}
    return statement


Enrich = Callable[[Session, list[Row]], Awaitable[list[Row]]]
"""Adds what a page of rows needs besides its own columns, in a fixed number of queries."""

__all__ = [
    "MOST_PERIODS", "Enrich", "Filter", "FilterKind", "ListRequest", "Listing", "Page", "Search",
    "cursor_refused", "decoded", "encoded", "sealed",
]  # fmt: skip
