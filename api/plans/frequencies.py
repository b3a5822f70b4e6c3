"""Frequencies (回数): how a text such as 2月に1回 or 偶数月第3または第4木曜日 is read."""

from datetime import date
from typing import Annotated

from pydantic import Field

from api.access import allow
from api.answers import Answer, document
from api.operations import area
from api.problems import problems
from api.shapes import Incoming, Shape, Uuid, text
from domain.access import Permission
from domain.database import Session
from domain.errors import missing_at
from domain.frequency.reading import Reading
from domain.plans import frequency_previews

router = area("frequencies")

Words = Annotated[str, text(200)]


class FrequencyIn(Incoming):
    """A text to be read."""

    text: Words = Field(
        description="The text as written (回数の原文).", examples=["2月に1回", "初年度 年2回 2年目～ 年3回"]
    )
    fiscal_year: Annotated[int, Field(ge=1990, le=2199)] | None = Field(
        default=None, description="Fiscal year of the occurrences; left out: the present one (年度)."
    )
    operation_year: Annotated[int, Field(ge=1, le=99)] | None = Field(
        default=None, description="Year of operation, which decides among phases (何年目)."
    )
    centre_id: Uuid | None = Field(
        default=None, description="Centre whose opening days count; left out: Monday to Friday (センター)."
    )


class Candidate(Shape):
    """One of several values in a text (候補)."""

    from_year: int | None = Field(description="First operation year; null: not said.")
    to_year: int | None = Field(description="Last operation year; null: not said.")
    reading: Reading = Field(description="The reading (読み方).")


class OccurrenceOut(Shape):
    """A day, or days within which it falls due (期限となる期間)."""

    from_: date = Field(alias="from", description="First day.")
    to: date = Field(description="Last day.")
    minimum: int = Field(description="How many at least (最低回数).")


class FrequencyOut(Shape):
    """How a text was read."""

    text: str = Field(description="The text as sent (原文).")
    reading: Reading = Field(description="The reading; kind `not_a_frequency` where it is none (読み方).")
    min_per_fiscal_year: int | None = Field(description="Least number in a fiscal year (年間の最低回数).", examples=[6])
    min_by_operation_year: dict[str, int | None] | None = Field(
        description="The same by operation year, for texts with phases (年次別の最低回数)."
    )
    candidates: list[Candidate] = Field(description="Values of a text that holds several; a person chooses (候補).")
    window_policy: str | None = Field(description="in_year, fixed_windows or rolling; null: nothing falls due.")
    judgment: bool = Field(description="Another reading is defensible; look at it (確認が必要).")
    per_unit: str | None = Field(description="What a count is for each of, e.g. 全事業所 (1回の単位).")
    sub_quotas: list[str] = Field(description="Parts with a theme of their own (内数).")
    explanation_ja: str = Field(description="Explanation in Japanese (説明).")
    fiscal_year: int = Field(description="Fiscal year of the occurrences (年度).")
    label_ja: str = Field(description="Its label.")
    operation_year: int | None = Field(description="Year of operation used (何年目).")
    occurrences: list[OccurrenceOut] = Field(description="When it falls due in the fiscal year (期限).")


@router.post(":parse", response_model=FrequencyOut, responses=problems(404))
async def parse_frequency(
    session: Annotated[Session, allow(Permission.FREQUENCIES_PARSE, writes=False)], body: FrequencyIn
) -> Answer:
    """Preview how a frequency text is read; nothing is stored (回数の読み取り)."""
    with missing_at("centre_id"):
        return document(await frequency_previews.preview_of(session, **body.model_dump()))
