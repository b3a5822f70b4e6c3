"""The statement shapes that wall one is proven with, over the real tables. Unnarrowed: the proof narrows them."""

import os
from typing import Any

from sqlalchemy import and_, bindparam, case, except_, exists, func, intersect, not_, or_, true, union, union_all
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from domain.activities.activities import FILTERS, SORTS
from domain.activities.office_visits import OfficeVisit
from domain.activities.reflection_sheets import ReflectionNote, ReflectionSheet
from domain.ledger.closed_months import ClosedMonth
from domain.ledger.links import ITEMS_OF, OFFICES_OF, ORGANIZATIONS_OF, PEOPLE_OF
from domain.ledger.tables import (
    Activity,
    ActivityOffice,
    ActivityOrganization,
    ActivityPlanItem,
    ActivityRollup,
    PlanItemRollup,
)
from domain.ledger.work_plan_tables import WorkPlan, WorkPlanItem
from domain.lists import ListRequest
from domain.places.centres import Centre, CentreCoverage
from domain.places.municipalities import Municipality
from domain.places.offices import Office, OfficeStrength
from domain.places.people import Person, PersonQualification
from domain.statements.comparisons import Overlaps
from domain.statements.documents import objects
from tests.proofs.reach_land import OPENED, THIS_YEAR, owned_tables

A, V, O, P, L = Activity, OfficeVisit, Office, Person, ActivityOffice  # noqa: E741
ONE, TWO = aliased(Activity, name="one"), aliased(Activity, name="two")
ID, CENTRE = col(A.id), col(A.centre_id)


def whole_tables() -> dict[str, Any]:
    """Every column of every owned table: a new table is covered by being there."""
    return {f"whole {table.name}": select(*table.columns) for table in owned_tables()}


def counted_tables() -> dict[str, Any]:
    """The number of rows of every owned table."""
    return {f"count {table.name}": select(func.count()).select_from(table) for table in owned_tables()}


def _visits() -> Any:
    return select(ID, col(V.findings), col(V.menus)).select_from(A).join(V, col(V.id) == ID)


def joins() -> dict[str, Any]:
    """Entities, columns, joins of all sides, aliases."""
    held = col(A.status) == "held"
    return {
        "entity": select(A),
        "two entities": select(A, V).join(V, col(V.id) == ID),
        "columns": select(ID, col(A.title), col(A.held_on)),
        "columns with condition": select(ID).where(held, col(A.participant_count) > 3),
        "list condition": select(ID).where(Overlaps(col(A.themes), "themes")),
        "join": _visits(),
        "join three": select(ID, col(O.name), col(Centre.name))
        .select_from(A)
        .join(O, col(O.id) == col(A.office_id))
        .join(Centre, col(Centre.id) == CENTRE),
        "left join": select(ID, col(O.name)).select_from(A).join(O, col(O.id) == col(A.office_id), isouter=True),
        "left join of a link": select(ID, col(L.office_id)).select_from(A).outerjoin(L, col(L.activity_id) == ID),
        "left join from office": select(col(O.id), ID).select_from(O).outerjoin(A, col(A.office_id) == col(O.id)),
        "left join chain": select(ID, col(L.side), col(O.name))
        .select_from(A)
        .outerjoin(L, col(L.activity_id) == ID)
        .outerjoin(O, col(O.id) == col(L.office_id)),
        "left join, then inner": select(ID, col(V.findings), col(Centre.name))
        .select_from(A)
        .outerjoin(V, col(V.id) == ID)
        .join(Centre, col(Centre.id) == CENTRE),
        "left join, null wanted": select(ID).select_from(A).outerjoin(V, col(V.id) == ID).where(col(V.id).is_(None)),
        "cross product": select(col(Centre.id), col(Municipality.id)).where(true()),
        "alias": select(ONE.id, ONE.title),
        "self join": select(ONE.id, TWO.id).join(TWO, TWO.id == ONE.follow_up_of_id),
        "self left join": select(ONE.id, TWO.title).outerjoin(TWO, TWO.id == ONE.follow_up_of_id),
        "sheet with notes": select(col(ReflectionSheet.id), col(ReflectionNote.note))
        .select_from(ReflectionSheet)
        .outerjoin(ReflectionNote, col(ReflectionNote.visit_id) == col(ReflectionSheet.visit_id)),
        "plan with items": select(col(WorkPlan.id), col(WorkPlanItem.code))
        .select_from(WorkPlan)
        .join(WorkPlanItem, col(WorkPlanItem.centre_id) == col(WorkPlan.centre_id)),
        "people of offices": select(col(P.id), col(O.name), col(PersonQualification.code))
        .select_from(P)
        .join(O, col(O.id) == col(P.office_id))
        .outerjoin(PersonQualification, col(PersonQualification.person_id) == col(P.id)),
        "condition on both": select(ID).select_from(A).join(V, and_(col(V.id) == ID, col(V.centre_id) == CENTRE)),
        "or condition": select(ID).where(or_(held, col(A.visibility) == "published")),
        "not condition": select(ID).where(not_(held)),
    }


