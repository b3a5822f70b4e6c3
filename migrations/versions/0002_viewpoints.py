"""The first set of viewpoints: data, to be replaced by an area's own.

The six viewpoints of Adachi are not public. These are the nearest published six, of the evaluation support book for
service use plans (Japan association of consultation support specialists, fiscal year 2012).

Revision: 0002
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SET_ID = "01990000-0000-7000-8000-000000000001"
_ID = sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite")
_SETS = sa.table(
    "viewpoint_set",
    sa.column("id", _ID),
    sa.column("code", sa.Text()),
    sa.column("edition", sa.BigInteger()),
    sa.column("label_ja", sa.Text()),
    sa.column("source", sa.Text()),
    sa.column("valid_from", sa.Date()),
)
_VIEWPOINTS = sa.table(
    "viewpoint",
    sa.column("set_id", _ID),
    sa.column("code", sa.Text()),
    sa.column("position", sa.BigInteger()),
    sa.column("label_ja", sa.Text()),
)
_SIX = (
    ("empowerment_advocacy", "エンパワメント・アドボカシー"),
    ("whole_life", "総合的な生活支援"),
    ("team_support", "連携・チーム支援"),
    ("needs_based", "ニーズに基づく支援"),
    ("neutrality_fairness", "中立・公平性"),
    ("quality_of_life", "生活の質の向上"),
)


def upgrade() -> None:
    op.bulk_insert(
        _SETS,
        [
            {
                "id": _SET_ID,
                "code": "six_viewpoints",
                "edition": 1,
                "label_ja": "6つの視点(公開資料による初期値・地域の視点に差し替え可)",
                "source": "日本相談支援専門員協会「サービス等利用計画評価サポートブック」(平成24年度)の6つの視点",
                "valid_from": date(2013, 4, 1),
            }
        ],
    )
    op.bulk_insert(
        _VIEWPOINTS,
        [
            {"set_id": _SET_ID, "code": code, "position": position, "label_ja": label}
            for position, (code, label) in enumerate(_SIX, start=1)
        ],
    )


def downgrade() -> None:
    op.execute(sa.delete(_VIEWPOINTS).where(_VIEWPOINTS.c.set_id == _SET_ID))
    op.execute(sa.delete(_SETS).where(_SETS.c.id == _SET_ID))
