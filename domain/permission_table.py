"""The table of roles and permissions as a page, for auditors. ``docs/permissions.md`` is held to it by a test."""

from domain.access import CREATED_BY, EVERYONE, PLACES_OF_ROLE, ROLE_PERMISSIONS, Permission, Role

HEAD = """# Who may do what

Made from `domain/access.py` by `domain/permission_table.py`; a test compares. A token carries one role at one place.
The permission decides which operations exist for a caller; which rows it sees is decided by its place (its reach).
A machine client (`integration`) has, of its column, only what its scopes also name; scopes are these same words.

"""


def page() -> str:
    """Give the page as Markdown."""
    roles = list(Role)
    lines = [
        "| permission | " + " | ".join(role.value for role in roles) + " |",
        "|---|" + "---|" * len(roles),
    ]
    lines += [
        f"| `{permission.value}` | "
        + " | ".join("yes" if permission in ROLE_PERMISSIONS[role] else "" for role in roles)
        + " |"
        for permission in Permission
    ]
    places = [
        f"- `{role.value}` stands in: {', '.join(sorted(kind.value for kind in PLACES_OF_ROLE[role]))}"
        for role in roles
    ]
    made_by = [
        f"- `{maker.value}` gives: {', '.join(sorted(f'`{role.value}`' for role in made))}"
        for maker, made in CREATED_BY.items()
    ]
    always = ", ".join(sorted(f"`{permission.value}`" for permission in EVERYONE))
    return (
        HEAD
        + "\n".join(lines)
        + f"\n\nEverybody signed in, whatever the scopes: {always}.\n\n## Places\n\n"
        + "\n".join(places)
        + "\n\n## Who gives which role to others, within its own place\n\n"
        + "\n".join(made_by)
        + "\n"
    )
