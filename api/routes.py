"""Every area that the service serves, in the order of the contract."""

from api import municipalities

AREAS = (municipalities.router,)
"""Their routers."""
