"""Django REST framework: serializers, class-based views, an authentication class; synchronous, under uvicorn."""

import os
from typing import Any
from uuid import UUID

import django
from django.core.asgi import get_asgi_application
from django.urls import path
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotFound
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.peers.django_settings")
django.setup()

from bench.peers.django_app import models  # noqa: E402 - Django wants its settings first


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[None, UUID]:
        centre = models.centre_of(request.headers.get("authorization", ""))
        if centre is None:
            raise AuthenticationFailed
        return None, centre

    def authenticate_header(self, _request: Request) -> str:
        return "Bearer"


class HasCentre(BasePermission):
    def has_permission(self, request: Request, _view: APIView) -> bool:
        return request.auth is not None


class OfficeLink(serializers.ModelSerializer):
    class Meta:
        model = models.ActivityOffice
        fields = ("office_id", "side", "mode", "attendance", "participant_count")


class PersonLink(serializers.ModelSerializer):
    class Meta:
        model = models.ActivityPerson
        fields = ("person_id", "role", "mode", "attendance")


class OrganizationLink(serializers.ModelSerializer):
    class Meta:
        model = models.ActivityOrganization
        fields = ("organization_kind", "name", "side", "mode", "is_present")


class PlanItemLink(serializers.ModelSerializer):
    class Meta:
        model = models.ActivityPlanItem
        fields = ("item_id", "linked_by")


class ActivityOut(serializers.ModelSerializer):
    class Meta:
        model = models.Activity
        exclude = ("title_folded", "occurs_on", "office_ids", "created_by", "changed_tx")


class VisitOut(ActivityOut):
    menus = serializers.ListField(source="visit.menus")
    findings = serializers.CharField(source="visit.findings")
    internal_findings = serializers.CharField(source="visit.internal_findings")
    message = serializers.CharField(source="visit.message")
    next_action = serializers.CharField(source="visit.next_action")
    follow_up_due_on = serializers.DateField(source="visit.follow_up_due_on")
    offices = OfficeLink(many=True)
    people = PersonLink(many=True)
    organizations = OrganizationLink(many=True)
    plan_items = PlanItemLink(many=True)


class PersonIn(serializers.Serializer):
    person_id = serializers.UUIDField()
    role = serializers.CharField(max_length=12)


class VisitIn(serializers.Serializer):
    office_id = serializers.UUIDField()
    held_on = serializers.DateField()
    starts_at = serializers.CharField(max_length=5)
    ends_at = serializers.CharField(max_length=5)
    participant_count = serializers.IntegerField(min_value=0, max_value=100_000)
    menus = serializers.ListField(child=serializers.CharField(), max_length=4)
    findings = serializers.CharField(max_length=4000)
    message = serializers.CharField(max_length=2000)
    next_action = serializers.CharField(max_length=1000)
    people = PersonIn(many=True)
    plan_item_ids = serializers.ListField(child=serializers.UUIDField())


class CentreView(APIView):
    authentication_classes = (TokenAuthentication,)
    permission_classes = (HasCentre,)


class Visit(CentreView):
    def get(self, request: Request, visit_id: UUID) -> Response:
        found = models.visits_of(request.auth).filter(id=visit_id).first()
        if found is None:
            raise NotFound
        return Response(VisitOut(found).data)


class Visits(CentreView):
    def post(self, request: Request) -> Response:
        body = VisitIn(data=request.data)
        body.is_valid(raise_exception=True)
        made = models.record_visit(request.auth, body.validated_data)
        if made is None:
            raise NotFound
        return Response(VisitOut(made).data, status=201)


class Activities(CentreView):
    def get(self, request: Request) -> Response:
        asked = request.query_params
        limit = min(int(asked.get("limit", 50)), 200)
        found = models.page_of(request.auth, UUID(asked["centre_id"]), asked["month"], limit)
        return Response({"results": ActivityOut(found, many=True).data})


class Counts(CentreView):
    def get(self, request: Request) -> Response:
        asked = request.query_params
        return Response({"results": models.counts_of(request.auth, asked["from"], asked["to"])})


class Progress(CentreView):
    def get(self, request: Request, plan_id: UUID) -> Response:
        return Response({"items": models.progress_of(request.auth, plan_id)})


urlpatterns: list[Any] = [
    path("v1/office_visits", Visits.as_view()),
    path("v1/office_visits/<uuid:visit_id>", Visit.as_view()),
    path("v1/activities", Activities.as_view()),
    path("v1/activity_counts", Counts.as_view()),
    path("v1/work_plans/<uuid:plan_id>/progress", Progress.as_view()),
]
app = get_asgi_application()
