"""Preview of a frequency text (回数の読み取り): how it is read, what follows from it, and when it would fall due.

Changes nothing; the occurrences keep to the opening days of a centre where one is named.
"""

from domain import fiscal
from domain.database import Row, Session
from domain.frequency import Kind, Phase, explain_ja, occurrences_in, parse, phase_in_year, window_policy_of
from domain.opening_days import Calendar
from domain.places.centre_calendar import calendar_for
from domain.places.centres import centre_for


async def preview_of(
    session: Session,
    text: str,
    *,
    fiscal_year: int | None = None,
    operation_year: int | None = None,
    centre_id: str | None = None,
) -> Row:
    """Read a frequency text for a fiscal year, the present one where none is named.

    With a centre the operation year follows from its opening, unless it is named. A text that is no frequency says so.

    Raises:
        NotFoundError: the centre is outside reach.
    """
    year = fiscal_year or fiscal.fiscal_year_of(session.today)
    calendar, opened_in = Calendar(), None
    if centre_id is not None:
        centre = await centre_for(session, centre_id)
        calendar = await calendar_for(session, centre_id, fiscal.first_day(year), fiscal.last_day(year))
        opened_in = fiscal.fiscal_year_of(centre["opened_on"])
        operation_year = operation_year or fiscal.operation_year(centre["opened_on"], year)
    found = parse(text, opening_fiscal_year=opened_in)
    reading, phased = found.reading, found.min_by_operation_year
    needs_year = reading.kind in (Kind.PHASED, Kind.EVERY_N_YEARS) and operation_year is None
    occurrences = () if needs_year else occurrences_in(reading, year, calendar, operation_year=operation_year)
    governing = reading if operation_year is None else phase_in_year(reading, operation_year)
    return {
        "text": text,
        "reading": reading.as_json(),
        "min_per_fiscal_year": found.min_per_fiscal_year,
        "min_by_operation_year": None if phased is None else {str(n): count for n, count in phased.items()},
        "candidates": [candidate_of(one) for one in found.candidates],
        "window_policy": window_policy_of(governing or reading),
        "judgment": found.judgment,
        "per_unit": found.per_unit,
        "sub_quotas": list(found.sub_quotas),
        "explanation_ja": explain_ja(found, year, operation_year),
        "fiscal_year": year,
        "label_ja": fiscal.fiscal_year_label_ja(year),
        "operation_year": operation_year,
        "occurrences": [{"from": one.from_on, "to": one.to_on, "minimum": one.minimum} for one in occurrences],
    }


def candidate_of(phase: Phase) -> Row:
    """Give one of several values as the wire shows it."""
    return {"from_year": phase.from_year, "to_year": phase.to_year, "reading": phase.reading.as_json()}
