"""Fresh access tokens for the callers of a world: ``python -m bench.callers --world world.json --var folder``.

Tokens live ten minutes, so they are made anew for every round. Run by the application's own Python.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from api.keys import token_module
from domain.settings import Settings
from domain.statements.columns import new_id


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--world", type=Path, required=True)
    parser.add_argument("--var", type=Path, required=True)
    asked = parser.parse_args()
    tokens = token_module(Settings.model_validate({"var": asked.var}))
    now = int(time.time())
    made = {
        role: [
            tokens.sign(now=now, ver=1, jti=new_id(), client_id="kikan", scope="", **caller[role])
            for caller in json.loads(asked.world.read_text())["callers"]
        ]
        for role in ("staff", "ward")
    }
    json.dump(made, sys.stdout)


if __name__ == "__main__":
    main()
