"""Entry of ``python3 x.py bench``: makes the project importable and hands over to ``bench.comparison``."""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    runpy.run_module("bench.comparison", run_name="__main__")
