"""Every area that the service serves, in the order of the contract."""

from api import (
    activities,
    municipalities,
    office_visits,
)

AREAS = (
    municipalities.router,
    office_visits.router,
    activities.router,
)
"""Their routers."""
