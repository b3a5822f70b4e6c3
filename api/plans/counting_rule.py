"""Wire shape of a counting rule, which programmes and plans share."""

from typing import Annotated, Literal

from pydantic import Field

from api.shapes import Code, Incoming, each_once

Kind = Literal[
    "office_visit", "supervision_session", "case_conference", "training_event", "practicum", "meeting",
    "backup_consultation", "liaison_contact", "information_bulletin", "guideline_revision", "publicity",
    "peer_gathering", "rights_consultation", "direct_consultation", "other",
]  # fmt: skip
CentreRole = Literal["host", "secretariat", "joint_secretariat", "participate", "coordinate", "backup", "operate"]
Codes = Annotated[list[Code], Field(max_length=20), each_once()]


class CountingRule(Incoming):
    """Which ledger rows count for an item when they name none themselves (算入の決まり)."""

    kind: Kind = Field(description="Kind of activity (種別).", examples=["meeting"])
    body: Code | None = Field(default=None, description="Meeting body; left out: any (会議体).")
    roles: Annotated[list[CentreRole], Field(max_length=7), each_once()] | None = Field(
        default=None, description="Roles of the centre; left out: any (センターの役割).", examples=[["participate"]]
    )
    themes: Codes | None = Field(default=None, description="One of these themes; left out: any (テーマ).")
    needs: Codes | None = Field(default=None, description="One of these needs; left out: any (ニーズ).")
