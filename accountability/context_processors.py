"""页面外框: what every signed-in page shows around its content."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accountability import access, acting, watermarks
from accountability.counting import counts_again
from accountability.document_workflow import waiting_for
from accountability.list_workflow import problems_waiting, projects_waiting, responsibilities_waiting
from accountability.models import Duty, Notice, Record, Role
from accountability.passwords import days_to_warn_of, why_change
from accountability.years import year_in_view

# Whose posts report every year, or read the reports of others.
REPORTING = {
    Role.OFFICE, Role.DISCIPLINE, Role.SECRETARY, Role.MEMBER, Role.UNIT_SECRETARY, Role.LIAISON, Role.DEPARTMENT,
}  # fmt: skip
IN_LISTS = ("problems", "responsibilities", "projects")


@cache
def _address(url_name: str) -> str:
    return reverse(url_name)


@dataclass(frozen=True)
class Section:
    name: str
    url: str
    icon: str
    current: bool
    count: int | None = None


class Shell:
    """外框. Attributes are read by the template, each query at most once and only when shown."""

    def __init__(self, request):
        self.request = request
        self.user = request.user
        self.today = timezone.localdate()
        self.person_name = self.user.name
        self.watermark = watermarks.mark_of(self.user) if watermarks.is_confidential(request) else ""
        post = next(iter(access.posts_held(self.user)), None)
        self.post_label = post.title if post else "暂无岗位"
        self.organisation_name = post.organisation.party_name if post else ""
        self.work_year = year_in_view(request)
        self.counts = self._counts()
        self.unread = self.counts["unread"]
        self.sections, self.more_sections = self._main(), self._more()
        self.password_days = days_to_warn_of(self.user)

    def _counts(self) -> dict[str, int]:
        """What waits for this person, in one query."""
        return counts_again(("frame", access.standing_of(self.user), self.work_year), self._waiting())

    def _waiting(self) -> dict[str, Callable[[], QuerySet]]:
        user = self.user
        return {
            "unread": lambda: Notice.objects.visible_to(user).unread(),
            "owed": lambda: Duty.objects.owed_by(user).of_year(self.work_year).open(),
            "to_confirm": lambda: Record.objects.waiting_for(user),
            "documents": lambda: waiting_for(user),
            "problems": lambda: problems_waiting(user),
            "responsibilities": lambda: responsibilities_waiting(user),
            "projects": lambda: projects_waiting(user),
        }

    def _section(self, name: str, url_name: str, icon: str, count: int | None = None) -> Section:
        url = _address(url_name)
        path = self.request.path
        return Section(name, url, icon, path == url or (url != "/" and path.startswith(url)), count or None)

    def _main(self) -> list[Section]:
        sections = [self._section("首页", "home", "home")]
        if Role.INSPECTOR in access.roles_of(self.user):
            sections.append(self._section("巡察整改", "inspections", "done"))
        if not self._does_business():
            return sections
        if access.may_supervise(self.user):
            sections.append(self._section("监督看板", "supervision", "board"))
        sections += [
            self._section("责任台账", "ledger", "ledger", self.counts["owed"]),
            self._section("履责记录", "records", "record", self.counts["to_confirm"]),
            self._section("会议", "meetings", "meeting"),
            self._section("巡察整改", "inspections", "done"),
            self._section("风险防控", "risks", "risk"),
            self._section("调研督查", "research", "search"),
            self._section("三张清单", "lists", "link", sum(self.counts[name] for name in IN_LISTS)),
            self._section("文件", "documents", "letter", self.counts["documents"]),
            self._section("监督工作", "supervision_work", "flag"),
        ]
        return sections

    def _more(self) -> list[Section]:
        sections = []
        if access.may_see_whole_school(self.user) and not access.may_supervise(self.user):
            sections.append(self._section("监督看板", "supervision", "board"))
        if access.roles_of(self.user) & REPORTING:
            sections.append(self._section("年度报告", "reports", "archive"))
        if access.may_manage_duties(self.user):
            sections.append(self._section("年度安排", "years", "calendar"))
            sections.append(self._section("提醒规则", "reminder_rules", "bell"))
        sections.append(self._section("通知", "notices", "bell", self.unread))
        if self._does_business():
            sections.append(self._section("组织与岗位", "organisations", "talk"))
            sections.append(self._section("制度与条款", "clauses", "rule"))
        if access.may_operate(self.user) or access.may_manage_duties(self.user):
            sections.append(self._section("运行状况", "operations", "half"))
        if access.may_audit(self.user):
            sections.append(self._section("审计日志", "audit", "rule"))
        if self.user.is_staff:
            sections.append(self._section("管理后台", "admin:index", "rule"))
        return sections

    def _does_business(self) -> bool:
        """The three administrators and a person without a post see no business section."""
        roles = access.roles_of(self.user)
        return bool(roles - {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.INSPECTOR})


def shell(request) -> dict:
    user = getattr(request, "user", None)
    act = acting.current()
    told = {"shell": None, "request_id": act.request_id if act else ""}
    if user is None or not user.is_authenticated or request.path.startswith("/admin/"):
        return told
    if getattr(request, "is_half_signed_in", False):  # 二次验证 comes first: not even the frame tells anything
        return told
    if why_change(user):
        return told  # nothing else is to be had before
    return told | {"shell": Shell(request)}
