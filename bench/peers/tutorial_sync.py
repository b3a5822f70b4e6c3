"""FastAPI with SQLModel as its tutorials write it, synchronous: a session per request, PyJWT."""

import os
from calendar import monthrange
from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID, uuid4

import jwt
from fastapi import Depends, FastAPI, HTTPException, Query  # noqa: TID251 - a peer speaks as its tutorial does
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import func
from sqlalchemy.orm import noload
from sqlmodel import Session, col, create_engine, select

from bench.peers.sqlmodel_tables import (
    EVIDENCE,
    Activity,
    ActivityOffice,
    ActivityPage,
    ActivityPerson,
    ActivityPlanItem,
    ActivityRollup,
    CentreCoverage,
    Count,
    Counts,
    ItemProgress,
    Office,
    OfficeVisit,
    PlanItemRollup,
    Progress,
    VisitBase,
    VisitCreate,
    VisitPublic,
    WorkPlanItem,
)

engine = create_engine(os.environ["BENCH_SQLALCHEMY"].format(driver="psycopg"), pool_size=24)


def get_session():
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


app = FastAPI()
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token")


def current_centre(token: Annotated[str, Depends(oauth2_scheme)]) -> UUID:
    try:
        payload = jwt.decode(token, os.environ["BENCH_SECRET"], algorithms=["HS256"])
    except jwt.InvalidTokenError as error:
        raise HTTPException(status_code=401, detail="Could not validate credentials") from error
    return UUID(payload["centre_id"])


CentreDep = Annotated[UUID, Depends(current_centre)]


@app.get("/v1/office_visits/{visit_id}", response_model=VisitPublic)
def read_visit(visit_id: UUID, session: SessionDep, centre: CentreDep):
    found = session.exec(
        select(Activity).where(Activity.id == visit_id, Activity.centre_id == centre, Activity.deleted_at == None)  # noqa: E711
    ).first()
    if not found:
        raise HTTPException(status_code=404, detail="Visit not found")
    return public(found)


def public(activity: Activity) -> VisitPublic:
    return VisitPublic.model_validate(activity, update=activity.visit.model_dump(include=set(VisitBase.model_fields)))


@app.get("/v1/activities", response_model=ActivityPage)
def read_activities(
    session: SessionDep, centre: CentreDep, centre_id: UUID, month: str, limit: Annotated[int, Query(le=200)] = 50
):
    first, last = bounds(month)
    found = session.exec(
        select(Activity)
        .options(noload("*"))
        .where(
            Activity.centre_id == centre,
            Activity.centre_id == centre_id,
            Activity.occurs_on >= first,
            Activity.occurs_on <= last,
            Activity.deleted_at == None,  # noqa: E711
        )
        .order_by(col(Activity.occurs_on).desc(), col(Activity.id).desc())
        .limit(limit)
    ).all()
    return {"results": found}


@app.post("/v1/office_visits", response_model=VisitPublic, status_code=201)
def create_visit(body: VisitCreate, session: SessionDep, centre: CentreDep):
    covered = select(CentreCoverage.municipality_id).where(CentreCoverage.centre_id == centre)
    office = session.exec(
        select(Office).where(Office.id == body.office_id, col(Office.municipality_id).in_(covered))
    ).first()
    if not office:
        raise HTTPException(status_code=404, detail="Office not found")
    now = datetime.now(UTC)
    owner = {"centre_id": centre, "municipality_id": office.municipality_id}
    activity = Activity(
        id=uuid4(), kind="office_visit", title=office.name, title_folded=office.name, held_on=body.held_on,
        occurs_on=body.held_on, month=body.held_on.replace(day=1), starts_at=body.starts_at, ends_at=body.ends_at,
        duration_minutes=90, office_id=office.id, office_ids=[office.id], participant_count=body.participant_count,
        created_at=now, updated_at=now, **owner,
    )  # fmt: skip
    activity.visit = OfficeVisit(office_id=office.id, **owner, **body.model_dump(include=set(VisitBase.model_fields)))
    activity.offices = [ActivityOffice(office_id=office.id, **owner)]
    activity.people = [
        ActivityPerson(person_id=person.person_id, role=person.role, centre_id=centre) for person in body.people
    ]
    activity.organizations = []
    activity.plan_items = [
        ActivityPlanItem(item_id=item, occurs_on=body.held_on, **owner) for item in body.plan_item_ids
    ]
    session.add(activity)
    session.commit()
    session.refresh(activity)
    return public(activity)


@app.get("/v1/activity_counts", response_model=Counts)
def read_counts(
    session: SessionDep,
    centre: CentreDep,
    first: Annotated[str, Query(alias="from")],
    last: Annotated[str, Query(alias="to")],
):
    found = session.exec(
        select(ActivityRollup.month, ActivityRollup.kind, func.sum(ActivityRollup.held_count))
        .where(
            ActivityRollup.centre_id == centre,
            ActivityRollup.month >= bounds(first)[0],
            ActivityRollup.month <= bounds(last)[0],
        )
        .group_by(ActivityRollup.month, ActivityRollup.kind)
        .order_by(ActivityRollup.month, ActivityRollup.kind)
    )
    return Counts(results=[Count(period=f"{month:%Y-%m}", kind=kind, value=n) for month, kind, n in found])


@app.get("/v1/work_plans/{plan_id}/progress", response_model=Progress)
def read_progress(plan_id: UUID, session: SessionDep, centre: CentreDep):
    items = session.exec(
        select(WorkPlanItem)
        .where(WorkPlanItem.plan_id == plan_id, WorkPlanItem.centre_id == centre)
        .order_by(WorkPlanItem.position)
    ).all()
    ids = [item.id for item in items]
    months = session.exec(
        select(PlanItemRollup.item_id, PlanItemRollup.month, func.sum(PlanItemRollup.held_count))
        .where(PlanItemRollup.centre_id == centre, col(PlanItemRollup.item_id).in_(ids))
        .group_by(PlanItemRollup.item_id, PlanItemRollup.month)
    )
    by_month: dict[UUID, dict[date, int]] = defaultdict(dict)
    for item_id, month, count in months:
        by_month[item_id][month] = count
    newest = (
        select(ActivityPlanItem.item_id, ActivityPlanItem.activity_id, ActivityPlanItem.occurs_on)
        .add_columns(
            func.row_number()
            .over(
                partition_by=ActivityPlanItem.item_id,
                order_by=(col(ActivityPlanItem.occurs_on).desc(), col(ActivityPlanItem.activity_id).desc()),
            )
            .label("place")
        )
        .where(col(ActivityPlanItem.item_id).in_(ids), ActivityPlanItem.status == "held")
        .subquery()
    )
    evidence: dict[UUID, list[tuple[UUID, date]]] = defaultdict(list)
    for item_id, activity_id, held_on in session.exec(
        select(newest.c.item_id, newest.c.activity_id, newest.c.occurs_on)
        .where(newest.c.place <= EVIDENCE)
        .order_by(newest.c.item_id, newest.c.place)
    ):
        evidence[item_id].append((activity_id, held_on))
    return Progress(
        items=[
            ItemProgress(
                **item.model_dump(include={"id", "code", "title", "target_text", "required_in_year"}),
                done=sum(by_month[item.id].values()),
                by_month=by_month[item.id],
                last_on=evidence[item.id][0][1] if evidence[item.id] else None,
                evidence_ids=[activity_id for activity_id, _ in evidence[item.id]],
            )
            for item in items
        ]
    )


def bounds(month: str) -> tuple[date, date]:
    year, number = map(int, month.split("-"))
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])
