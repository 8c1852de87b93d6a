"""Settings of the tests: the product's own, on a data folder of their own, beside the installed fonts."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("DATA_DIR", str(ROOT / "var" / "test"))

from config.settings import *  # noqa: E402, F403
from config.settings import DATA_DIR, DATABASES  # noqa: E402

# A quick hash, from the first row on: the foundation is laid before any fixture could ask for it.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Tests leap through months: how long a session or a password holds is set where that is what is tested.
SESSION_IDLE_MINUTES = PASSWORD_MAX_DAYS = 0
SESSION_SEEN_SECONDS = 24 * 3600
# Tests leap through months: how long a proof holds is set where that is what is tested.
REAUTH_MINUTES = 60 * 24 * 3660
FONT_DIR = ROOT / "var" / "fonts"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in use: the server thread of a browser walk has a connection of its own.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
# Hundreds of answers a minute come from one address here; the tests of the limits set their own.
RATE_LIMITS = {}
