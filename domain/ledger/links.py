"""The links of an activity: offices, people, other bodies and plan items."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, delete, update
from sqlmodel import col

from domain.errors import rule_broken
from domain.ledger.frame import Frame
from domain.ledger.tables import (
    REPEATED,
    Activity,
    ActivityOffice,
    ActivityOrganization,
    ActivityPerson,
    ActivityPlanItem,
)
from domain.statements import Write, change, insert_into
from domain.statements.columns import Id
from domain.statements.documents import objects

_LINK_OFFICE = insert_into(ActivityOffice)
_LINK_PERSON = insert_into(ActivityPerson)
_LINK_ORGANIZATION = insert_into(ActivityOrganization)
_LINK_ITEM = insert_into(ActivityPlanItem)
_BY_ACTIVITY = bindparam("row_id", type_=Id(), required=True)
UNLINK: dict[str, Write] = {
    "offices": change(delete(ActivityOffice).where(col(ActivityOffice.activity_id) == _BY_ACTIVITY)),
    "people": change(delete(ActivityPerson).where(col(ActivityPerson.activity_id) == _BY_ACTIVITY)),
    "organizations": change(delete(ActivityOrganization).where(col(ActivityOrganization.activity_id) == _BY_ACTIVITY)),
    "items": change(delete(ActivityPlanItem).where(col(ActivityPlanItem.activity_id) == _BY_ACTIVITY)),
}

REMOVE_LINKS = change(
    update(ActivityPlanItem).where(col(ActivityPlanItem.activity_id) == _BY_ACTIVITY).values(status="removed")
)
"""Keeps the links of a deleted activity, for its tombstone, and counts them no more."""

OFFICES_OF = objects(
    col(ActivityOffice.activity_id) == col(Activity.id),
    office_id=col(ActivityOffice.office_id),
    side=col(ActivityOffice.side),
    mode=col(ActivityOffice.mode),
    attendance=col(ActivityOffice.attendance),
    participant_count=col(ActivityOffice.participant_count),
).label("offices")
PEOPLE_OF = objects(
    col(ActivityPerson.activity_id) == col(Activity.id),
    person_id=col(ActivityPerson.person_id),
    role=col(ActivityPerson.role),
    mode=col(ActivityPerson.mode),
    attendance=col(ActivityPerson.attendance),
).label("people")
ORGANIZATIONS_OF = objects(
    col(ActivityOrganization.activity_id) == col(Activity.id),
    organization_kind=col(ActivityOrganization.organization_kind),
    name=col(ActivityOrganization.name),
    side=col(ActivityOrganization.side),
    mode=col(ActivityOrganization.mode),
    is_present=col(ActivityOrganization.is_present),
).label("organizations")
ITEMS_OF = objects(
    col(ActivityPlanItem.activity_id) == col(Activity.id),
    item_id=col(ActivityPlanItem.item_id),
    linked_by=col(ActivityPlanItem.linked_by),
).label("plan_items")

PRESENT = "present"
"""The attendance of an office that an activity reached; one that is expected, absent or excused it did not reach."""
OFFICE_MEMBERS = ("office_id", "side", "mode", "attendance", "participant_count")
PERSON_MEMBERS = ("person_id", "role", "mode", "attendance")
ORGANIZATION_MEMBERS = ("organization_kind", "name", "side", "mode", "is_present")


@dataclass(slots=True)
class Links:
    """The links of one activity, looked up. ``items``: plan item id → (linked_by, the item's municipality)."""

    offices: list[dict[str, Any]]
    people: list[dict[str, Any]]
    organizations: list[dict[str, Any]]
    items: dict[str, tuple[str, str | None]] = field(default_factory=dict)

    def writes(self, activity: Mapping[str, Any]) -> list[tuple[Write, Mapping[str, Any]]]:
        """Give the inserts of all links."""
        owner = {"activity_id": activity["id"], "centre_id": activity["centre_id"]}
        organization_owner = {**owner, "municipality_id": activity["municipality_id"]}
        return [
            *((_LINK_OFFICE, {**owner, **link}) for link in self.offices),
            *((_LINK_PERSON, {**owner, **link}) for link in self.people),
            *((_LINK_ORGANIZATION, {**organization_owner, **link}) for link in self.organizations),
            *(item_link(activity, item_id, linked_by) for item_id, (linked_by, _) in self.items.items()),
        ]


def item_link(activity: Mapping[str, Any], item_id: str, linked_by: str) -> tuple[Write, Mapping[str, Any]]:
    """Give the insert of a link to a plan item, with what it repeats of its activity."""
    repeated = {name: activity[name] for name in REPEATED}
    link = {"activity_id": activity["id"], "centre_id": activity["centre_id"], "item_id": item_id}
    return _LINK_ITEM, {**link, "linked_by": linked_by, **repeated}


@dataclass(frozen=True, slots=True)
class Told:
    """The links as its recorder told them, none twice; the activity's own office is among the offices."""

    offices: dict[str, dict[str, Any]]
    people: list[Mapping[str, Any]]
    organizations: list[Mapping[str, Any]]

    @property
    def person_ids(self) -> list[str]:
        """The people, each once."""
        return list(dict.fromkeys(link["person_id"] for link in self.people))


def told_links(
    activity: Mapping[str, Any],
    offices: Sequence[Mapping[str, Any]],
    people: Sequence[Mapping[str, Any]],
    organizations: Sequence[Mapping[str, Any]],
) -> Told:
    """Gather the links of an activity before they are looked up.

    Raises:
        RuleError: an office, or a person in one role, is named twice.
    """
    told = {link["office_id"]: dict(link) for link in offices}
    if len(told) != len(offices):
        raise rule_broken("repeated", "同じ事業所が2度あります。", "An office is named twice.", field="offices")
    if len({(link["person_id"], link["role"]) for link in people}) != len(people):
        raise rule_broken("repeated", "同じ人が同じ役割で2度あります。", "A person is named twice.", field="people")
    own = activity["office_id"]
    if own is not None and own not in told:
        told[own] = {
            "office_id": own, "side": "subject", "mode": "onsite", "attendance": "present", "participant_count": None
        }  # fmt: skip
    return Told(told, list(people), list(organizations))


def links_of(activity: dict[str, Any], told: Told, frame: Frame) -> Links:
    """Complete the links from the offices and people that were found, and the activity from its office.

    Raises:
        RuleError: the office is of another municipality than the activity.
    """
    own = activity["office_id"]
    if own is not None:
        municipality = frame.offices[own]["municipality_id"]
        if activity["municipality_id"] not in (None, municipality):
            raise rule_broken(
                "office_of_other_municipality",
                "事業所の市区町村と活動の市区町村が違います。",
                "The office belongs to another municipality than the activity is for.",
                field="municipality_id",
            )
        activity["municipality_id"] = municipality
        activity["title"] = activity["title"] or frame.offices[own]["name"]
    elif activity["municipality_id"] is None and len(frame.covered) == 1:
        # Where there is one municipality only, what is for all of them is for this one.
        (activity["municipality_id"],) = frame.covered
    activity["office_ids"] = list(told.offices)
    offices = [
        {**link, "municipality_id": frame.offices[office_id]["municipality_id"]}
        for office_id, link in told.offices.items()
    ]
    people = [
        {
            **link,
            "municipality_id": frame.people[link["person_id"]]["municipality_id"],
            "office_id": frame.people[link["person_id"]]["office_id"],
        }
        for link in told.people
    ]
    organizations = [{**link, "position": position} for position, link in enumerate(told.organizations, start=1)]
    return Links(offices, people, organizations)
