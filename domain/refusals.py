"""Refusals of the database in the domain's words: new rows outside reach, and broken constraints."""

from collections.abc import Mapping
from typing import Any

from domain.access import Reach
from domain.drivers import ConstraintError
from domain.errors import ConflictError, Fault, NotFoundError, RuleError, rule_broken
from domain.statements.owners import Owner


def _of_centre(reach: Reach, values: Mapping[str, Any]) -> bool:
    return values["centre_id"] in reach.own_centres


def _of_sheet(reach: Reach, values: Mapping[str, Any]) -> bool:
    # Only the office shares a sheet, by changing it: no row begins as a shared one.
    return _of_centre(reach, values) and not values["shared_with_ward"]


def _of_plan(reach: Reach, values: Mapping[str, Any]) -> bool:
    if values["centre_id"] in reach.own_centres:
        return True
    municipality = values.get("municipality_id")
    return values["centre_id"] in reach.ward_centres and (not municipality or municipality in reach.municipalities)


def _of_rollup(reach: Reach, values: Mapping[str, Any]) -> bool:
    return _of_centre(reach, values) or (not values["is_centre_only"] and _of_plan(reach, values))


def _of_office(reach: Reach, values: Mapping[str, Any]) -> bool:
    return values["municipality_id"] in reach.open_municipalities


def _of_person(reach: Reach, values: Mapping[str, Any]) -> bool:
    if values.get("centre_id") is not None:
        return values["centre_id"] in reach.own_centres or values["centre_id"] in reach.ward_centres
    return values.get("municipality_id") in reach.open_municipalities


def _of_municipality(reach: Reach, values: Mapping[str, Any]) -> bool:
    return reach.everywhere or values.get("municipality_id", values.get("id")) in reach.municipalities


def _of_place(reach: Reach, values: Mapping[str, Any]) -> bool:
    return reach.everywhere or values.get("centre_id", values.get("id")) in reach.own_centres


def _always(_reach: Reach, _values: Mapping[str, Any]) -> bool:
    return True


_MAY_OWN = {
    Owner.ACTIVITY: _of_centre,
    Owner.ACTIVITY_DETAILS: _of_centre,
    Owner.ACTIVITY_PART: _of_centre,
    Owner.ACTIVITY_LINK: _of_centre,
    Owner.OFFICE_LINK: _of_centre,
    Owner.SHEET: _of_sheet,
    Owner.PLAN: _of_plan,
    Owner.ROLLUP: _of_rollup,
    Owner.OFFICE: _of_office,
    Owner.PERSON: _of_person,
    Owner.MUNICIPALITY: _of_municipality,
    Owner.CENTRE: _of_place,
    Owner.CALLER: _always,
    Owner.AUDIT: _always,
    Owner.CREDENTIALS: _always,
    Owner.SHARED: _always,
}
"""For each way of owning, whether a new row with these values is the caller's, whatever days it speaks of."""


def may_own(declared: Mapping[str, Any], reach: Reach, values: Mapping[str, Any]) -> bool:
    """Tell whether a new row is the caller's to write, in a table that ``declared`` its owner (``owners``).

    A ward writes for the days on which the centre covered it, as it reads.
    """
    if not _MAY_OWN[Owner(declared["owned"])](reach, values):
        return False
    if "from_on" not in declared or values["centre_id"] in (*reach.own_centres, *reach.free_centres):
        return True
    first, last = values[declared["from_on"]], values[declared["to_on"]]
    return any(w.centre_id == values["centre_id"] and w.from_on <= last and w.to_on >= first for w in reach.windows)


REFUSALS: dict[str, tuple[str, str, str, str]] = {
    "user_account_login": ("login_taken", "このログイン名は既に使われています。", "This login is taken.", "login"),
    "work_plan_centre_id_fiscal_year": (
        "plan_exists",
        "この年度の事業計画は既にあります。",
        "There is already a plan for this fiscal year.",
        "fiscal_year",
    ),
    "external_source_external_id": (
        "external_id_taken",
        "この外部キーは既に使われています。",
        "This external id is already in use.",
        "external_id",
    ),
    "office_number": (
        "office_number_taken",
        "この事業所番号は既に登録されています。",
        "This office number is already registered.",
        "office_number",
    ),
}
"""What a broken unique constraint means to a person, and its member, by a part of its name that both databases give."""


def refusal_of(error: ConstraintError) -> ConflictError | RuleError | NotFoundError:
    """Say in the domain's words what a constraint refused."""
    name = error.constraint.replace(".", "_").replace(",", "_")
    if error.kind == "unique":
        for part, (code, ja, en, field) in REFUSALS.items():
            if part in name or all(word in name for word in part.split("_")):
                return ConflictError(code, ja, en, faults=(Fault(code, ja, en, pointer=f"/{field}"),))
        return ConflictError(
            "already_exists", "同じものが既に登録されています。", "The same thing is already registered."
        )
    if error.kind in ("foreign_key", "row_security"):
        return NotFoundError()
    if "external_id_has_source" in name:
        return rule_broken(
            "external_id_needs_source",
            "外部キーと外部システム名は、両方を入れてください。",
            "Give external_id and external_source together.",
            field="external_id",
        )
    return RuleError(
        "value_not_allowed",
        "値が許される範囲にないため、保存できません。",
        "A value is outside what is allowed; nothing was stored.",
    )
