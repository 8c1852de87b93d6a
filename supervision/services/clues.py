"""线索移送: send to named people, hand in to the commission, forward with a reason, conclude with a result (三（二）3, 四（二）).

Titles of notices never name the matter: they go out by mail and stand on screens. Only the parties are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability.locking import lock_and_read
from accountability.models import Notice, Organisation, Person, Post, Role, Tenure
from accountability.models.history import save_as
from accountability.services.notices import notify
from accountability.services.numbers import next_number, worded
from inspections.research_access import own_units
from supervision.access import admitted
from supervision.clues.workflow import CLUE_TRANSITIONS, WORDS_AT_LEAST
from supervision.models import Admission, Clue, ClueItem, Secret, Source

SERIES, WORD = "线索移送", "移送"
REASON_AT_LEAST = 4
HAND_IN_ROLES = (Role.DEPARTMENT, Role.UNIT_SECRETARY, Role.INSPECTION_OFFICE, Role.DISCIPLINE)
RECIPIENT_ROLES = (Role.DEPARTMENT, Role.INSPECTION_OFFICE, Role.DISCIPLINE)
SENDERS = "线索由知悉授权范围内的纪委同志移送。"
S, D = Clue.State, Clue.Direction


@dataclass(frozen=True)
class Asked:
    """移送给谁、请协助什么、何时答复."""

    post: Post
    asked: str
    due_on: date


def may_send(user: Person) -> bool:
    return admitted(user, Secret.CLUE)


def posts_to_hand_in(user: Person) -> list[Post]:
    """The posts in which he may hand one in."""
    return [post for post in access.posts_held(user) if post.role in HAND_IN_ROLES]


def recipient_posts(user: Person):
    """可移送的岗位: departments of joint supervision, the inspection office, the commission; held today, not by himself."""
    held = Tenure.objects.in_office(timezone.localdate()).filter(person__is_active=True)
    posts = Post.objects.filter(
        role__in=RECIPIENT_ROLES, abolished_on=None, pk__in=held.exclude(person=user).values("post")
    )
    return posts.select_related("organisation__parent").order_by("organisation__rank", "rank", "pk")


def holder_of(post: Post) -> Person | None:
    held = Tenure.objects.in_office(timezone.localdate()).filter(post=post, person__is_active=True)
    tenure = held.select_related("person").order_by("is_acting", "-started_on").first()
    return tenure.person if tenure else None


def _words(errors: dict, source: str, words: str) -> None:
    if source not in Source.values:
        errors["source"] = "请选择监督来源。"
    if len(words.strip()) < WORDS_AT_LEAST:
        errors["words"] = f"请写明事项，至少 {WORDS_AT_LEAST} 个字，不写细节。"


def _new(*, by: Person, post: Post, direction: str, source: str, category: str, words: str, organisation) -> Clue:
    now = timezone.now()
    year = timezone.localdate(now).year
    return Clue(
        number=worded(WORD, year, next_number(SERIES, year)),
        direction=direction,
        source=source,
        category=category,
        organisation=organisation,
        words=words.strip(),
        sender=by,
        post=post,
        sent_on=timezone.localdate(now),
        sent_at=now,
        state=S.HANDED if direction == D.IN else S.OPEN,
    )


@transaction.atomic
def send(
    *,
    by: Person,
    source: str,
    category: str,
    words: str,
    asked: Sequence[Asked],
    reason: str,
    organisation: Organisation | None = None,
) -> Clue:
    """移送 to one or several named people; each sees his own item alone."""
    if not may_send(by):
        raise PermissionDenied(SENDERS)
    errors: dict = {}
    _words(errors, source, words)
    if not asked:
        errors["posts"] = "请选择移送给谁。"
    if organisation and organisation.pk in own_units(by):
        errors["organisation"] = f"您在{organisation.name}任职，应当回避，请由其他同志移送。"
    if errors:
        raise ValidationError(errors)
    post = next(one for one in access.posts_held(by) if one.role == Role.DISCIPLINE)
    row = _new(
        by=by, post=post, direction=D.OUT, source=source, category=category, words=words, organisation=organisation
    )
    row.full_clean()
    save_as(row, by=by, reason="移送")
    for one in asked:
        _name(row, one, by=by, reason=reason)
    return row


@transaction.atomic
def hand_in(
    *, by: Person, post: Post, source: str, category: str, words: str, organisation: Organisation | None = None
) -> Clue:
    """移送纪委: he and the admitted see it, nobody else in his unit."""
    if post not in posts_to_hand_in(by):
        raise PermissionDenied("线索由职能部门、巡察办负责人和二级党组织书记移送纪委。")
    errors: dict = {}
    _words(errors, source, words)
    if errors:
        raise ValidationError(errors)
    row = _new(
        by=by, post=post, direction=D.IN, source=source, category=category, words=words, organisation=organisation
    )
    row.full_clean()
    save_as(row, by=by, reason="移送纪委")
    _tell(_admitted_people(row), "收到一件移送纪委的事项，请接收", row, but=by)
    return row


@transaction.atomic
def hand_in_again(clue: Clue, *, by: Person, words: str) -> Clue:
    """补充后再移送 what was returned; what was written before stays in the history."""
    row = _locked(clue)
    if row.sender_id != by.pk:
        raise PermissionDenied("由移送人补充。")
    if row.state != S.RETURNED:
        raise ValidationError(f"当前是「{row.get_state_display()}」，退回补充的才需要再移送。")
    errors: dict = {}
    _words(errors, row.source, words)
    if errors:
        raise ValidationError(errors)
    row.words, row.lacking, row.state = words.strip(), "", S.HANDED
    row.full_clean()
    save_as(row, by=by, reason="补充后再移送")
    _tell(_admitted_people(row), "一件移送纪委的事项已补充，请接收", row, but=by)
    return row


@transaction.atomic
def forward(clue: Clue, *, by: Person, asked: Asked, reason: str) -> ClueItem:
    """移送给新的接收人, logged with its reason."""
    row = _known(clue, by=by)
    return _name(row, asked, by=by, reason=reason)


def _name(row: Clue, one: Asked, *, by: Person, reason: str) -> ClueItem:
    person = holder_of(one.post)
    _check_item(row, one, person, by=by, reason=reason)
    item = ClueItem(clue=row, person=person, post=one.post, asked=one.asked.strip(), due_on=one.due_on)
    item.named_by, item.named_at, item.reason = by, timezone.now(), reason.strip()
    item.full_clean()
    save_as(item, by=by, reason=f"移送{one.post.full_title}{person}：{item.reason}")
    notify(
        [person],
        kind=Notice.Kind.SUPERVISION,
        title="收到一件移送事项，请阅办",
        body=f"请于 {item.due_on} 前答复。",
        url=reverse("clue_item", args=[item.pk]),
    )
    return item


def _check_item(row: Clue, one: Asked, person: Person | None, *, by: Person, reason: str) -> None:
    errors = {}
    today = timezone.localdate()
    title = one.post.full_title
    if row.state != S.OPEN:
        raise ValidationError(f"移送事项当前是「{row.get_state_display()}」，不能再移送。")
    if one.post.role not in RECIPIENT_ROLES or person is None:
        errors["posts"] = f"{title}不在可移送之列，或者岗位暂无人任职。"
    elif person == by:
        errors["posts"] = "不能移送给自己。"
    elif person.pk == row.sender_id and row.is_inbound:
        errors["posts"] = "不能移送给移送纪委的同志本人。"
    elif row.organisation_id and row.organisation_id in own_units(person):
        errors["posts"] = f"{title}与事项涉及的单位有关，应当回避。"
    elif row.items.filter(person=person).exclude(state=ClueItem.State.RECALLED).exists():
        errors["posts"] = f"{title}已收到这一事项。"
    if len(one.asked.strip()) < REASON_AT_LEAST:
        errors["asked"] = f"请写明请协助的事项，至少 {REASON_AT_LEAST} 个字。"
    if one.due_on <= today or one.due_on.year > today.year + 1:
        errors["due_on"] = f"答复期限须晚于今天，不晚于 {today.year + 1} 年底。"
    if len(reason.strip()) < REASON_AT_LEAST:
        errors["reason"] = f"请写明移送理由，至少 {REASON_AT_LEAST} 个字。"
    if errors:
        raise ValidationError(errors)


# ── 办理 ─────────────────────────────────────────────────────────────────────────────────────


def _locked(clue: Clue) -> Clue:
    return lock_and_read(Clue.objects.select_related("sender"), clue.pk)


def _known(clue: Clue, *, by: Person) -> Clue:
    """Locked, for one of those who know it whole."""
    if not Clue.objects.known_to(by).filter(pk=clue.pk).exists():
        raise PermissionDenied("移送事项由知悉授权范围内的纪委同志办理。")
    return _locked(clue)


@transaction.atomic
def perform(clue: Clue, name: str, *, by: Person, reason: str = "") -> Clue:
    """接收、退回补充、重新办理. Two at once have one winner."""
    transition = CLUE_TRANSITIONS[name]
    row = _known(clue, by=by)
    reason = transition.checked(row, by=by, reason=reason)
    row.state = transition.target
    if name == "receive":
        row.received_by, row.received_at, row.lacking = by, timezone.now(), ""
    elif name == "send_back":
        row.lacking = reason[:300]
    else:
        row.closed_by, row.closed_on, row.result = None, None, ""
    row.full_clean()
    save_as(row, by=by, reason=f"{transition.label}：{reason}" if reason else transition.label)
    if row.is_inbound and name != "reopen":
        words = {"receive": "您移送纪委的事项已接收", "send_back": "您移送纪委的事项退回补充"}[name]
        _tell([row.sender], words, row, but=by)
    return row


@transaction.atomic
def open_answers(clue: Clue, *, by: Person, is_open: bool) -> Clue:
    """答复互见: whether the recipients read each other's answers."""
    row = _known(clue, by=by)
    if row.state != S.OPEN:
        raise ValidationError(f"移送事项当前是「{row.get_state_display()}」，不能再调整。")
    if row.answers_open != is_open:
        row.answers_open = is_open
        save_as(row, by=by, reason="接收人可以互看答复" if is_open else "接收人只看自己的答复")
    return row


