"""记录筛选: the one reading of the filters of records; list, search and every figure that counts records use it."""

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import QuerySet

from accountability.filters import Filter, Span
from accountability.models import Organisation, Record


@dataclass(frozen=True)
class RecordFilter(Filter):
    ADDRESS: ClassVar[str] = "records"
    VIEWS: ClassVar[dict] = {
        "all": "全部",
        "waiting": "待我审核",
        "mine": "我录入的",
        "returned": "被退回",
        "late": "补录",
    }
    COLUMNS: ClassVar[dict] = {"year": "work_year", "way": "act__code"}
    SEARCHED: ClassVar[tuple] = ("title", "content", "organisation__name")

    year: int
    view: str = "all"
    q: str = ""
    act: tuple[str, ...] = ()  # 计入的, of one of these acts
    way: str = ""  # of this act, counted or not
    # 单位 and all below it.
    unit: int | None = None
    # 录入于 a year, a month or a day.
    entered: Span | None = None

    def rows(self, records: QuerySet, *, user) -> QuerySet:
        """The records that meet every condition; ``records`` comes scoped."""
        records = self._of_view(self.narrowed(records), user)
        if self.act:
            records = records.accepted().filter(act__code__in=self.act)
        if self.unit:
            records = records.filter(organisation__in=and_below(self.unit))
        if self.entered:
            records = records.filter(entered_on__gte=self.entered.first, entered_on__lte=self.entered.last)
        return records

    def _of_view(self, records: QuerySet, user) -> QuerySet:
        return {
            "all": lambda: records,
            "waiting": lambda: records.waiting_for(user),
            "mine": lambda: records.filter(entered_by=user),
            "returned": lambda: records.filter(entered_by=user, state=Record.State.RETURNED),
            "late": lambda: records.standing().entered_late(),
        }[self.view]()


def and_below(unit: int) -> QuerySet:
    """单位及下级: ids of the organisation and everything below it."""
    organisation = Organisation.objects.filter(pk=unit).first()
    rows = Organisation.objects.below(organisation) if organisation else Organisation.objects.none()
    return rows.values("pk")
