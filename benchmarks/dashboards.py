"""How long until each page of the dashboards is complete: starts `dashboard_times.py`.

    python benchmarks/dashboards.py [--cdrs 1000000] [--evses 100000] [--home FOLDER]

This file has the name of the package that it measures, and Python looks beside a script first.
"""

import runpy
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

if __name__ == "__main__":
    others = [place for place in sys.path if Path(place or ".").resolve() != HERE]
    sys.path[:] = [str(HERE.parent), *others]
    runpy.run_path(str(HERE / "dashboard_times.py"), run_name="__main__")