def nested() -> dict[str, Any]:
    """Subqueries wherever one may stand."""
    held = select(ID.label("id"), CENTRE.label("centre_id")).where(col(A.status) == "held").subquery()
    per_centre = select(CENTRE.label("centre_id"), func.count().label("n")).group_by(CENTRE).subquery()
    linked = select(col(L.activity_id)).where(col(L.activity_id) == ID)
    recent = select(ID.label("id"), CENTRE.label("centre_id")).where(col(A.occurs_on) >= THIS_YEAR).cte("recent")
    again = aliased(recent)
    deep = select(select(ONE.id.label("id")).subquery().c.id.label("id")).subquery()
    return {
        "subquery": select(held.c.id),
        "subquery joined": select(col(Centre.id), per_centre.c.n).join(
            per_centre, per_centre.c.centre_id == col(Centre.id)
        ),
        "subquery left joined": select(col(Centre.id), per_centre.c.n)
        .select_from(Centre)
        .outerjoin(per_centre, per_centre.c.centre_id == col(Centre.id)),
        "subquery of subquery": select(deep.c.id),
        "table joined to subquery": select(ID, held.c.centre_id).select_from(A).join(held, held.c.id == ID),
        "exists": select(ID).where(exists(linked)),
        "not exists": select(ID).where(~exists(linked)),
        "exists of another area": select(col(O.id)).where(exists().where(col(A.office_id) == col(O.id))),
        "exists as a column": select(ID, exists(linked).label("is_linked")),
        "exists in exists": select(col(O.id)).where(
            exists().where(col(A.office_id) == col(O.id), exists().where(col(V.id) == ID, col(V.centre_id) == CENTRE))
        ),
        "in a select": select(col(O.id)).where(col(O.id).in_(select(col(L.office_id)))),
        "not in a select": select(col(O.id)).where(col(O.id).not_in(select(col(L.office_id)))),
        "scalar subquery": select(ID, select(func.count()).where(col(L.activity_id) == ID).scalar_subquery()),
        "scalar subquery compared": select(ID).where(
            col(A.occurs_on) >= select(func.min(ONE.occurs_on)).where(ONE.status == "held").scalar_subquery()
        ),
        "scalar subquery of an alias": select(
            ID, select(func.max(TWO.occurs_on)).where(TWO.centre_id == CENTRE).scalar_subquery().label("last")
        ),
        "case with exists": select(ID, case((exists(linked), "linked"), else_="alone").label("how")),
        "cte": select(recent.c.id),
        "cte twice": select(recent.c.id, again.c.id).join(again, again.c.centre_id == recent.c.centre_id),
        "cte joined": select(ID).select_from(A).join(recent, recent.c.id == ID),
        "offices of": select(ID, OFFICES_OF),
        "people of": select(ID, PEOPLE_OF),
        "all links of": select(ID, OFFICES_OF, PEOPLE_OF, ORGANIZATIONS_OF, ITEMS_OF),
        "objects of a join": select(
            col(O.id),
            objects(
                col(P.office_id) == col(O.id),
                of=P.__table__.join(PersonQualification.__table__, col(PersonQualification.person_id) == col(P.id)),
                person=col(P.id),
                code=col(PersonQualification.code),
            ).label("qualified"),
        ),
        "objects of an alias": select(ID, objects(TWO.follow_up_of_id == ID, id=TWO.id, title=TWO.title).label("next")),
    }


