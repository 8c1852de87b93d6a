"""Settings of what is measured: tables straight from the models, a data folder of its own, the installed fonts."""

import os
from pathlib import Path
from tempfile import mkdtemp

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("DATA_DIR", mkdtemp(prefix="bench-"))  # children of the process share it

from tests.unmigrated import *  # noqa: F403

FONT_DIR = Path(__file__).parent.parent / "var" / "fonts"
