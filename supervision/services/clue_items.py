"""移送接收: the recipient reads and answers, the commission adopts or sends back; nobody else takes part (三（二）3)."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability.locking import lock_and_read
from accountability.models import Matter, Notice, Person
from accountability.models.history import save_as
from accountability.services import attachments
from accountability.services.notices import notify
from supervision.clues.workflow import ITEM_TRANSITIONS, WORDS_AT_LEAST
from supervision.models import Clue, ClueItem
from supervision.services.reminder_rules import step_of

S = ClueItem.State
OF_RECIPIENT = ("read", "answer")


def _locked(item: ClueItem, *, by: Person, as_recipient: bool) -> ClueItem:
    """The clue first, so that concluding and answering wait for each other."""
    seen = ClueItem.objects.received_by(by) if as_recipient else ClueItem.objects.filter(
        clue__in=Clue.objects.known_to(by).values("pk")
    )  # fmt: skip
    if not seen.filter(pk=item.pk).exists():
        raise PermissionDenied("由接收人本人答复。" if as_recipient else "由知悉授权范围内的纪委同志办理。")
    clue = Clue.objects.select_for_update(of=("self",)).get(pk=item.clue_id)
    item = lock_and_read(ClueItem.objects.select_related("person", "named_by"), item.pk)
    item.clue = clue
    if clue.state != Clue.State.OPEN:
        raise ValidationError(f"移送事项当前是「{clue.get_state_display()}」，不能再办理。")
    return item


@transaction.atomic
def perform(item: ClueItem, name: str, *, by: Person, reason: str = "", due_on: date | None = None) -> ClueItem:
    """已阅、采纳、退回补充、撤回移送. Two at once have one winner."""
    transition = ITEM_TRANSITIONS[name]
    item = _locked(item, by=by, as_recipient=name in OF_RECIPIENT)
    reason = transition.checked(item, by=by, reason=reason)
    item.state = transition.target
    if name == "read":
        item.read_at = timezone.now()
    elif name == "adopt":
        item.decided_by, item.decided_on, item.lacking = by, timezone.localdate(), ""
    elif name == "send_back":
        item.lacking, item.turns = reason[:300], item.turns + 1
        item.due_on = _new_day(due_on) or item.due_on
    item.full_clean()
    save_as(item, by=by, reason=f"{transition.label}：{reason}" if reason else transition.label)
    if name == "send_back":
        _tell(item, "您对移送事项的答复退回补充", f"请于 {item.due_on} 前补充。")
    elif name == "recall":
        notify([item.person], kind=Notice.Kind.SUPERVISION, title="一件移送事项已撤回，您不需要再办理")
    return item


def _new_day(due_on: date | None) -> date | None:
    today = timezone.localdate()
    if due_on is not None and not today < due_on <= date(today.year + 1, 12, 31):
        raise ValidationError({"due_on": f"新的期限须晚于今天，不晚于 {today.year + 1} 年底。"})
    return due_on


@transaction.atomic
def answer(item: ClueItem, *, by: Person, text: str, files: Iterable[UploadedFile] = ()) -> ClueItem:
    """答复: his words and papers, to the commission alone unless answers were opened."""
    transition = ITEM_TRANSITIONS["answer"]
    item = _locked(item, by=by, as_recipient=True)
    transition.checked(item, by=by, reason="")
    if len(text.strip()) < WORDS_AT_LEAST:
        raise ValidationError({"text": f"请写明答复，至少 {WORDS_AT_LEAST} 个字。"})
    examined = attachments.examine_all(files, by=by)
    item.state, item.answer, item.answered_on = S.ANSWERED, text.strip(), timezone.localdate()
    item.read_at, item.lacking = item.read_at or timezone.now(), ""
    item.full_clean()
    save_as(item, by=by, reason="答复")
    attachments.keep_papers(item, examined, by=by)
    if Clue.objects.known_to(item.named_by).filter(pk=item.clue_id).exists():
        url = reverse("clue_item", args=[item.pk])
        notify([item.named_by], kind=Notice.Kind.SUPERVISION, title="一件移送事项已答复，请办理", url=url)
    return item


def _tell(item: ClueItem, title: str, body: str) -> None:
    url = reverse("clue_item", args=[item.pk])
    notify([item.person], kind=Notice.Kind.SUPERVISION, title=title, body=body, url=url)


# ── 期限 ─────────────────────────────────────────────────────────────────────────────────────


def remind(on: date) -> int:
    """提醒: the latest step reached and not yet told, to the recipient alone; the title names no matter (decision 21).

    A missed day is caught up with one notice, a second run adds none, a moved day starts anew.
    """
    waiting = ClueItem.objects.unanswered().order_by("pk").values_list("pk", flat=True)
    return sum(_remind_of(pk, on) for pk in waiting)


@transaction.atomic
def _remind_of(pk: int, on: date) -> int:
    """Lock, look again, write: two sweeps at once wait here."""
    item = lock_and_read(ClueItem.objects.select_related("person", "clue"), pk)
    step = step_of(Matter.CLUE, item.due_on, on)
    if step is None or not item.is_unanswered or not ClueItem.objects.received_by(item.person).filter(pk=pk).exists():
        return 0
    url = reverse("clue_item", args=[pk])
    told = Notice.objects.filter(recipient=item.person, url=url, due_on=item.due_on, step__lte=step.step)
    if told.exists():
        return 0
    days = (item.due_on - on).days
    when = "已逾期" if days < 0 else f"剩 {days} 天" if days else "今日到期"
    Notice.objects.create(
        recipient=item.person,
        kind=Notice.Kind.SUPERVISION,
        title=f"{when}：一件移送事项待您答复",
        due_on=item.due_on,
        step=step.step,
        rule_id=step.rule_id,
        url=url,
        created_at=timezone.now(),
    )
    return 1
