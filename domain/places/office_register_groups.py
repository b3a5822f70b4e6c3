"""Lines of the national office register, gathered to the offices they speak of. Pure.

The register has a line for each service; an office has several, and under the Child Welfare Act another number than
under the Comprehensive Support Act. Lines that share a number, or name and address, are one office.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from domain.database import Row
from domain.folding import folded
from domain.places.local_government_codes import DESIGNATED_CITIES
from domain.places.office_records import WRITTEN
from domain.places.office_register_file import RegisterLine
from domain.places.offices import DESIGNATIONS

TAKEN: Final = ("name", "name_kana", "corporation_name", "address", "telephone", "fax", "url")
"""The members that the register knows; the rest of an office stays as it is."""
_BLANK: Final[dict[str, Any]] = {
    **dict.fromkeys(WRITTEN),
    "is_commissioned": False,
    "is_core_office": False,
    "is_community_base": False,
    "enhanced_type": "none",
    "contact_24h": "none",
}


@dataclass(slots=True)
class Group:
    """The lines of one office, and what becomes of it. ``office`` is the row it is found to be, if any."""

    lines: list[RegisterLine]
    office: Row | None = None
    status: str = ""
    office_id: str | None = None
    after: dict[str, Any] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)

    def numbers(self) -> dict[str, str]:
        """Give the number of each designation; of two for one, the first."""
        found: dict[str, str] = {}
        for line in self.lines:
            found.setdefault(line.kind, str(line.values["office_number"]))
        return found


def is_local(municipality: Mapping[str, Any], area_code: str, address_area: str) -> bool:
    """Tell whether a line speaks of an office in the municipality, by its code or by the first part of its address.

    The code is that of who designated the office, for some services the prefecture. A designated city holds the
    offices of all its wards; a ward those of its own.
    """
    if area_code[:5] == municipality["id"][:5]:
        return True
    area, prefecture = folded(address_area), folded(municipality["prefecture"])
    before, found, _ = area.removeprefix(prefecture).partition(folded(municipality["name"]))
    if not area.startswith(prefecture) or not found:
        return False
    kind = municipality["kind"]
    if kind == "designated_city_ward":
        city = DESIGNATED_CITIES.get(municipality["parent_code"] or "")
        return before.endswith("市") if city is None else before == folded(city)
    return not before or (kind in ("town", "village") and before.endswith("郡"))


def grouped(lines: Sequence[RegisterLine]) -> list[Group]:
    """Gather the lines of each office: those that share a number, or name and address. Pure but for the warnings."""
    groups: list[Group] = []
    by_mark: dict[tuple[str, ...], Group] = {}
    for line in lines:
        marks = _marks_of(line)
        met = list({id(by_mark[mark]): by_mark[mark] for mark in marks if mark in by_mark}.values())
        if met:
            group = met[0]
            for other in met[1:]:
                group.lines += other.lines
                groups.remove(other)
                by_mark |= {mark: group for mark, held in by_mark.items() if held is other}
        else:
            group = Group([])
            groups.append(group)
        group.lines.append(line)
        by_mark |= dict.fromkeys(marks, group)
    for group in groups:
        group.lines.sort(key=lambda line: (DESIGNATIONS.index(line.kind), line.number))
        _compare(group)
    return groups


def _marks_of(line: RegisterLine) -> list[tuple[str, ...]]:
    return [("number", str(line.values["office_number"])), _place_of(line.values)]


def _place_of(values: Mapping[str, Any]) -> tuple[str, ...]:
    return ("place", folded(values["name"] or ""), folded(values["address"] or ""))


def _compare(group: Group) -> None:
    """Warn of, or fault, lines of one office that contradict each other."""
    first = group.lines[0]
    services: dict[tuple[str, str | None], RegisterLine] = {}
    numbers = group.numbers()
    for line in group.lines:
        known = services.setdefault((line.service, line.values["office_number"]), line)
        if known is not line and _place_of(known.values) != _place_of(line.values):
            line.fault(
                "office_number",
                "duplicate_number",
                f"{known.number}行目と同じ番号とサービスですが、名称か住所が違います。",
                f"Line {known.number} has the same number and service but another name or address.",
            )
        elif known is not line:
            ja, en = f"{known.number}行目と同じ内容です。", f"It repeats line {known.number}."
            line.warn("office_number", "line_repeated", ja, en)
        elif line.values["office_number"] != numbers[line.kind]:
            ja = "同じ指定の番号が二つあります。先の番号を使います。"
            en = "A second number of one designation is left out."
            line.warn("office_number", "second_number", ja, en)
        elif folded(str(line.values["name"])) != folded(str(first.values["name"])):
            ja = f"名称が{first.number}行目と違います。そちらの名称を使います。"
            en = f"The name differs from line {first.number}, whose name is used."
            line.warn("name", "name_differs", ja, en)


def match_offices(groups: Iterable[Group], offices: Sequence[Row]) -> None:
    """Find the office each group is: by number, else by name and address, else by a name with nothing else known."""
    by_number: dict[str, dict[str, Row]] = {}
    by_place: dict[tuple[str, ...], dict[str, Row]] = {}
    by_name: dict[str, dict[str, Row]] = {}
    for office in offices:
        held = [office["office_number"], *(d["office_number"] for d in office["designations"])]
        numbers = {number for number in held if number is not None}
        for number in numbers:
            by_number.setdefault(number, {})[office["id"]] = office
        by_place.setdefault(_place_of(office), {})[office["id"]] = office
        if not numbers and office["address"] is None:
            by_name.setdefault(folded(office["name"]), {})[office["id"]] = office
    taken: set[str] = set()
    for group in groups:
        found: dict[str, Row] = {}
        for line in group.lines:
            found |= by_number.get(str(line.values["office_number"]), {})
        for line in group.lines if not found else ():
            found |= by_place.get(_place_of(line.values), {})
        for line in group.lines if not found else ():
            found |= by_name.get(folded(str(line.values["name"])), {})
        if len(found) > 1 or found.keys() & taken:
            group.lines[0].fault(
                "office_number",
                "office_ambiguous",
                "登録済みの事業所のうち、どれに当たるか決められません。重複を整理してください。",
                "It fits more than one registered office, or one that another line fits; clear that up first.",
            )
        elif found:
            group.office = next(iter(found.values()))
            taken |= found.keys()


def plan_office(group: Group, municipality_id: str) -> None:
    """Work out what the office shall be and whether that is new, a change or nothing."""
    before = group.office or {**_BLANK, "designations": []}
    after = {**{name: before[name] for name in WRITTEN}, "municipality_id": municipality_id}
    for name in TAKEN:
        told = next((line.values[name] for line in group.lines if line.values[name] is not None), None)
        after[name] = before[name] if told is None else told
    after["name_kana"] = after["name_kana"] or after["name"]
    held = {d["kind"]: dict(d) for d in before["designations"]}
    for kind, number in group.numbers().items():
        held[kind] = {"kind": kind, "designated_on": None, "expires_on": None, **held.get(kind, {})}
        held[kind]["office_number"] = number
    after["designations"] = [held[kind] for kind in DESIGNATIONS if kind in held]
    numbers = {kind: d["office_number"] for kind, d in held.items() if d["office_number"] is not None}
    after["office_number"] = (
        numbers.get("specific") or before["office_number"] or numbers.get("general") or numbers.get("child")
    )
    stored = sorted(before["designations"], key=lambda d: DESIGNATIONS.index(d["kind"]))
    group.after = after
    group.changes = [name for name in ("office_number", *TAKEN) if after[name] != before[name]]
    if after["designations"] != stored:
        group.changes.append("designations")
    group.status = "created" if group.office is None else "updated" if group.changes else "unchanged"
    group.office_id = None if group.office is None else group.office["id"]