def combined() -> dict[str, Any]:
    """Set operations, aggregates, grouping, order."""
    mine, visited = select(ID.label("id")), select(col(V.id).label("id"))
    both = union(select(ID.label("id")).where(col(A.status) == "held"), visited)
    numbered = func.row_number().over(partition_by=CENTRE, order_by=(col(A.occurs_on), ID)).label("n")
    return {
        "union": union(mine, visited),
        "union all": union_all(mine, visited),
        "union of other tables": union(select(col(O.name).label("name")), select(col(P.name).label("name"))),
        "except": except_(mine, visited),
        "intersect": intersect(mine, visited),
        "union in a subquery": select(func.count()).select_from(both.subquery()),
        "union of a cte": select(union_all(mine, visited).cte("all_ids").c.id),
        "count": select(func.count()).select_from(A),
        "count of a column": select(func.count(col(A.held_on))),
        "count distinct": select(func.count(CENTRE.distinct())),
        "sum": select(func.sum(col(ActivityRollup.held_count)), func.sum(col(PlanItemRollup.held_count))).where(
            col(PlanItemRollup.centre_id) == col(ActivityRollup.centre_id)
        ),
        "lowest and highest": select(func.min(col(A.occurs_on)), func.max(col(A.occurs_on))),
        "group by": select(CENTRE, col(A.status), func.count()).group_by(CENTRE, col(A.status)),
        "having": select(CENTRE, func.count()).group_by(CENTRE).having(func.count() > 3),
        "group by over a left join": select(col(O.id), func.count(ID))
        .select_from(O)
        .outerjoin(A, col(A.office_id) == col(O.id))
        .group_by(col(O.id)),
        "distinct": select(CENTRE, col(A.municipality_id)).distinct(),
        "order and limit": select(ID).order_by(col(A.occurs_on).desc(), ID).limit(bindparam("most", 5)),
        "window function": select(ID, numbered),
        "coalesce": select(ID, func.coalesce(col(A.participant_count), 0).label("people")),
        "closed months": select(col(ClosedMonth.month), func.count()).group_by(col(ClosedMonth.month)),
        "coverage": select(col(CentreCoverage.centre_id), col(CentreCoverage.municipality_id)),
        "strengths": select(col(O.name), func.count(col(OfficeStrength.code)))
        .select_from(O)
        .outerjoin(OfficeStrength, col(OfficeStrength.office_id) == col(O.id))
        .group_by(col(O.name)),
        "organizations": select(func.count())
        .select_from(ActivityOrganization)
        .join(A, col(A.id) == col(ActivityOrganization.activity_id)),
        "plan items met": select(col(ActivityPlanItem.item_id), func.count())
        .join(A, col(A.id) == col(ActivityPlanItem.activity_id))
        .where(col(A.status) == "held")
        .group_by(col(ActivityPlanItem.item_id)),
    }


def lateral() -> Any:
    """A shape that only PostgreSQL knows."""
    newest = (
        select(ONE.id.label("id"))
        .where(ONE.centre_id == col(Centre.id))
        .order_by(ONE.occurs_on.desc(), ONE.id)
        .limit(bindparam("most", 1))
        .lateral("newest")
    )
    return select(col(Centre.id), newest.c.id).select_from(Centre).join(newest, true())


VALUES: dict[str, dict[str, Any]] = {"list condition": {"themes": ["ojt", "plan"]}}
"""What the shapes with parameters are asked with."""

LISTINGS: dict[str, ListRequest] = {
    "list": ListRequest(limit=200),
    "list a page": ListRequest(limit=7, count=True),
    "list ascending": ListRequest(limit=9, sort=("held_on",)),
    "list by status": ListRequest(limit=200, filters={"status": ["held", "planned"]}, count=True),
    "list by theme": ListRequest(limit=200, filters={"theme": ["ojt"]}, count=True),
    "list by day": ListRequest(limit=200, filters={"held_from": OPENED, "held_to": THIS_YEAR}),
    "search": ListRequest(limit=200, search="0"),
    "sync": ListRequest(limit=200, changed_after="start", include_deleted=True),
    "list with deleted": ListRequest(limit=200, include_deleted=True, count=True),
}
"""What lists are asked for. Each is also paged to its end."""

LISTED: dict[str, tuple[Any, dict[str, Any]]] = {
    "activities": (select(A), {"filters": FILTERS, "sorts": SORTS}),
    "visits": (
        select(ID, col(V.findings), OFFICES_OF).select_from(A).join(V, col(V.id) == ID),
        {"filters": FILTERS, "sorts": SORTS},
    ),
    "visits by outer join": (
        select(ID, col(V.findings)).select_from(A).outerjoin(V, col(V.id) == ID),
        {"filters": FILTERS, "sorts": SORTS},
    ),
}


def all_shapes() -> dict[str, Any]:
    """Give every shape by name."""
    counted = counted_tables() if os.environ.get("KIKAN_PROVE") == "1" else {}
    return {**whole_tables(), **counted, **joins(), **nested(), **combined()}
