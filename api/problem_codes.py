"""Every code a problem or a warning of this service can carry, with its statuses and sentences.

The table is ``data/problem_codes.json``; `.ci/pages.py` collects it from the source and a test compares.
"""

from pathlib import Path
from typing import Any

import orjson

CODES: dict[str, dict[str, Any]] = orjson.loads((Path(__file__).parent / "data" / "problem_codes.json").read_bytes())
"""Code → ``statuses`` (none where it only names one field inside ``errors``, or warns) and ``details`` (ja, en)."""
