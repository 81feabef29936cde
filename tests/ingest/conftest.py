from __future__ import annotations

import sys
from pathlib import Path

# The scriptable server of the client's tests plays partners here, too.
sys.path.append(str(Path(__file__).parents[1] / "ocpi"))
