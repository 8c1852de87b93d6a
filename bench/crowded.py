"""Settings of the product as a crowd meets it: passwords, second factor, limits and sessions as in use; one proxy before it."""

import os

os.environ.update(TRUSTED_PROXIES="1")  # each simulated person has an address of his own, as the proxy would tell it

from bench.served import *  # noqa: F403

SECOND_FACTOR_REQUIRED = True
SESSION_IDLE_MINUTES, SESSION_HOURS = 30, 12
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
