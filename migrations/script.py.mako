"""${message}.

Revision: ${up_revision}
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text

from sqlalchemy.dialects import postgresql

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def _fence(statement: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(statement)


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
