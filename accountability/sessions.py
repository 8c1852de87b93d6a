"""会话存储: as Django's, but the database holds hashes of the keys: who reads it can take over no session."""

from hashlib import sha256

from django.contrib.sessions.backends import db
from django.utils import timezone

from accountability import statements
from accountability.models import LoginSession

KEPT = 40  # hex digits: what the column of Django's table holds


def kept(key: str) -> str:
    """What the database keeps of a session's key."""
    return sha256(key.encode()).hexdigest()[:KEPT]


class SessionStore(db.SessionStore):
    """The key goes to the browser, its hash into the table. Nothing of ours runs asynchronously, so only these are told."""

    def _get_session_from_db(self):
        found = statements.these("session", self.model.objects.all, [kept(self.session_key)], 1)
        if found and found[0].expire_date > timezone.now():
            return found[0]
        self._session_key = None
        return None

    def exists(self, session_key: str) -> bool:
        return self.model.objects.filter(session_key=kept(session_key)).exists()

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        row.session_key = kept(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            self.model.objects.filter(session_key=kept(key)).delete()

    def cycle_key(self) -> None:
        """A new key for the same signing-in, as after a change of password: its row goes on."""
        former = self.session_key
        super().cycle_key()
        if former:
            LoginSession.objects.filter(key=kept(former)).update(key=kept(self.session_key))
