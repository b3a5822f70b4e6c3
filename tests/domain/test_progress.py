"""The arithmetic of pace, by tables: boundary days, leap days, moved activities, rhythms."""

from datetime import date

import pytest

from domain import fiscal
from domain.plans.lead_times import Lead, is_soon, lead_starts_on, prepared_for
from domain.plans.progress import Held, Pace, Window, Year, fixed_windows, in_year, last_possible_month, pace_of
from domain.plans.rhythms import Interval, Rhythm, rolling

FY2026 = Year(date(2026, 4, 1), date(2027, 3, 31))
FY2027 = Year(date(2027, 4, 1), date(2028, 3, 31))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("on", "minimum", "due"),
    [
        ("2026-03-31", 3, 0),
        ("2026-04-01", 3, 0),
        ("2026-07-31", 3, 0),
        ("2026-08-01", 3, 1),
        ("2026-11-30", 3, 1),
        ("2026-12-01", 3, 2),
        ("2027-03-31", 3, 2),
        ("2027-04-01", 3, 3),
        ("2030-01-01", 3, 3),
        ("2026-09-30", 2, 0),
        ("2026-10-01", 2, 1),
        ("2027-03-31", 1, 0),
        ("2027-04-01", 1, 1),
        ("2026-04-30", 12, 0),
        ("2026-05-01", 12, 1),
        ("2026-05-01", 24, 2),
    ],
)
def test_n_in_the_year_falls_due_in_step_with_closed_months(on: str, minimum: int, due: int) -> None:
    assert in_year(minimum, 0, FY2026, day(on)).due_so_far == due


@pytest.mark.parametrize(("on", "closed"), [("2028-02-28", 10), ("2028-02-29", 10), ("2028-03-01", 11)])
def test_a_leap_day_still_belongs_to_its_month(on: str, closed: int) -> None:
    assert len(FY2027.closed(day(on))) == closed
    assert in_year(12, closed - 1, FY2027, day(on)).is_behind
    assert not in_year(12, closed, FY2027, day(on)).is_behind


def test_months_before_the_opening_are_nobodys_debt() -> None:
    half = Year(date(2026, 10, 1), date(2027, 3, 31))
    assert in_year(3, 0, half, day("2026-11-30")).due_so_far == 0
    assert in_year(3, 0, half, day("2026-12-01")).due_so_far == 1
    assert in_year(3, 0, half, day("2027-04-01")).due_so_far == 3


@pytest.mark.parametrize(
    ("minimum", "done", "due_on"),
    [(3, 0, "2026-07-31"), (3, 1, "2026-11-30"), (3, 2, "2027-03-31"), (2, 0, "2026-09-30"), (5, 0, "2026-06-30")],
)
def test_the_next_due_date_is_the_end_of_the_month_that_asks_for_one_more(minimum: int, done: int, due_on: str) -> None:
    standing = in_year(minimum, done, FY2026, day("2026-04-01"))
    assert standing.next_due_on == day(due_on)
    assert in_year(minimum, done, FY2026, day(due_on)).is_behind is False
    assert in_year(minimum, done, FY2026, fiscal.months_after(fiscal.month_of(day(due_on)), 1)).is_behind


def test_a_number_decided_in_the_year_asks_nothing_of_the_months_before() -> None:
    since = day("2026-10-01")
    asked = lambda on: in_year(2, 0, FY2026, day(on), since=since)  # noqa: E731
    first = asked("2026-10-01")
    assert (first.due_so_far, first.is_behind, first.next_due_on) == (0, False, day("2026-12-31"))
    assert [asked(on).due_so_far for on in ("2026-12-31", "2027-01-01", "2027-03-31", "2027-04-01")] == [0, 1, 1, 2]


def test_a_raised_number_keeps_what_was_due_and_spreads_the_rest() -> None:
    since = day("2026-10-15")
    due = [
        in_year(6, 1, FY2026, day(on), since=since, carried=1).due_so_far
        for on in ("2026-10-15", "2026-10-31", "2026-12-01", "2027-01-01", "2027-04-01")
    ]
    assert due == [1, 1, 2, 3, 6]
    short = in_year(6, 0, FY2026, day("2026-10-15"), since=since, carried=1)
    assert (short.is_behind, short.next_due_on) == (True, since)