@transaction.atomic
def close(clue: Clue, *, by: Person, result: str, closing: str = "") -> Clue:
    """办结 with a result and no detail; every answer is adopted or its sending recalled before."""
    row = _known(clue, by=by)
    if row.state != S.OPEN:
        raise ValidationError(f"移送事项当前是「{row.get_state_display()}」，不能办结。")
    done = (ClueItem.State.ADOPTED, ClueItem.State.RECALLED)
    if left := row.items.exclude(state__in=done).count():
        raise ValidationError(f"还有 {left} 位接收人没有答复或答复没有采纳；请先采纳、退回，或者撤回移送。")
    if result not in Clue.Result.values:
        raise ValidationError({"result": "请选择办理结果。"})
    row.state, row.result, row.closing = S.CLOSED, result, closing.strip()
    row.closed_by, row.closed_on = by, timezone.localdate()
    row.full_clean()
    save_as(row, by=by, reason=f"办结：{row.get_result_display()}")
    if row.is_inbound:
        _tell([row.sender], "您移送纪委的事项已办结", row, but=by)
    for item in row.items.exclude(state=ClueItem.State.RECALLED).select_related("person"):
        _tell_item(item, "您协助办理的移送事项已办结", but=by)
    return row


def _admitted_people(row: Clue) -> list[Person]:
    """Who is admitted and may see this one."""
    rows = Admission.objects.in_force().filter(secret=Secret.CLUE, person__is_active=True).select_related("person")
    return [one.person for one in rows if Clue.objects.known_to(one.person).filter(pk=row.pk).exists()]


def _tell(people, title: str, row: Clue, *, but: Person) -> None:
    notify(
        [person for person in people if person != but],
        kind=Notice.Kind.SUPERVISION,
        title=title,
        url=reverse("clue", args=[row.pk]),
    )


def _tell_item(item: ClueItem, title: str, *, but: Person) -> None:
    if item.person != but:
        url = reverse("clue_item", args=[item.pk])
        notify([item.person], kind=Notice.Kind.SUPERVISION, title=title, url=url)
