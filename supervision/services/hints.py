"""形式主义提示: look for signs, keep what was found once, let a person confirm or dismiss each (四（三）)."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accountability.models import Job, Person
from accountability.models.history import save_as
from accountability.services import jobs
from supervision.hints.finders import Finder, Found, Scope, emptiness, pictures, texts, timing
from supervision.hints.workflow import TRANSITIONS, may_judge
from supervision.models import Hint

KIND, KEY = "hints", "all"
FINDERS: tuple[Finder, ...] = (texts.find, pictures.find, timing.find, emptiness.find)
PLACES = ("organisation", "other", "work_year")


def order(*, by: Person) -> Job:
    """立即查找: queue the look, or join the one under way."""
    if not may_judge(by):
        raise PermissionDenied("形式主义提示由纪委查找。")
    return jobs.queue(KIND, KEY, by=by)[0]


def order_nightly() -> Job:
    return jobs.queue(KIND, KEY, by=Person.objects.system())[0]


def latest_look() -> Job | None:
    return Job.objects.filter(kind=KIND, key=KEY).order_by("-created_at", "-pk").first()


@jobs.runs(KIND, "形式主义提示查找")
def make(run: jobs.Run) -> None:
    look(by=run.job.requested_by, tell=run.tell)


def look(*, by: Person, tell=lambda progress, step: None) -> list[Hint]:
    """查找. Reading takes long and holds no lock; writing is one transaction. Returns what is new."""
    scope = Scope.today()
    found = {(one.kind, one.key): one for finder in FINDERS for one in finder(scope, tell)}
    tell(97, "正在登记")
    return _keep(found, scope, by=by)


@transaction.atomic
def _keep(found: dict[tuple[str, str], Found], scope: Scope, *, by: Person) -> list[Hint]:
    """登记: new ones are added, what was decided stays decided, an open one no longer found has gone."""
    standing = Hint.objects.select_for_update().filter(work_year__in=scope.years)
    known = {(hint.kind, hint.key): hint for hint in standing}
    for at, hint in known.items():
        if at not in found and hint.state == Hint.State.OPEN:
            hint.state, hint.gone_at = Hint.State.GONE, timezone.now()
            save_as(hint, by=by, reason="材料已改动，不再符合")
        elif at in found:
            _renew(hint, found[at], by=by)
    return [_add(one, by=by) for at, one in found.items() if at not in known]


def _renew(hint: Hint, one: Found, *, by: Person) -> None:
    """The same sign in other words; one that had gone is back."""
    back = hint.state == Hint.State.GONE
    if not back and (hint.state != Hint.State.OPEN or hint.why == one.why[:400]):
        return
    hint.why, hint.state, hint.gone_at = one.why[:400], Hint.State.OPEN, None
    save_as(hint, by=by, reason="再次发现" if back else "依据更新")


def _add(one: Found, *, by: Person) -> Hint:
    hint = Hint(
        kind=one.kind,
        key=one.key,
        why=one.why[:400],
        day=one.day,
        author_id=one.author,
        found_at=timezone.now(),
        **{f"{name}_id": getattr(one, name) for name in PLACES},
    )
    hint.later_kind, hint.later_id = one.later or ("", None)
    hint.earlier_kind, hint.earlier_id = one.earlier or ("", None)
    save_as(hint, by=by, reason="发现提示")
    return hint


@transaction.atomic
def perform(hint: Hint, name: str, *, by: Person, words: str) -> Hint:
    """确认、排除、重新查看: by one of the commission, in words; never by who brought the material in."""
    if name not in TRANSITIONS:
        raise ValidationError("没有这种办理，请返回提示页重新选择。")
    transition = TRANSITIONS[name]
    hint = Hint.objects.select_for_update(of=("self",)).get(pk=hint.pk)
    words = transition.checked(hint, by=by, reason=words)
    if len(words) > 500:
        raise ValidationError({"words": "意见请控制在 500 个字以内。"})
    hint.state = transition.target
    if hint.state == Hint.State.OPEN:
        hint.decided_by, hint.decided_at, hint.words = None, None, ""
    else:
        hint.decided_by, hint.decided_at, hint.words = by, timezone.now(), words
    save_as(hint, by=by, reason=f"{transition.label}：{words}")
    return hint
