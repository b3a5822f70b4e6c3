"""The benchmark's tables as unmanaged Django models, and the queries that both Django peers ask."""

import uuid
from calendar import monthrange
from collections import defaultdict
from datetime import date
from typing import Any

import jwt
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

EVIDENCE = 200


class Activity(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    centre_id = models.UUIDField()
    kind = models.TextField()
    municipality_id = models.TextField(null=True)
    centre_role = models.TextField(default="host")
    title = models.TextField()
    title_folded = models.TextField()
    status = models.TextField(default="held")
    status_reason = models.TextField(null=True)
    planned_on = models.DateField(null=True)
    held_on = models.DateField(null=True)
    occurs_on = models.DateField()
    starts_at = models.TextField(null=True)
    ends_at = models.TextField(null=True)
    duration_minutes = models.BigIntegerField(null=True)
    format = models.TextField(default="onsite")
    location = models.TextField(null=True)
    office_id = models.UUIDField(null=True)
    office_ids = ArrayField(models.UUIDField())
    participant_count = models.BigIntegerField(null=True)
    body = models.TextField(null=True)
    themes = ArrayField(models.TextField(), default=list)
    needs = ArrayField(models.TextField(), default=list)
    purposes = ArrayField(models.TextField(), default=list)
    counted_as = ArrayField(models.TextField(), default=list)
    visibility = models.TextField(default="offices_involved")
    disclosure = models.TextField(default="unmarked")
    sensitivity = models.TextField(default="normal")
    follow_up_of_id = models.UUIDField(null=True)
    internal_note = models.TextField(null=True)
    external_source = models.TextField(null=True)
    external_id = models.TextField(null=True)
    month = models.DateField(null=True)
    origin = models.TextField(default="recorded")
    created_by = models.TextField(default="peer")
    version = models.BigIntegerField(default=1)
    changed_tx = models.BigIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "activity"


class OfficeVisit(models.Model):
    activity = models.OneToOneField(Activity, models.DO_NOTHING, primary_key=True, db_column="id", related_name="visit")
    centre_id = models.UUIDField()
    municipality_id = models.TextField()
    office_id = models.UUIDField()
    menus = ArrayField(models.TextField())
    findings = models.TextField(null=True)
    internal_findings = models.TextField(null=True)
    message = models.TextField(null=True)
    next_action = models.TextField(null=True)
    follow_up_due_on = models.DateField(null=True)

    class Meta:
        managed = False
        db_table = "office_visit"


class ActivityOffice(models.Model):
    pk = models.CompositePrimaryKey("activity_id", "office_id")
    activity = models.ForeignKey(Activity, models.DO_NOTHING, related_name="offices")
    office_id = models.UUIDField()
    centre_id = models.UUIDField()
    municipality_id = models.TextField()
    side = models.TextField(default="subject")
    mode = models.TextField(default="onsite")
    attendance = models.TextField(default="present")
    participant_count = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "activity_office"


class ActivityPerson(models.Model):
    pk = models.CompositePrimaryKey("activity_id", "person_id", "role")
    activity = models.ForeignKey(Activity, models.DO_NOTHING, related_name="people")
    person_id = models.UUIDField()
    role = models.TextField()
    centre_id = models.UUIDField()
    municipality_id = models.TextField(null=True)
    office_id = models.UUIDField(null=True)
    mode = models.TextField(default="onsite")
    attendance = models.TextField(default="present")

    class Meta:
        managed = False
        db_table = "activity_person"


class ActivityOrganization(models.Model):
    pk = models.CompositePrimaryKey("activity_id", "position")
    activity = models.ForeignKey(Activity, models.DO_NOTHING, related_name="organizations")
    position = models.BigIntegerField()
    organization_kind = models.TextField()
    name = models.TextField()
    side = models.TextField()
    mode = models.TextField()
    is_present = models.BooleanField()

    class Meta:
        managed = False
        db_table = "activity_organization"


class ActivityPlanItem(models.Model):
    pk = models.CompositePrimaryKey("activity_id", "item_id")
    activity = models.ForeignKey(Activity, models.DO_NOTHING, related_name="plan_items")
    item_id = models.UUIDField()
    centre_id = models.UUIDField()
    municipality_id = models.TextField(null=True)
    linked_by = models.TextField(default="named")
    status = models.TextField(default="held")
    occurs_on = models.DateField()
    themes = ArrayField(models.TextField(), default=list)
    visibility = models.TextField(default="offices_involved")

    class Meta:
        managed = False
        db_table = "activity_plan_item"


class Office(models.Model):
    id = models.UUIDField(primary_key=True)
    municipality_id = models.TextField()
    name = models.TextField()

    class Meta:
        managed = False
        db_table = "office"


class CentreCoverage(models.Model):
    id = models.UUIDField(primary_key=True)
    centre_id = models.UUIDField()
    municipality_id = models.TextField()

    class Meta:
        managed = False
        db_table = "centre_coverage"


class WorkPlanItem(models.Model):
    id = models.UUIDField(primary_key=True)
    plan_id = models.UUIDField()
    centre_id = models.UUIDField()
    position = models.BigIntegerField()
    code = models.TextField()
    title = models.TextField()
    target_text = models.TextField(null=True)
    required_in_year = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "work_plan_item"


class ActivityRollup(models.Model):
    pk = models.CompositePrimaryKey("centre_id", "month", "kind", "centre_role", "municipality_id", "is_centre_only")
    centre_id = models.UUIDField()
    month = models.DateField()
    kind = models.TextField()
    centre_role = models.TextField()
    municipality_id = models.TextField()
    is_centre_only = models.BooleanField()
    held_count = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "activity_rollup"


class PlanItemRollup(models.Model):
    pk = models.CompositePrimaryKey("centre_id", "item_id", "month", "municipality_id", "is_centre_only")
    centre_id = models.UUIDField()
    item_id = models.UUIDField()
    month = models.DateField()
    municipality_id = models.TextField()
    is_centre_only = models.BooleanField()
    held_count = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "plan_item_rollup"


def centre_of(authorization: str) -> uuid.UUID | None:
    """Check a bearer token; give the centre it was made for."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        return uuid.UUID(jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"])["centre_id"])
    except jwt.InvalidTokenError:
        return None


def bounds(month: str) -> tuple[date, date]:
    year, number = map(int, month.split("-"))
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


def visits_of(centre: uuid.UUID) -> QuerySet[Activity]:
    links = ("offices", "people", "organizations", "plan_items")
    return (
        Activity.objects.filter(centre_id=centre, deleted_at=None, visit__isnull=False)
        .select_related("visit")
        .prefetch_related(*links)
    )


def page_of(centre: uuid.UUID, centre_id: uuid.UUID, month: str, limit: int) -> QuerySet[Activity]:
    return (
        Activity.objects.filter(centre_id=centre_id, occurs_on__range=bounds(month), deleted_at=None)
        .filter(centre_id=centre)
        .order_by("-occurs_on", "-id")[:limit]
    )


@transaction.atomic
def record_visit(centre: uuid.UUID, body: dict[str, Any]) -> Activity | None:
    """Store a visit with its links; None where the office is not of the centre's municipalities."""
    covered = CentreCoverage.objects.filter(centre_id=centre).values("municipality_id")
    office = Office.objects.filter(id=body["office_id"], municipality_id__in=covered).first()
    if office is None:
        return None
    owner = {"centre_id": centre, "municipality_id": office.municipality_id}
    activity = Activity.objects.create(
        kind="office_visit", title=office.name, title_folded=office.name, held_on=body["held_on"],
        occurs_on=body["held_on"], month=body["held_on"].replace(day=1), starts_at=body["starts_at"],
        ends_at=body["ends_at"], duration_minutes=90, office_id=office.id, office_ids=[office.id],
        participant_count=body["participant_count"], **owner,
    )  # fmt: skip
    details = {name: body[name] for name in ("menus", "findings", "message", "next_action")}
    OfficeVisit.objects.create(activity=activity, office_id=office.id, **owner, **details)
    ActivityOffice.objects.create(activity=activity, office_id=office.id, **owner)
    ActivityPerson.objects.bulk_create(
        ActivityPerson(activity=activity, centre_id=centre, **person) for person in body["people"]
    )
    ActivityPlanItem.objects.bulk_create(
        ActivityPlanItem(activity=activity, item_id=item, occurs_on=body["held_on"], **owner)
        for item in body["plan_item_ids"]
    )
    return activity


def counts_of(centre: uuid.UUID, first: str, last: str) -> list[dict[str, Any]]:
    found = (
        ActivityRollup.objects.filter(centre_id=centre, month__gte=bounds(first)[0], month__lte=bounds(last)[0])
        .values("month", "kind")
        .annotate(value=Sum("held_count"))
        .order_by("month", "kind")
    )
    return [{"period": f"{row['month']:%Y-%m}", "kind": row["kind"], "value": row["value"]} for row in found]


def progress_of(centre: uuid.UUID, plan_id: uuid.UUID) -> list[dict[str, Any]]:
    items = (
        WorkPlanItem.objects.filter(plan_id=plan_id, centre_id=centre)
        .order_by("position")
        .values("id", "code", "title", "target_text", "required_in_year")
    )
    ids = [item["id"] for item in items]
    by_month: dict[uuid.UUID, dict[str, int]] = defaultdict(dict)
    for row in (
        PlanItemRollup.objects.filter(centre_id=centre, item_id__in=ids)
        .values("item_id", "month")
        .annotate(done=Sum("held_count"))
    ):
        by_month[row["item_id"]][row["month"].isoformat()] = row["done"]
    evidence: dict[uuid.UUID, list[dict[str, Any]]] = defaultdict(list)
    place = Window(RowNumber(), partition_by="item_id", order_by=[F("occurs_on").desc(), F("activity_id").desc()])
    for row in (
        ActivityPlanItem.objects.filter(item_id__in=ids, status="held")
        .annotate(place=place)
        .filter(place__lte=EVIDENCE)
        .order_by("item_id", "place")
        .values("item_id", "activity_id", "occurs_on")
    ):
        evidence[row["item_id"]].append(row)
    return [
        {
            **item,
            "done": sum(by_month[item["id"]].values()),
            "by_month": by_month[item["id"]],
            "last_on": evidence[item["id"]][0]["occurs_on"] if evidence[item["id"]] else None,
            "evidence_ids": [row["activity_id"] for row in evidence[item["id"]]],
        }
        for item in items
    ]