def test_a_lowered_number_keeps_what_was_due() -> None:
    standing = in_year(3, 1, FY2026, day("2026-10-01"), since=day("2026-10-01"), carried=4)
    assert (standing.due_so_far, standing.is_behind, standing.missing) == (3, True, 2)


def test_nothing_is_due_once_the_year_is_done() -> None:
    standing = in_year(2, 2, FY2026, day("2026-06-01"))
    assert standing.next_due_on is None
    assert standing.is_complete


QUARTERS = tuple(
    Window(day(a), day(b), 1)
    for a, b in [
        ("2026-04-01", "2026-06-30"),
        ("2026-07-01", "2026-09-30"),
        ("2026-10-01", "2026-12-31"),
        ("2027-01-01", "2027-03-31"),
    ]
)


@pytest.mark.parametrize(
    ("held", "on", "behind", "next_due"),
    [
        ([], "2026-06-30", False, "2026-06-30"),
        ([], "2026-07-01", True, "2026-09-30"),
        (["2026-04-01"], "2026-07-01", False, "2026-09-30"),
        (["2026-06-30", "2026-07-01"], "2026-10-01", False, "2026-12-31"),
        (["2026-04-10", "2026-04-20", "2026-05-10", "2026-06-10"], "2026-10-01", True, "2026-12-31"),
        (["2026-05-01", "2026-08-01", "2026-11-01", "2027-03-31"], "2027-04-01", False, None),
    ],
)
def test_each_quarter_asks_for_its_own(held: list[str], on: str, behind: bool, next_due: str | None) -> None:
    standing = fixed_windows([(QUARTERS, [Held(day(one)) for one in held])], FY2026, day(on))
    assert standing.is_behind is behind
    assert standing.next_due_on == (day(next_due) if next_due else None)


THURSDAYS = (Window(day("2026-06-18"), day("2026-06-25"), 1), Window(day("2026-08-20"), day("2026-08-27"), 1))


@pytest.mark.parametrize(
    ("held", "missed"),
    [
        ([Held(day("2026-06-25"))], 0),
        ([Held(day("2026-06-03"))], 0),
        ([Held(day("2026-07-02"), planned_on=day("2026-06-18"))], 0),
        ([Held(day("2026-07-02"))], 1),
        ([Held(day("2026-08-05"), planned_on=day("2026-08-20"))], 1),
    ],
)
def test_a_moved_date_is_matched_to_its_slot_and_not_missed(held: list[Held], missed: int) -> None:
    standing = fixed_windows([(THURSDAYS, held)], FY2026, day("2026-08-01"))
    assert len(standing.missed) == missed


OCTOBER, NOVEMBER = Window(day("2026-10-01"), day("2026-10-31"), 2), Window(day("2026-11-01"), day("2026-11-30"), 2)
MOVED = Held(day("2026-11-02"), planned_on=day("2026-10-30"))


@pytest.mark.parametrize(
    ("october", "november", "missed"),
    [
        (["2026-10-15"], ["2026-11-10", "2026-11-20"], ()),
        (["2026-10-15", "2026-10-20"], ["2026-11-10"], ()),
        (["2026-10-15"], ["2026-11-10"], (NOVEMBER,)),
        ([], ["2026-11-10", "2026-11-20"], (OCTOBER,)),
    ],
)
def test_a_moved_sitting_goes_to_the_month_it_was_planned_for_where_that_lacks_one(
    october: list[str], november: list[str], missed: tuple[Window, ...]
) -> None:
    held = sorted([*(Held(day(one)) for one in (*october, *november)), MOVED])
    standing = fixed_windows([((OCTOBER, NOVEMBER), held)], FY2026, day("2026-12-01"))
    assert standing.missed == missed


