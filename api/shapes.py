"""Wire shapes that every area shares: pages of a list, and bounded text."""

from datetime import date
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

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


def text(most: int, *, least: int = 1) -> Any:
    """Text of ``least`` to ``most`` characters."""
    return StringConstraints(min_length=least, max_length=most)


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
