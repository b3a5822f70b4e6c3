"""Every area that the service serves, in the order of the contract."""

from api import changes, problem_pages
from api.accounts import clients, invitations, me, oauth, sessions, users, well_known
from api.activities import (
    activities,
    office_visits,
    reflection_sheets,
    supervision_sessions,
    training_events,
    viewpoint_sets,
)
from api.counts import activity_counts, metrics
from api.places import centre_parts, centres, municipalities, office_register, offices, people
from api.plans import frequencies, work_plan_items, work_plan_progress, work_plans, work_programmes

AREAS = (
    sessions.router,
    oauth.router,
    well_known.router,
    me.router,
    users.router,
    invitations.router,
    clients.router,
    municipalities.router,
    centres.router,
    centre_parts.router,
    offices.router,
    office_register.router,
    people.router,
    office_visits.router,
    reflection_sheets.router,
    viewpoint_sets.router,
    supervision_sessions.router,
    training_events.router,
    activities.router,
    changes.router,
    work_programmes.router,
    work_plans.router,
    work_plan_items.router,
    work_plan_progress.router,
    activity_counts.router,
    metrics.router,
    frequencies.router,
    problem_pages.router,
)
"""Their routers."""
