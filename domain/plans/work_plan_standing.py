"""The line of one plan item in a progress answer: the arithmetic of ``progress.py`` put to its targets. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from domain import fiscal
from domain.database import Row
from domain.frequency import Kind
from domain.plans.lead_times import Lead, is_soon, lead_starts_on, prepared_for
from domain.plans.progress import (
    PACE_JA,
    Held,
    Pace,
    Standing,
    Window,
    fixed_windows,
    in_year,
    last_possible_month,
    pace_of,
)
from domain.plans.requirements import (
    PlanYear,
    carried_under,
    interval_of,
    needs_decision,
    required_under,
    since,
    times_of,
    windows_under,
)
from domain.plans.rhythms import Rhythm, rolling
from domain.plans.targets import Target

CAN_BE_SILENT = frozenset({Kind.AS_NEEDED, Kind.TIMELY, Kind.CONTINUOUS, Kind.UNDETERMINED})
"""Open-ended kinds whose months without any activity are worth a look; a duty kept by being open has none."""


class HeldWork(NamedTuple):
    """One held activity as progress looks at it."""

    on: date
    planned_on: date | None
    themes: Sequence[str]


@dataclass(slots=True)
class Work:
    """What was done and planned for an item, up to the asked day.

    ``months`` counts held activities by month, ``last_held_on`` is the last day of one, ``evidence`` their ids, the
    latest first. ``held`` are their days and themes, the earliest first, where these are asked for; ``planned`` the
    days of what is planned, and ``earlier`` the last days held in the year before, the earliest first too.
    """

    months: dict[date, int]
    last_held_on: date | None = None
    evidence: list[str] = field(default_factory=list)
    held: list[HeldWork] = field(default_factory=list)
    planned: list[date] = field(default_factory=list)
    earlier: list[date] = field(default_factory=list)

    def in_order(self) -> list[Held]:
        """Give the held ones, earliest first."""
        return [Held(one.on, one.planned_on) for one in self.held]


class Setting(NamedTuple):
    """What all items of a plan are judged by."""

    year: PlanYear
    on: date
    evidence_limit: int


def line_of(item: Mapping[str, Any], targets: Sequence[Target], work: Work, setting: Setting) -> Row:
    """Give the line of an item; ``targets`` are those that have held up to the day, the last one in force."""
    target, on, year = targets[-1], setting.on, setting.year.open
    done = sum(work.months.values())
    fixed_pace = _fixed_pace(item, targets, setting)
    required = required_under(targets, setting.year)
    standing = None
    if fixed_pace is None and required is not None:
        standing = _standing(targets, required, done, work, setting)
    next_due_on = standing.next_due_on if standing else None
    leads = _leads(item, prepared_for(next_due_on, work.planned, on))
    soon = is_soon(next_due_on, on, [Lead(lead["starts_on"], lead["due_on"]) for lead in leads])
    if standing is None or required is None:
        pace = fixed_pace or Pace.NO_TARGET
        if pace is Pace.NOT_STARTED and soon and on >= year.first_on:
            pace = Pace.DUE_SOON
    else:
        pace = (
            Pace.NOT_STARTED if on < year.first_on else pace_of(standing, required, target.maximum, done, is_soon=soon)
        )
    last_month = (
        last_possible_month(standing.deadline, standing.missing, setting.year.calendar.is_open, year.first_on)
        if standing
        else None
    )
    revision = item["revisions"][len(targets) - 2] if len(targets) > 1 else None
    return {
        "item_id": item["id"],
        "code": item["code"],
        "title": item["title"],
        "centre_role": item["centre_role"],
        "target_text": target.text,
        "window_policy": target.policy,
        "done": done,
        "planned": len(work.planned),
        "due_so_far": standing.due_so_far if standing else 0 if required == 0 else None,
        "required_in_year": required,
        "remaining": None if required is None else max(0, required - done),
        "maximum": target.maximum,
        "pace": pace.value,
        "pace_ja": PACE_JA[pace],
        "next_due_on": next_due_on,
        "next_planned_on": next((day for day in work.planned if day >= on), None),
        "last_possible_month": fiscal.month_code(last_month) if last_month else None,
        "last_held_on": work.last_held_on,
        "silent_months": _silent(work, setting) if target.kind in CAN_BE_SILENT else [],
        "missed_windows": [
            {"from": window.from_on, "to": window.to_on, "minimum": window.minimum}
            for window in (standing.missed if standing else _missed_before(targets, work, setting))
        ],
        "sub_quotas": [_sub_quota(quota, work) for quota in item["sub_quotas"]],
        "lead_times": leads,
        "decision_needed": needs_decision(targets, setting.year),
        "reason": revision["reason"] if revision else item["target_reason"],
        "evidence": work.evidence[: setting.evidence_limit],
    }


def _fixed_pace(item: Mapping[str, Any], targets: Sequence[Target], setting: Setting) -> Pace | None:
    """Name the pace where no arithmetic follows; None for a countable target."""
    target, starts = targets[-1], item["starts_in_year"]
    if len(targets) == 1 and starts is not None and starts > setting.year.operation_year:
        return Pace.NOT_STARTED
    if target.kind is Kind.SUSPENDED:
        return Pace.SUSPENDED
    if target.kind is Kind.UNDETERMINED:
        return Pace.UNDETERMINED
    return Pace.NO_TARGET if target.reading is None or target.required is None else None


def _standing(targets: Sequence[Target], required: int, done: int, work: Work, setting: Setting) -> Standing:
    """Judge a countable target by its policy, with what the targets before it left behind."""
    if len(targets) == 1:
        return _standing_alone(targets, required, done, work, setting)
    carried = carried_under(targets, setting.year)
    standing = _standing_alone(targets, required, done, work, setting, since(targets[-1], setting.year), carried)
    missed = _missed_before(targets, work, setting) + standing.missed
    is_short = done < min(carried, required)
    return replace(
        standing,
        missed=missed,
        is_behind=standing.is_behind or bool(missed) or is_short,
        is_complete=standing.is_complete and not missed and not is_short,
    )


def _standing_alone(
    targets: Sequence[Target],
    required: int,
    done: int,
    work: Work,
    setting: Setting,
    begins: date | None = None,
    carried: int = 0,
) -> Standing:
    """Judge the last target by itself; it came into force on ``begins``, when ``carried`` were due already."""
    target, on, year = targets[-1], setting.on, setting.year.open
    if target.policy == "fixed_windows":
        standing = fixed_windows([(windows_under(targets, setting.year)[-1], work.in_order())], year, on)
        return replace(standing, due_so_far=carried + standing.due_so_far) if carried else standing
    interval = interval_of(target)
    if interval is None:
        return in_year(required, done, year, on, since=begins, carried=carried)
    rhythm = Rhythm(interval, times_of(target), begins or year.first_on, required, begins, carried)
    return rolling(rhythm, work.in_order(), year, on, [Held(day) for day in work.earlier])


def _missed_before(targets: Sequence[Target], work: Work, setting: Setting) -> tuple[Window, ...]:
    """List the windows without their minimum that closed under the targets before the one in force."""
    if len(targets) == 1:
        return ()
    windows, held = windows_under(targets, setting.year)[:-1], work.in_order()
    return fixed_windows([(kept, held) for kept in windows], setting.year.open, setting.on).missed


def _silent(work: Work, setting: Setting) -> list[str]:
    """List the closed months in which nothing was held."""
    return [fiscal.month_code(month) for month in setting.year.open.closed(setting.on) if not work.months.get(month)]


def _sub_quota(quota: Mapping[str, Any], work: Work) -> Row:
    """Count what has the theme of a sub-quota; one in words alone cannot be counted (done null)."""
    code = quota["theme_code"]
    done = None if code is None else sum(1 for one in work.held if code in one.themes)
    remaining = None if done is None else max(0, quota["count"] - done)
    return {**quota, "done": done, "remaining": remaining}


def _leads(item: Mapping[str, Any], prepared_on: date | None) -> list[Row]:
    """Say when the preparing must start: before the day to prepare for, or before the item starts in a later year."""
    found = []
    for lead in item["lead_times"]:
        due_on = prepared_on if lead["before"] == "due" else date.fromisoformat(lead["due_on"])
        if due_on is not None:
            found.append(
                {
                    "what": lead["what"],
                    "months_before": lead["months_before"],
                    "starts_on": lead_starts_on(due_on, lead["months_before"]),
                    "due_on": due_on,
                }
            )
    return found
