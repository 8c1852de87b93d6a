"""密码: changed by its person, or set anew by the system administrator, who must not know it for long."""

from django.db import transaction

from accountability.models import LoginSession, Person
from accountability.models.history import save_as
from accountability.services import audit, sessions

CHANGED = audit.register("password_changed", "修改密码")
RESET = audit.register("password_reset", "重置他人密码")


@transaction.atomic
def change(person: Person, password: str, *, by: Person, keeping: str = "") -> Person:
    """修改本人密码; he stays signed in where he is (``keeping`` is that session's key), and nowhere else."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    person.set_password(password)
    person.must_change_password = False
    save_as(person, by=by, reason="本人修改密码")
    ended = sessions.end_all(person, why=LoginSession.End.CHANGED, keeping=keeping)
    audit.record(CHANGED, by=by, row=person, sessions_ended=ended)
    return person


@transaction.atomic
def was_reset(person: Person, *, by: Person) -> None:
    """已由系统管理员重置: nobody goes on with what he had; the new one holds for one signing-in only."""
    ended = sessions.end_all(person, why=LoginSession.End.CHANGED)
    audit.record(RESET, by=by, row=person, sessions_ended=ended)
