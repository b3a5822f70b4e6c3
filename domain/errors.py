"""Everything a rule of the domain can refuse with.

KikanError
├── NotFoundError        the thing is missing or outside the caller's reach: the two are never told apart
├── NotPermittedError    the role can never do this
├── UnauthenticatedError the caller is not, or no longer, who it claims to be
├── ConflictError        the state of the world forbids it: a second plan for a year, a used login
├── RuleError            a rule of the domain is broken; names the field and the reason
├── StaleVersionError    somebody else changed the row in between
├── PreconditionMissingError  a change came without saying which version it changes
├── TooManyRequestsError a counter is full; says when to come back
└── UnavailableError     the database cannot answer now; says when to come back

Each carries a stable ``code`` for programs and one full sentence in Japanese and in English for persons.
The HTTP status of each kind stands in ``api/problems.py`` and nowhere else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field.

    ``pointer`` is a JSON pointer into the body (``/held_on``), ``parameter`` a query or path parameter; one of
    the two is set. ``row`` is the number of a row among many, counted from 1 as people count. The value itself is never
    part of it.
    """

    code: str
    detail_ja: str
    detail_en: str
    pointer: str | None = None
    parameter: str | None = None
    row: int | None = None


class KikanError(Exception):
    """A refusal that a person or program is told about."""

    def __init__(self, code: str, detail_ja: str, detail_en: str, *, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.detail_ja = detail_ja
        self.detail_en = detail_en
        self.faults = faults


class NotFoundError(KikanError):
    """Missing or out of reach. Always the same words, so that neither can be told from the other.

    ``fields`` are the members of the body that named it, as paths with slashes (``offices/0/office_id``), and
    ``parameter`` the query parameter; without either it is what the address names. ``missing`` are the ids that were
    looked up in vain, for who knows where they stood.
    """

    def __init__(self, *fields: str, parameter: str | None = None, missing: frozenset[str] = frozenset[str]()) -> None:
        super().__init__("not_found", "指定されたものは見つかりません。", "There is no such thing.")
        told = (self.code, self.detail_ja, self.detail_en)
        self.faults = tuple(Fault(*told, pointer=f"/{field}") for field in fields)
        if parameter is not None:
            self.faults = (Fault(*told, parameter=parameter),)
        self.missing = missing


class NotPermittedError(KikanError):
    """The role of the caller can never do this. ``field`` is the member of the body that asks for it, if one does."""

    def __init__(
        self,
        detail_ja: str = "この操作を行う権限がありません。",
        detail_en: str = "Your role does not permit this operation.",
        *,
        code: str = "not_permitted",
        field: str | None = None,
    ) -> None:
        faults = () if field is None else (Fault(code, detail_ja, detail_en, pointer=f"/{field}"),)
        super().__init__(code, detail_ja, detail_en, faults=faults)


class UnauthenticatedError(KikanError):
    """No, a bad or a withdrawn credential. One wording for all causes."""

    def __init__(
        self,
        detail_ja: str = "サインインが必要です。トークンが無いか、有効ではありません。",
        detail_en: str = "Sign in first: the token is missing or not valid.",
        *,
        code: str = "unauthenticated",
    ) -> None:
        super().__init__(code, detail_ja, detail_en)


class ConflictError(KikanError):
    """The state of the world forbids it."""


class RuleError(KikanError):
    """A rule of the domain is broken."""


class StaleVersionError(KikanError):
    """The row has changed since the caller read it. ``current`` is its version, where that was asked for."""

    def __init__(self, current: int | None = None) -> None:
        super().__init__(
            "stale_version",
            "読み込んだ後に他の人が変更しました。最新の内容を読み直してから、もう一度変更してください。",
            "Someone changed it after you read it. Read it again and repeat your change.",
        )
        self.current = current


class PreconditionMissingError(KikanError):
    """A change must say which version it changes."""

    def __init__(self) -> None:
        super().__init__(
            "precondition_required",
            "変更には If-Match ヘッダー(読み込んだときの ETag)が必要です。",
            "A change needs the If-Match header with the ETag you read.",
        )


class TooManyRequestsError(KikanError):
    """A counter is full."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            "too_many_requests",
            "短い時間に回数が多すぎます。しばらく待ってから、もう一度お試しください。",
            "Too many requests in a short time. Wait a little and try again.",
        )
        self.retry_after_seconds = retry_after_seconds


class UnavailableError(KikanError):
    """The database cannot answer now. Nothing was stored."""

    def __init__(self, retry_after_seconds: int = 2) -> None:
        super().__init__(
            "temporarily_unavailable",
            "ただいまデータベースが応答できません。何も保存されていません。しばらくして、もう一度お試しください。",
            "The database cannot answer now. Nothing was stored. Try again shortly.",
        )
        self.retry_after_seconds = retry_after_seconds


@contextmanager
def missing_at(*fields: str, parameter: str | None = None) -> Iterator[None]:
    """Let what is missing or foreign within name the members of the body, or the parameter, it was looked up for."""
    try:
        yield
    except NotFoundError as error:
        if error.faults:
            raise
        raise NotFoundError(*fields, parameter=parameter) from None


def rule_broken(code: str, detail_ja: str, detail_en: str, *, field: str | None = None) -> RuleError:
    """Build a broken rule that names the body field it hangs on, if there is one.

    ``field`` is the member name or a path with slashes (``lines/3/day``), without the leading slash.
    """
    faults = () if field is None else (Fault(code, detail_ja, detail_en, pointer=f"/{field}"),)
    return RuleError(code, detail_ja, detail_en, faults=faults)
