"""Who may do what, and on which rows: roles, permissions, actors and their reach. Pure: no table, no clock.

A token carries exactly one assignment: a user in one role at one place. The permission says which operations
exist for a caller, the reach which rows; neither is ever derived from the other.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Role(StrEnum):
    """What a caller is, at its place."""

    WARD_STAFF = "ward_staff"
    CENTRE_MANAGER = "centre_manager"
    CENTRE_STAFF = "centre_staff"
    OFFICE_USER = "office_user"
    INTEGRATION = "integration"
    OPERATOR = "operator"


class PlaceKind(StrEnum):
    """Where an assignment holds."""

    MUNICIPALITY = "municipality"
    CENTRE = "centre"
    OFFICE = "office"
    DEPLOYMENT = "deployment"


class Permission(StrEnum):
    """One operation right, ``<area>:<act>``. Machine scopes are these same words."""

    MUNICIPALITIES_READ = "municipalities:read"
    MUNICIPALITIES_WRITE = "municipalities:write"
    MUNICIPALITIES_PROVISION = "municipalities:provision"
    CENTRES_READ = "centres:read"
    CENTRES_WRITE = "centres:write"
    CENTRES_PROVISION = "centres:provision"
    OFFICES_READ = "offices:read"
    OFFICES_WRITE = "offices:write"
    OFFICES_IMPORT = "offices:import"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    CLIENTS_READ = "clients:read"
    CLIENTS_WRITE = "clients:write"
    ACTIVITIES_READ = "activities:read"
    ACTIVITIES_WRITE = "activities:write"
    OFFICE_VISITS_READ = "office_visits:read"
    OFFICE_VISITS_WRITE = "office_visits:write"
    SUPERVISION_SESSIONS_READ = "supervision_sessions:read"
    SUPERVISION_SESSIONS_WRITE = "supervision_sessions:write"
    TRAINING_EVENTS_READ = "training_events:read"
    TRAINING_EVENTS_WRITE = "training_events:write"
    REFLECTION_SHEETS_READ = "reflection_sheets:read"
    REFLECTION_SHEETS_WRITE = "reflection_sheets:write"
    REFLECTION_SHEETS_CONSENT = "reflection_sheets:consent"
    WORK_PROGRAMMES_READ = "work_programmes:read"
    WORK_PROGRAMMES_WRITE = "work_programmes:write"
    WORK_PLANS_READ = "work_plans:read"
    WORK_PLANS_WRITE = "work_plans:write"
    ACTIVITY_COUNTS_READ = "activity_counts:read"
    CHANGES_READ = "changes:read"
    FREQUENCIES_PARSE = "frequencies:parse"
    ME_READ = "me:read"
    ME_WRITE = "me:write"


P = Permission

EVERYONE = frozenset({P.FREQUENCIES_PARSE, P.ME_READ})
PERSON = EVERYONE | {P.ME_WRITE}
STAFF_READS = frozenset(
    {
        P.MUNICIPALITIES_READ,
        P.CENTRES_READ,
        P.OFFICES_READ,
        P.PEOPLE_READ,
        P.ACTIVITIES_READ,
        P.OFFICE_VISITS_READ,
        P.SUPERVISION_SESSIONS_READ,
        P.TRAINING_EVENTS_READ,
        P.WORK_PROGRAMMES_READ,
        P.WORK_PLANS_READ,
        P.ACTIVITY_COUNTS_READ,
        P.CHANGES_READ,
    }
)
CENTRE_RECORDS = frozenset(
    {
        P.ACTIVITIES_WRITE,
        P.OFFICE_VISITS_WRITE,
        P.SUPERVISION_SESSIONS_WRITE,
        P.TRAINING_EVENTS_WRITE,
        P.PEOPLE_WRITE,
        P.OFFICES_WRITE,
    }
)
SHEETS = frozenset({P.REFLECTION_SHEETS_READ, P.REFLECTION_SHEETS_WRITE})
"""Of reflection sheets centres hold both, a ward reads, and no machine client is given either."""

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.WARD_STAFF: PERSON
    | STAFF_READS
    | {
        P.MUNICIPALITIES_WRITE,
        P.OFFICES_WRITE,
        P.OFFICES_IMPORT,
        P.PEOPLE_WRITE,
        P.REFLECTION_SHEETS_READ,
        P.USERS_READ,
        P.USERS_WRITE,
        P.CLIENTS_READ,
        P.CLIENTS_WRITE,
        P.WORK_PROGRAMMES_WRITE,
        P.WORK_PLANS_WRITE,
    },
    Role.CENTRE_MANAGER: PERSON
    | STAFF_READS
    | CENTRE_RECORDS
    | SHEETS
    | {P.CENTRES_WRITE, P.USERS_READ, P.USERS_WRITE, P.WORK_PROGRAMMES_WRITE, P.WORK_PLANS_WRITE},
    Role.CENTRE_STAFF: PERSON | STAFF_READS | CENTRE_RECORDS | SHEETS,
    Role.OFFICE_USER: PERSON
    | {
        P.CENTRES_READ,
        P.OFFICES_READ,
        P.OFFICE_VISITS_READ,
        P.SUPERVISION_SESSIONS_READ,
        P.TRAINING_EVENTS_READ,
        P.REFLECTION_SHEETS_READ,
        P.REFLECTION_SHEETS_CONSENT,
    },
    Role.INTEGRATION: EVERYONE | STAFF_READS | CENTRE_RECORDS | {P.OFFICES_IMPORT},
    Role.OPERATOR: PERSON
    | {
        P.MUNICIPALITIES_READ,
        P.MUNICIPALITIES_WRITE,
        P.MUNICIPALITIES_PROVISION,
        P.CENTRES_READ,
        P.CENTRES_WRITE,
        P.CENTRES_PROVISION,
        P.USERS_READ,
        P.USERS_WRITE,
        P.CLIENTS_READ,
        P.CLIENTS_WRITE,
    },
}
"""What each role may do. A machine client (``integration``) has of its row only what its scopes also name."""

READ_ONLY_SCOPES = frozenset(p.value for p in (STAFF_READS | {P.FREQUENCIES_PARSE}))
"""The scopes a ward may give to a machine client of its own making."""

PLACES_OF_ROLE: dict[Role, frozenset[PlaceKind]] = {
    Role.WARD_STAFF: frozenset({PlaceKind.MUNICIPALITY}),
    Role.CENTRE_MANAGER: frozenset({PlaceKind.CENTRE}),
    Role.CENTRE_STAFF: frozenset({PlaceKind.CENTRE}),
    Role.OFFICE_USER: frozenset({PlaceKind.OFFICE}),
    Role.INTEGRATION: frozenset({PlaceKind.MUNICIPALITY, PlaceKind.CENTRE}),
    Role.OPERATOR: frozenset({PlaceKind.DEPLOYMENT}),
}

CREATED_BY: dict[Role, frozenset[Role]] = {
    Role.OPERATOR: frozenset({Role.WARD_STAFF, Role.OPERATOR}),
    Role.WARD_STAFF: frozenset({Role.WARD_STAFF, Role.CENTRE_MANAGER, Role.OFFICE_USER}),
    Role.CENTRE_MANAGER: frozenset({Role.CENTRE_STAFF}),
}
"""Which roles a role may give to others, within its own place."""


@dataclass(frozen=True, slots=True)
class Window:
    """Days, both inclusive, on which a centre covered the caller's municipality."""

    centre_id: str
    from_on: date
    to_on: date


