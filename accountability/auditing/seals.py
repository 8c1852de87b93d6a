"""封存: what an event and a link of the chain are, as bytes under a key (GB/T 22239-2019 8.1.4.3).

An event bears a stamp (校验码) from the moment it is written, so that a row put in past the application is known for what it is.
A seal binds an event to all events before it.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from django.conf import settings

START = "0" * 64  # what the first seal follows
NONCE = 12
FIELDS = (
    "id", "at", "kind", "result", "person_id", "username", "address", "row_model", "row_id", "row_words", "request_id",
    "detail", "stamp",
)  # fmt: skip
AT, DETAIL = FIELDS.index("at"), FIELDS.index("detail")
dumps = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


@lru_cache(maxsize=4)
def _bytes(key: str) -> bytes:
    return key.encode()


def signed(text: str) -> str:
    """HMAC-SHA256 under AUDIT_KEY, which is not in the database."""
    return hmac.digest(_bytes(settings.AUDIT_KEY), text.encode(), hashlib.sha256).hex()


def moment(at: datetime) -> str:
    """UTC to the microsecond, as text; the bare column of SQLite is UTC and does not say so."""
    return (at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at).isoformat(" ", "microseconds")


def plain(row: Sequence) -> list:
    """The values of ``FIELDS``, as a database gives them or as a model holds them, as plain JSON."""
    values = list(row)
    values[AT] = moment(values[AT])
    detail = values[DETAIL]
    if isinstance(detail, str):
        values[DETAIL] = {} if detail == "{}" else json.loads(detail)
    return values


def values_of(event) -> list:
    return plain([getattr(event, name) for name in FIELDS])


def hash_of(previous: str, values: Sequence) -> str:
    """The link: what stood before, and every field of the event."""
    return signed(previous + dumps(values))


def stamp_of(values: Sequence, nonce: str = "") -> str:
    """校验码 of the event's fields but its number, which is not known yet."""
    nonce = nonce or secrets.token_hex(NONCE // 2)
    return nonce + signed(nonce + dumps(values[1:-1]))[:32]


def is_stamped(values: Sequence) -> bool:
    stamp = values[-1]
    return len(stamp) == NONCE + 32 and hmac.compare_digest(stamp, stamp_of(values, stamp[:NONCE]))