def test_a_sitting_brought_forward_counts_once() -> None:
    held = [Held(day("2026-10-10")), Held(day("2026-10-28"), planned_on=day("2026-11-05")), Held(day("2026-11-20"))]
    standing = fixed_windows([((OCTOBER, NOVEMBER), held)], FY2026, day("2026-12-01"))
    assert standing.missed == (OCTOBER,), "November has the one planned for it and its own"


def test_one_activity_never_fills_two_windows_of_a_target() -> None:
    tuesdays = (Window(day("2026-05-12"), day("2026-05-12"), 1), Window(day("2026-05-26"), day("2026-05-26"), 1))
    standing = fixed_windows([(tuesdays, [Held(day("2026-05-13"))])], FY2026, day("2026-06-01"))
    assert standing.missed == tuesdays[1:]


def quarterly(start: date = FY2026.first_on) -> Rhythm:
    return Rhythm(Interval(months=3), 1, start, 4)


@pytest.mark.parametrize(
    ("held", "on", "behind", "next_due"),
    [
        ([], "2026-07-01", False, "2026-07-01"),
        ([], "2026-07-02", True, "2026-07-01"),
        (["2026-06-10"], "2026-09-10", False, "2026-09-10"),
        (["2026-06-10"], "2026-09-11", True, "2026-09-10"),
        (["2026-06-10", "2026-11-30"], "2027-02-28", False, "2027-02-28"),
        (["2026-06-10", "2026-11-30"], "2027-03-01", True, "2027-02-28"),
        (["2026-04-10", "2026-07-10", "2026-10-10", "2027-01-10"], "2027-03-31", False, None),
    ],
)
def test_a_rhythm_counts_from_the_last_one_held(held: list[str], on: str, behind: bool, next_due: str | None) -> None:
    standing = rolling(quarterly(), [Held(day(one)) for one in held], FY2026, day(on))
    assert standing.is_behind is behind
    assert standing.next_due_on == (day(next_due) if next_due else None)


def test_a_rhythm_that_missed_its_number_is_behind_once_the_year_has_ended() -> None:
    held = [Held(day(one)) for one in ("2026-07-01", "2026-10-01", "2027-01-01")]
    assert not rolling(quarterly(), held, FY2026, day("2027-03-31")).is_behind
    assert rolling(quarterly(), held, FY2026, day("2027-04-01")).is_behind
    assert rolling(quarterly(), held, FY2026, day("2027-04-01")).due_so_far == 4


TWO_MONTHS = Rhythm(Interval(months=2), 1, FY2026.first_on, 6)
HALF_YEAR = Rhythm(Interval(months=6), 1, FY2026.first_on, 2)


def test_a_rhythm_goes_on_from_the_last_one_of_the_year_before() -> None:
    earlier = [Held(day("2026-01-20")), Held(day("2026-03-18"))]
    first = rolling(TWO_MONTHS, [], FY2026, day("2026-04-01"), earlier)
    assert (first.next_due_on, first.is_behind, first.due_so_far) == (day("2026-05-18"), False, 0)
    assert not rolling(TWO_MONTHS, [], FY2026, day("2026-05-18"), earlier).is_behind
    late = rolling(TWO_MONTHS, [], FY2026, day("2026-05-19"), earlier)
    assert (late.is_behind, late.due_so_far) == (True, 1)
    assert rolling(HALF_YEAR, [], FY2026, day("2026-04-01"), [Held(day("2026-03-20"))]).next_due_on == day("2026-09-20")
    held = rolling(TWO_MONTHS, [Held(day("2026-04-10"))], FY2026, day("2026-04-10"), earlier)
    assert held.next_due_on == day("2026-06-10")


def test_what_was_overdue_before_the_year_is_due_at_its_start() -> None:
    standing = rolling(TWO_MONTHS, [], FY2026, day("2026-04-01"), [Held(day("2025-08-01"))])
    assert (standing.next_due_on, standing.is_behind, standing.due_so_far) == (day("2025-10-01"), True, 1)


@pytest.mark.parametrize("on", ["2026-10-02", "2027-02-28", "2027-03-31"])
def test_what_a_rhythm_still_lacks_is_due_by_the_end_of_the_year(on: str) -> None:
    standing = rolling(HALF_YEAR, [Held(day("2026-10-01"))], FY2026, day(on))
    assert (standing.next_due_on, standing.deadline, standing.missing) == (FY2026.last_on, FY2026.last_on, 1)
    assert (standing.is_behind, standing.is_complete) == (False, False)


