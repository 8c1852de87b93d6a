"""群消息: what a robot says in a group, counts and a link. No title, no name, and nothing of confidential kinds: a group has
readers the system does not know.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.urls import reverse

from accountability.ledger import LedgerFilter
from accountability.models import Delivery, Duty, Organisation

SOON = timedelta(days=7)
KEYWORD = "四责协同"  # the word by which 钉钉 and 飞书 groups let a robot speak


@dataclass(frozen=True)
class Message:
    title: str
    text: str


def message_of(delivery: Delivery) -> Message | None:
    """The message of this delivery; None when there is nothing to say."""
    if delivery.digest_id:
        return _morning(delivery.channel.organisation, delivery.digest.day)
    if delivery.notice_id:
        return _letter(delivery.channel.organisation)
    return Message(f"{KEYWORD}：试发", "系统管理员试发的消息。看到它，说明机器人工作正常。")


def _morning(unit: Organisation, on: date) -> Message | None:
    """早上的群摘要: overdue and soon due, of the unit and below; of the whole school in the commission's group."""
    duties = Duty.objects.ordinary().open().filter(work_year__closed_on=None)
    is_school = unit.kind in (Organisation.Kind.SCHOOL, Organisation.Kind.COMMISSION)
    if not is_school:
        duties = duties.filter(organisation__path__startswith=unit.path)
    counts = duties.aggregate(
        late=Count("pk", filter=Q(due_on__lt=on)),
        soon=Count("pk", filter=Q(due_on__gte=on, due_on__lte=on + SOON)),
        units=Count("organisation", filter=Q(due_on__lt=on), distinct=True),
    )
    if not counts["late"] and not counts["soon"]:
        return None
    lines = [
        f"已逾期 {counts['late']} 项" + (f"，涉及 {counts['units']} 个单位" if is_school and counts["late"] else "")
    ]
    lines += [f"{SOON.days} 天内到期 {counts['soon']} 项", f"登录查看：{_address(None if is_school else unit, on)}"]
    return Message(f"{KEYWORD} {on}：{unit.party_name}责任提醒", "\n".join(lines))


def _letter(unit: Organisation) -> Message:
    site = settings.SITE_ADDRESS.rstrip("/")
    return Message(f"{KEYWORD}：{unit.party_name}收到 1 件监督文书", f"请登录签收：{site}{reverse('notices')}")


def _address(unit: Organisation | None, on: date) -> str:
    chosen = LedgerFilter(year=on.year, organisation=unit.pk if unit else None)
    return settings.SITE_ADDRESS.rstrip("/") + chosen.url