class View(StrEnum):
    """How a caller looks at what belongs to a centre: as the centre, as a ward or as an office, never as two.

    Most wards and offices look at one centre only; an index then gives them its rows in order.
    """

    CENTRE = "centre"
    WARD = "ward"
    WARD_OF_ONE = "ward_of_one"
    OFFICE = "office"
    OFFICE_OF_ONE = "office_of_one"

    @property
    def is_of_one(self) -> bool:
        """Whether there is one centre to look at."""
        return self in (View.WARD_OF_ONE, View.OFFICE_OF_ONE)


@dataclass(frozen=True, slots=True)
class Reach:
    """The rows a caller may touch, as lists that the statements take as parameters.

    ``centres`` bounds everything that belongs to a centre. Of those, rows of ``own_centres`` are read whole
    (centre roles); rows of ``ward_centres`` where they are for the caller's municipality or joint, and inside
    ``windows`` unless the centre is also in ``free_centres`` (covered since it opened, with no end); rows of
    ``near_centres`` where they are published or name one of ``offices`` (office users).
    ``municipalities`` are those whose activity rows are read, ``open_municipalities`` those whose offices and
    settings are read today. ``everywhere`` opens the provisioning tables, and no content, to the operator.
    """

    centres: tuple[str, ...] = ()
    own_centres: tuple[str, ...] = ()
    ward_centres: tuple[str, ...] = ()
    free_centres: tuple[str, ...] = ()
    near_centres: tuple[str, ...] = ()
    municipalities: tuple[str, ...] = ()
    open_municipalities: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    everywhere: bool = False

    def __post_init__(self) -> None:
        """Hold that nobody looks in two ways at once, and that a centre is one centre.

        Raises:
            ValueError: centres of two views, or several of one's own.
        """
        if len(self.own_centres) > 1:
            raise ValueError("a reach of two centres")
        if sum(map(bool, (self.own_centres, self.ward_centres, self.near_centres or self.offices))) > 1:
            raise ValueError("a reach of two views")

    @property
    def view(self) -> View:
        """How its holder looks at what belongs to a centre; who has none looks as a centre of nothing."""
        if self.ward_centres:
            return View.WARD_OF_ONE if len(self.ward_centres) == 1 else View.WARD
        if self.near_centres or self.offices:
            return View.OFFICE_OF_ONE if len(self.near_centres) == 1 else View.OFFICE
        return View.CENTRE


NOWHERE = Reach()


@dataclass(frozen=True, slots=True)
class Place:
    """The place of an assignment. ``id`` is the municipality code, the centre's or the office's id, or ``""``."""

    kind: PlaceKind
    id: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else str(self.kind)


@dataclass(frozen=True, slots=True)
class Actor:
    """A verified caller: a person in one assignment, or a machine client.

    ``subject_id`` is the user's or the client's id; ``session_id`` the session or grant that the token hangs on.
    """

    role: Role
    place: Place
    reach: Reach
    permissions: frozenset[Permission]
    subject_id: str
    session_id: str
    assignment_id: str
    is_machine: bool = False

    def may(self, permission: Permission) -> bool:
        """Tell whether the role, and for machines the scope, permits the operation."""
        return permission in self.permissions


def permissions_of(role: Role, scopes: frozenset[str] | None) -> frozenset[Permission]:
    """Give the permissions of a role; ``scopes`` narrows a machine's, ``None`` stands for a person."""
    granted = ROLE_PERMISSIONS[role]
    if scopes is None:
        return granted
    return frozenset(p for p in granted if p in EVERYONE or p.value in scopes)
