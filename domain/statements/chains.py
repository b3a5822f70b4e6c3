"""Several writes in one statement, where the database can (PostgreSQL): none of them needs another's result."""

import re
from collections.abc import Sequence

from domain.access import View
from domain.statements import Write

_ARGUMENT = re.compile(r"\$(\d+)")


def chain_of(writes: Sequence[Write], view: View) -> str:
    """Join writes into one statement of data-changing CTEs, with the arguments numbered on."""
    parts, offset = [], 0
    for position, write in enumerate(writes):
        made = write.compiled("postgresql", view)
        shifted = _shifted(made.sql, offset)
        parts.append(f"w{position} AS ({shifted})" if position < len(writes) - 1 else shifted)
        offset += len(made.names)
    return f"WITH {', '.join(parts[:-1])} {parts[-1]}"


def _shifted(sql: str, by: int) -> str:
    return _ARGUMENT.sub(lambda found: f"${int(found.group(1)) + by}", sql)
