"""Targets of a plan item over time: what was planned, then each revision from its day on.

Which target governs a day: the last one whose effective day is not later. The requirement of the year is that of the
target in force on the asked day; a window that had closed keeps the target that was in force on its last day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import orjson

from domain import fiscal
from domain.frequency import (
    COUNTABLE,
    Kind,
    Reading,
    maximum_in_year,
    minimum_in_year,
    occurrences_in,
    window_policy_of,
)
from domain.opening_days import Calendar
from domain.plans.progress import Window


@dataclass(frozen=True, slots=True)
class Target:
    """A target from a day on. ``required`` null: no number follows; ``policy`` null: nothing falls due."""

    from_on: date
    text: str | None
    reading: Reading | None
    policy: str | None
    required: int | None
    maximum: int | None

    @property
    def kind(self) -> Kind | None:
        """The kind of its reading; null where the item has no target in this year."""
        return self.reading.kind if self.reading else None

    @property
    def needs_decision(self) -> bool:
        """Whether a number is wanted and not there: 未定, or a countable frequency that names none."""
        return self.kind is Kind.UNDETERMINED or (self.kind in COUNTABLE and self.required is None)


@lru_cache(maxsize=1024)
def _reading(document: bytes) -> Reading:
    return Reading.from_json(orjson.loads(document))


def reading_from(document: Any) -> Reading | None:
    """Read a stored reading; the same reading is the same object."""
    return None if document is None else _reading(orjson.dumps(document))


def target_of(item: Mapping[str, Any]) -> Target:
    """Give what an item was planned with."""
    return Target(
        item["starts_on"],
        item["target_text"],
        reading_from(item["target_reading"]),
        item["window_policy"],
        item["required_in_year"],
        item["maximum_in_year"],
    )


def required_of(reading: Reading, fiscal_year: int, operation_year: int, calendar: Calendar) -> int | None:
    """Give the requirement of a year: the least number of the reading, less the windows that closed days leave out.

    Every Monday is 52 by its words, and 42 where ten Mondays are closed.
    """
    required = minimum_in_year(reading, operation_year)
    if required is None or policy_of(reading) != "fixed_windows":
        return required
    return min(required, sum(window.minimum for window in windows_in(reading, fiscal_year, operation_year, calendar)))


def target_read(text: str, reading: Reading, from_on: date, operation_year: int) -> Target:
    """Make the target of a text and its reading in an operation year."""
    return Target(
        from_on,
        text,
        reading,
        policy_of(reading),
        minimum_in_year(reading, operation_year),
        maximum_in_year(reading, operation_year),
    )


def policy_of(reading: Reading) -> str | None:
    """Name the window policy of a reading; null where nothing falls due."""
    return window_policy_of(reading)


def targets_on(
    item: Mapping[str, Any], revisions: Sequence[Mapping[str, Any]], on: date, operation_year: int
) -> tuple[Target, ...]:
    """List the targets that have held from the start to ``on``; the last one is in force.

    ``revisions`` stand in order of their effective days; later ones do not exist yet on that day.
    """
    found = [target_of(item)]
    for revision in revisions:
        if revision["effective_on"] > on:
            break
        reading = reading_from(revision["to_reading"])
        if reading is not None:
            found.append(target_read(revision["to_text"], reading, revision["effective_on"], operation_year))
    return tuple(found)


def in_force(item: Mapping[str, Any], revisions: Sequence[Mapping[str, Any]], on: date, operation_year: int) -> Target:
    """Give the target in force on a day."""
    return targets_on(item, revisions, on, operation_year)[-1]


@lru_cache(maxsize=2048)
def windows_in(reading: Reading, fiscal_year: int, operation_year: int, calendar: Calendar) -> tuple[Window, ...]:
    """List the windows of a reading in a fiscal year, in order."""
    found = occurrences_in(reading, fiscal_year, calendar, operation_year=operation_year)
    return tuple(Window(one.from_on, one.to_on, one.minimum) for one in found)


def windows_under(
    targets: Sequence[Target], fiscal_year: int, operation_year: int, calendar: Calendar, opened_on: date
) -> list[tuple[Window, ...]]:
    """List the windows of each target that holds one after another: those that end while it is in force.

    Windows that had ended before the centre opened are left out; a target without windows has none.
    """
    found: list[tuple[Window, ...]] = []
    for index, target in enumerate(targets):
        following = targets[index + 1].from_on if index + 1 < len(targets) else None
        until = following - timedelta(days=1) if following else fiscal.last_day(fiscal_year)
        since = max(target.from_on, opened_on)
        if target.reading is None or target.policy != "fixed_windows":
            found.append(())
            continue
        windows = windows_in(target.reading, fiscal_year, operation_year, calendar)
        found.append(tuple(window for window in windows if since <= window.to_on <= until))
    return found
