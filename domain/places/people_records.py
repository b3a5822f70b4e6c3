"""Records of people (職員): the list, one person, and how a person is entered, changed, and leaves.

A person stands in one office or one centre and stays there: who changes places is entered anew. Leaving is a last day
(``left_on``). An office counts its people in its own answer, so every change here raises the office's version too.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlmodel import col

from domain import audit
from domain.database import Row, Session
from domain.errors import missing_at, rule_broken
from domain.kana_order import name_index
from domain.lists import Filter, Listing
from domain.lists.child_filters import ChildFilter, HoldsOn
from domain.places.offices import RAISE_OFFICE, office_for
from domain.places.people import QUALIFICATIONS, Person, PersonQualification
from domain.statements import Write, change, insert_into, update_of, within_reach
from domain.statements.columns import Id, new_id
from domain.statements.documents import objects
from domain.unchanged import says_nothing_new

MEMBERS = (
    "name", "name_kana", "post", "employment", "is_dedicated", "is_chief_specialist", "joined_on", "left_on",
)  # fmt: skip
_COLUMNS = (
    col(Person.id),
    col(Person.centre_id),
    col(Person.municipality_id),
    col(Person.office_id),
    *(getattr(Person, name) for name in MEMBERS),
    col(Person.version),
    col(Person.created_at),
    col(Person.updated_at),
    col(Person.deleted_at),
    objects(
        col(PersonQualification.person_id) == col(Person.id),
        code=col(PersonQualification.code),
        obtained_on=col(PersonQualification.obtained_on),
        renewal_due_on=col(PersonQualification.renewal_due_on),
    ).label("qualifications"),
)

PEOPLE = Listing(
    "people",
    select(*_COLUMNS),
    filters={
        "office_id": Filter("ids", col(Person.office_id), "事業所"),
        "centre_id": Filter("ids", col(Person.centre_id), "センター"),
        "municipality_id": Filter("texts", col(Person.municipality_id), "事業所の市区町村コード"),
        "employment": Filter("codes", col(Person.employment), "常勤・非常勤", ("full_time", "part_time")),
        "is_dedicated": Filter("flag", col(Person.is_dedicated), "専従か"),
        "is_chief_specialist": Filter("flag", col(Person.is_chief_specialist), "主任相談支援専門員か"),
        "working_on": HoldsOn.between("この日に在職している", first=col(Person.joined_on), last=col(Person.left_on)),
        "qualification": ChildFilter.of(
            "codes",
            "資格・修了研修",
            parent=col(Person.id),
            child=col(PersonQualification.person_id),
            value=col(PersonQualification.code),
            allowed=QUALIFICATIONS,
        ),
        "renewal_due_to": ChildFilter.of(
            "to_day",
            "更新期限がこの日までに来る",
            parent=col(Person.id),
            child=col(PersonQualification.person_id),
            value=col(PersonQualification.renewal_due_on),
        ),
    },
    sorts={"name_kana": col(Person.name_folded), "id": col(Person.id)},
    default_sort=("name_kana", "id"),
    search=col(Person.name_folded),
    changed=col(Person.changed_tx),
    deleted=col(Person.deleted_at),
)

_ONE = within_reach(
    select(*_COLUMNS).where(
        col(Person.id) == bindparam("id", type_=Id(), required=True), col(Person.deleted_at).is_(None)
    )
)
_ADD = insert_into(Person)
_CHANGE = update_of(Person, *MEMBERS, "name_folded")
_REMOVE = update_of(Person, "deleted_at")
_QUALIFY = insert_into(PersonQualification)
_UNQUALIFY = change(
    delete(PersonQualification).where(
        col(PersonQualification.person_id) == bindparam("row_id", type_=Id(), required=True)
    )
)


async def in_order(_session: Session, rows: list[Row]) -> list[Row]:
    """Put the qualifications of each person in order."""
    for row in rows:
        row["qualifications"].sort(key=lambda q: str(q["code"]))
    return rows


async def person_for(session: Session, person_id: str) -> Row:
    """Give a person within reach with the qualifications.

    Raises:
        NotFoundError: missing, removed or outside reach.
    """
    return (await in_order(session, [await session.one(_ONE, id=person_id)]))[0]


async def add_person(session: Session, new: Mapping[str, Any]) -> Row:
    """Enter a person at an office or a centre within one's place.

    Raises:
        NotFoundError: the office or centre is outside reach.
        RuleError: not exactly one place, or dates or qualifications that contradict each other.
    """
    if (new["office_id"] is None) == (new["centre_id"] is None):
        raise rule_broken(
            "one_place",
            "事業所かセンターの、どちらか一つを指定してください。",
            "Name either an office or a centre.",
            field="office_id",
        )
    _refuse_contradictions(new)
    with missing_at("office_id" if new["centre_id"] is None else "centre_id"):
        return await _entered(session, new)


async def _entered(session: Session, new: Mapping[str, Any]) -> Row:
    place: dict[str, Any] = {"centre_id": new["centre_id"], "office_id": new["office_id"], "municipality_id": None}
    if new["office_id"] is not None:
        place["municipality_id"] = (await office_for(session, new["office_id"]))["municipality_id"]
    person = {"id": new_id(), **place, **{name: new[name] for name in MEMBERS}}
    await session.store(
        (_ADD, {**person, "name_folded": _index_of(person)}),
        *_qualification_writes({**person, "qualifications": new["qualifications"]}),
        *_office_raise(person),
        _told(session, "add", person, after=new),
    )
    return await person_for(session, person["id"])


async def change_person(session: Session, person_id: str, changes: Mapping[str, Any], version: int) -> Row:
    """Change a person, or let one leave by a last day; give the person as now.

    Raises:
        NotFoundError: outside reach.
        RuleError: dates or qualifications that contradict each other.
        StaleVersionError: no longer at ``version``.
    """
    before = await person_for(session, person_id)
    if says_nothing_new(before, changes, version):
        return before
    after = {**before, **changes}
    _refuse_contradictions(after)
    await session.change(
        _CHANGE,
        row_id=person_id,
        row_version=version,
        name_folded=_index_of(after),
        **{name: after[name] for name in MEMBERS},
    )
    writes: list[tuple[Write, Mapping[str, Any]]] = []
    if "qualifications" in changes:
        await session.run(_UNQUALIFY, row_id=person_id)
        writes = _qualification_writes(after)
    told = _told(session, "change", before, before={name: before[name] for name in changes}, after=changes)
    await session.store(*writes, *_office_raise(before), told)
    return await person_for(session, person_id)


async def remove_person(session: Session, person_id: str, version: int) -> None:
    """Remove a person who was entered wrongly; who has left gets a last day instead.

    Raises:
        NotFoundError: outside reach.
        StaleVersionError: no longer at ``version``.
    """
    before = await person_for(session, person_id)
    await session.change(_REMOVE, row_id=person_id, row_version=version, deleted_at=session.now)
    await session.run(_UNQUALIFY, row_id=person_id)
    told = {name: before[name] for name in (*MEMBERS, "qualifications")}
    await session.store(*_office_raise(before), _told(session, "remove", before, before=told))


def _index_of(person: Mapping[str, Any]) -> str:
    return name_index(person["name"], person["name_kana"], most=240)


def _qualification_writes(person: Mapping[str, Any]) -> list[tuple[Write, Mapping[str, Any]]]:
    owner = {name: person[name] for name in ("centre_id", "municipality_id", "office_id")}
    return [(_QUALIFY, {**held, **owner, "person_id": person["id"]}) for held in person["qualifications"]]


def _office_raise(person: Mapping[str, Any]) -> list[tuple[Write, Mapping[str, Any]]]:
    return [] if person["office_id"] is None else [(RAISE_OFFICE, {"row_id": person["office_id"]})]


def _refuse_contradictions(person: Mapping[str, Any]) -> None:
    joined, left = person["joined_on"], person["left_on"]
    if joined is not None and left is not None and left < joined:
        raise rule_broken(
            "leaves_before_joining", "退職日が入職日より前です。", "The last day is before the first.", field="left_on"
        )
    seen: set[str] = set()
    for position, held in enumerate(person["qualifications"]):
        field = f"qualifications/{position}"
        if held["code"] in seen:
            raise rule_broken(
                "repeated", "同じ資格が2度あります。", "A qualification is given twice.", field=f"{field}/code"
            )
        seen.add(held["code"])
        obtained, due = held["obtained_on"], held["renewal_due_on"]
        if obtained is not None and due is not None and str(due) < str(obtained):
            raise rule_broken(
                "renewal_before_obtaining",
                "更新期限が取得日より前です。",
                "The renewal is due before it was obtained.",
                field=f"{field}/renewal_due_on",
            )


def _told(session: Session, verb: str, person: Mapping[str, Any], **more: Any) -> Any:
    owners = {name: person[name] for name in ("centre_id", "municipality_id", "office_id")}
    return audit.entry_of(session, f"people.{verb}", "people", person["id"], **owners, **more)
