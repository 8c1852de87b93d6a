"""请求之外: tasks of workers and commands of administrators are acts of 系统."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.functional import SimpleLazyObject

from accountability import acting


def _system():
    from accountability.models import Person  # a command begins before there are models

    return Person.objects.system()


@contextmanager
def acting_outside(source: str, request_id: str = "") -> Iterator[acting.Act]:
    """Sealed at the end, once, however many transactions there were."""
    act = acting.Act(source=source, person=SimpleLazyObject(_system))
    if request_id:
        act.request_id = request_id.replace("-", "")[:32]
    try:
        with acting.acting(act):
            yield act
    finally:
        if act.is_unsealed:
            from accountability.services import sealing

            sealing.seal_soon()


def commanded(arguments: list[str]):
    """A run of manage.py."""
    return acting_outside(f"command:{arguments[1]}" if len(arguments) > 1 else "command:")


def listen() -> None:
    from celery.signals import task_postrun, task_prerun

    under_way = {}

    def begin(task_id: str, task, **_) -> None:
        under_way[task_id] = acting_outside(f"task:{task.name}", task_id)
        under_way[task_id].__enter__()

    def end(task_id: str, **_) -> None:
        if act := under_way.pop(task_id, None):
            act.__exit__(None, None, None)

    task_prerun.connect(begin, weak=False, dispatch_uid="audit_task_begins")
    task_postrun.connect(end, weak=False, dispatch_uid="audit_task_ends")