def test_a_rhythm_that_has_its_number_is_complete_when_the_next_one_lies_beyond_the_year() -> None:
    standing = rolling(HALF_YEAR, [Held(day("2026-08-01")), Held(day("2026-12-01"))], FY2026, day("2026-12-02"))
    assert (standing.next_due_on, standing.missing, standing.is_complete) == (None, 0, True)


def test_an_interval_from_the_end_of_august_ends_with_a_leap_february() -> None:
    assert Interval(months=6).after(day("2027-08-31")) == day("2028-02-29")
    assert Interval(months=6).after(day("2026-08-31")) == day("2027-02-28")


@pytest.mark.parametrize(
    ("due_on", "on", "months", "soon"),
    [
        ("2026-07-31", "2026-06-30", None, False),
        ("2026-07-31", "2026-07-01", None, True),
        ("2026-07-31", "2026-07-31", None, True),
        ("2026-07-31", "2026-08-01", None, False),
        ("2026-07-31", "2026-04-15", 3, False),
        ("2026-07-31", "2026-04-16", 3, True),
        ("2026-07-31", "2026-05-20", 3, True),
        ("2026-07-31", "2026-07-20", 3, True),
        ("2026-07-31", "2026-08-01", 3, False),
    ],
)
def test_due_soon_is_thirty_days_or_a_lead_time_within_fourteen(
    due_on: str, on: str, months: int | None, soon: bool
) -> None:
    leads = [] if months is None else [Lead(lead_starts_on(day(due_on), months), day(due_on))]
    assert is_soon(day(due_on), day(on), leads) is soon


@pytest.mark.parametrize(
    ("due_on", "planned", "on", "found"),
    [
        ("2027-03-31", [], "2026-12-17", "2027-03-31"),
        ("2027-03-31", ["2026-12-01", "2027-03-10"], "2026-12-17", "2027-03-10"),
        ("2026-09-30", ["2027-03-10"], "2026-06-16", "2026-09-30"),
        ("2026-09-30", ["2027-03-10"], "2026-10-01", "2027-03-10"),
        (None, ["2027-03-10"], "2026-10-01", "2027-03-10"),
        (None, ["2026-09-10"], "2026-10-01", None),
    ],
)
def test_what_is_planned_is_prepared_for_else_what_is_due(
    due_on: str | None, planned: list[str], on: str, found: str | None
) -> None:
    prepared = prepared_for(day(due_on) if due_on else None, [day(one) for one in planned], day(on))
    assert prepared == (day(found) if found else None)


def test_a_lead_time_of_three_months_ends_with_a_short_month() -> None:
    assert lead_starts_on(day("2026-05-31"), 3) == day("2026-02-28")


@pytest.mark.parametrize(
    ("done", "maximum", "pace"),
    [
        (0, None, Pace.BEHIND),
        (1, None, Pace.ON_TRACK),
        (2, 2, Pace.ACHIEVED),
        (3, 2, Pace.EXCEEDED),
        (3, None, Pace.ACHIEVED),
    ],
)
def test_only_a_maximum_can_be_exceeded(done: int, maximum: int | None, pace: Pace) -> None:
    standing = in_year(2, done, FY2026, day("2026-10-01"))
    assert pace_of(standing, 2, maximum, done, is_soon=False) is pace


def test_the_last_possible_month_leaves_out_months_without_an_open_day() -> None:
    closed_march = lambda one: one.month != 3  # noqa: E731
    assert last_possible_month(FY2026.last_on, 1, closed_march, FY2026.first_on) == day("2027-02-01")
    assert last_possible_month(FY2026.last_on, 30, closed_march, FY2026.first_on) == day("2027-01-01")
    assert last_possible_month(FY2026.last_on, 0, closed_march, FY2026.first_on) is None
    assert last_possible_month(FY2026.last_on, 1, lambda _one: False, FY2026.first_on) is None
