"""What the ``type`` of a problem points to: a page for each code, in both languages, for programs and for persons."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import Field
from starlette.requests import Request

from api.accepts import accepted
from api.access import public
from api.answers import Answer, document, tag_of
from api.operations import area
from api.problem_codes import CODES
from api.problems import TITLES, problems
from api.shapes import Shape
from domain.errors import NotFoundError
from domain.steps import Steps

router = area("problems", prefix="")

CACHE_CONTROL = "public, max-age=300"


class BothLanguages(Shape):
    """One sentence in Japanese and in English; ``…`` stands where an answer names something of its own."""

    ja: str = Field(description="Japanese (日本語).", examples=["指定されたものは見つかりません。"])
    en: str = Field(description="English (英語).", examples=["There is no such thing."])


class StatusOut(Shape):
    """A status a problem comes with."""

    status: int = Field(description="HTTP status (HTTP ステータス).", examples=[404])
    title: BothLanguages = Field(description="Its title (見出し).")


class ProblemKindOut(Shape):
    """A kind of problem."""

    code: str = Field(description="Stable code for programs, never translated (コード).", examples=["not_found"])
    type: str = Field(description="`type` of the problem: the address of this page.", examples=["/problems/not_found"])
    statuses: list[StatusOut] = Field(
        description="Statuses it comes with; empty where it only names a field in `errors`, or warns (状態コード)."
    )
    details: list[BothLanguages] = Field(description="What is said under this code (説明).")


class ProblemKinds(Shape):
    """Every kind of problem this version can answer with."""

    results: list[ProblemKindOut]


def page_of(code: str) -> dict[str, Any]:
    """Give the page of one code.

    Raises:
        NotFoundError: no answer carries this code.
    """
    if code not in CODES:
        raise NotFoundError
    kind = CODES[code]
    titles = [{"status": s, "title": dict(zip(("ja", "en"), TITLES[s], strict=True))} for s in kind["statuses"]]
    return {"code": code, "type": f"/problems/{code}", "statuses": titles, "details": kind["details"]}


def text_of(page: dict[str, Any]) -> str:
    """Write the page for a person."""
    lines = [page["code"], ""]
    lines += [f"HTTP {entry['status']}  {entry['title']['ja']}  {entry['title']['en']}" for entry in page["statuses"]]
    for language in ("ja", "en"):
        lines += ["", *(detail[language] for detail in page["details"])]
    return "\n".join(lines) + "\n"


@router.get("", response_model=ProblemKinds)
async def list_problems(_steps: Annotated[Steps, public(steps=True)]) -> Answer:
    """List every kind of problem with its code (エラーの種類の一覧)."""
    return _kept(document({"results": [page_of(code) for code in CODES]}))


@router.get(
    "/{code}",
    response_model=ProblemKindOut,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **problems(404)},
)
async def read_problem(
    request: Request,
    _steps: Annotated[Steps, public(steps=True)],
    code: Annotated[str, Path(description="Code of the problem (コード).", examples=["not_found"])],
) -> Answer:
    """Read what a problem code means (エラーの種類). JSON; plain text where text is asked for, as browsers do."""
    page = page_of(code)
    answer = document(page)
    if accepted(request, "application/json", "text/plain", "text/html") != "application/json":
        text = text_of(page).encode()
        answer = Answer(text, media_type="text/plain; charset=utf-8", etag=tag_of(text))
    answer.headers["Vary"] = "Accept"
    return _kept(answer)


def _kept(answer: Answer) -> Answer:
    answer.headers["Cache-Control"] = CACHE_CONTROL
    return answer
