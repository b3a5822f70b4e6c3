"""Wire shapes that every area shares: pages of a list, and bounded text."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Generic, TypeVar

from annotated_types import GroupedMetadata
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

Row = TypeVar("Row")


class Shape(BaseModel):
    """A shape of the wire, built when it is first used: most are looked at by the contract only.

    Building them all took a tenth of the start and 5 MiB. ``api.app`` builds those of requests beside the first ones.
    """

    model_config = ConfigDict(defer_build=True)


class ResultSet(Shape):
    """Where this page stands."""

    limit: int = Field(description="Rows asked for.")
    next_cursor: str | None = Field(description="Cursor of the next page; null at the end.")
    count: int | None = Field(description="All rows, where `count=true` was asked.")


class Page(Shape, Generic[Row]):
    """One page of a list."""

    resultset: ResultSet
    results: list[Row]


class Incoming(Shape):
    """What a caller sends: unknown members are refused, numbers are not made from text."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _not_blank(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("blank", "blanks alone")
    return value


def _each_once(value: list[Any]) -> list[Any]:
    if len(set(value)) != len(value):
        raise PydanticCustomError("repeated", "a value is given twice")
    return value


@dataclass(frozen=True, slots=True)
class _Text(GroupedMetadata):
    least: int
    most: int
    may_be_blank: bool

    def __iter__(self) -> Iterator[Any]:
        yield from StringConstraints(min_length=self.least, max_length=self.most)
        if not self.may_be_blank:
            yield AfterValidator(_not_blank)


def text(most: int, *, least: int = 1, may_be_blank: bool = False) -> Any:
    """Text of ``least`` to ``most`` characters, stored as typed.

    One that must not be empty must not be of white space alone either, unless ``may_be_blank`` leaves that to a rule
    of the domain, with words of its own.
    """
    return _Text(least, most, may_be_blank or least == 0)


def each_once() -> Any:
    """Say of a list of codes that none stands in it twice."""
    return AfterValidator(_each_once)


Title = Annotated[str, text(200)]
Note = Annotated[str, text(4000, least=0)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2199, 12, 31))]
LocalTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
MunicipalityCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


def unchanged(description: str) -> Any:
    """Member of a change (merge patch): left out means unchanged; ``null`` only where the type allows it."""
    return Field(default=None, description=description)
