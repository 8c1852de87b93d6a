"""Settings of the product as the benches serve it: as in use, but without TLS, and for one superuser of the admin's list."""

import os

os.environ.update(
    DEBUG="0",
    SECRET_KEY="bench-only-" + "0123456789abcdef" * 4,
    ALLOWED_HOSTS="127.0.0.1,testserver",
    SECURE_SSL_REDIRECT="0",
    SECOND_FACTOR_REQUIRED="0",
    # The database is made once and kept: neither a session nor a password grows old in it.
    SESSION_IDLE_MINUTES="0",
    SESSION_HOURS="100000",
    PASSWORD_MAX_DAYS="0",
)

from accountability.views import paging
from config.settings import *  # noqa: F403

SUPERUSERS_MAY_SIGN_IN = True
ROOT_URLCONF = "bench.urls"
REAUTH_MINUTES = 60 * 24 * 3660
# The goals speak of fifty rows.
ROWS = 50
paging.PAGE_SIZE = ROWS
