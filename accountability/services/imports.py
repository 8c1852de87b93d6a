"""导入任务: a confirmed file is written by a worker, whole or not at all; one job per import, one kind per room."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction

from accountability.locking import lock_and_read
from accountability.models import Job, Notice, Person
from accountability.models.imports import FileImport
from accountability.services import jobs
from accountability.services.notices import notify

Row = TypeVar("Row", bound=FileImport)


@dataclass(frozen=True)
class Room:
    """What a room tells of its imports: who may decide, the verb that writes, what was written in words."""

    model: type[FileImport]
    may_decide: Callable[[FileImport, Person], None]  # raises PermissionDenied
    write: Callable[..., FileImport]  # (row, *, by, tell)
    written: Callable[[FileImport], str]


_rooms: dict[str, Room] = {}


def imports_of(room: Room, label: str) -> None:
    """登记: files of this room are written by jobs of this name."""
    _rooms[room.model.KIND] = room
    jobs.runs(room.model.KIND, label)(_work)


def written(row: FileImport) -> str:
    """写了什么, of an import that is done."""
    return _rooms[row.KIND].written(row)


def waiting(row: Row) -> Row:
    """The import locked, for whoever writes it; refused once it was decided."""
    row = lock_and_read(type(row).objects.all(), row.pk)
    if row.state != FileImport.State.WAITING:
        raise ValidationError(f"「{row.name}」{row.get_state_display()}，不能再办理。")
    return row


def unordered(row: Row) -> Row:
    """As ``waiting``, for whoever changes or drops it: not while it is being written."""
    row = waiting(row)
    job = row.job
    if job is not None and job.is_under_way:
        raise ValidationError(f"「{row.name}」正在导入，写完之前不能改动或放弃。")
    return row


@transaction.atomic
def order(row: FileImport, *, by: Person) -> Job:
    """确定导入: a worker writes it in the name of whoever confirmed; asking again joins the job under way."""
    _rooms[row.KIND].may_decide(row, by)
    return jobs.queue(row.KIND, f"{waiting(row).pk}", by=by)[0]


def _work(run: jobs.Run) -> None:
    """In the worker: all of it and the notice of it, or nothing and the refusal. What is written is never written again."""
    room, by = _rooms[run.job.kind], run.job.requested_by
    row = room.model.objects.get(pk=run.job.key)
    run.tell(5, "正在核对，无误后一次写入")
    try:
        with transaction.atomic():
            locked = lock_and_read(room.model.objects.all(), row.pk)
            if locked.state == FileImport.State.DONE:
                return
            room.may_decide(locked, by)
            done = room.write(locked, by=by, tell=run.tell)
            _notify(done, by, "已导入", room.written(done))
    except Exception as error:
        _notify(row, by, "没有导入", jobs.in_words(error))
        raise


def _notify(row: FileImport, by: Person, became: str, body: str) -> None:
    notify([by], kind=Notice.Kind.IMPORT, title=f"「{row.name}」{became}", body=body, url=row.get_absolute_url())
