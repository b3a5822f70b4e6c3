"""Follow-ups (フォロー): an activity that goes on from another one of the same centre."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import col

from domain.database import Session
from domain.errors import rule_broken
from domain.ledger.tables import Activity
from domain.statements import within_reach
from domain.statements.columns import Id

_PREDECESSOR = within_reach(
    select(col(Activity.id), col(Activity.centre_id)).where(
        col(Activity.id) == bindparam("id", type_=Id(), required=True), col(Activity.deleted_at).is_(None)
    )
)


async def refuse_foreign_predecessor(session: Session, activity: Mapping[str, Any]) -> None:
    """Refuse an activity that follows up one of another centre, one that is not there, or itself.

    Raises:
        RuleError: ``follow_up_unknown``.
    """
    preceding = activity["follow_up_of_id"]
    if preceding is None:
        return
    found = await session.maybe(_PREDECESSOR, id=preceding)
    if found is None or found["centre_id"] != activity["centre_id"] or preceding == activity["id"]:
        raise rule_broken(
            "follow_up_unknown", "もとの活動が見つかりません。", "There is no such preceding activity.",
            field="follow_up_of_id",
        )  # fmt: skip
