"""考核: the room and its figures; each page in a module of its own (四（四）)."""

from accountability.models import Person
from supervision.assessment import access as assessment_access
from supervision.assessment.access import approves, finds_the_room, prepares, sees_all
from supervision.assessment.filters import ObjectionFilter, SheetFilter
from supervision.board.indicators import figure
from supervision.models import Assessment, AssessmentSheet, Objection, Scheme
from supervision.rooms import room


def waiting_for(user: Person) -> int:
    """待办: objections and objects to approve for who decides; own sheets to fill in for who is assessed."""
    waiting = 0
    if prepares(user):
        waiting += Objection.objects.visible_to(user).open().exclude(reviewer=user).count()
    if approves(user):
        waiting += Scheme.objects.filter(state=Scheme.State.PROPOSED).count()
        waiting += Assessment.objects.filter(state=Assessment.State.PROPOSED).count()
    own = AssessmentSheet.objects.filter(assessment__state=Assessment.State.OPEN).unsaid().select_related("assessment")
    mine = [sheet for sheet in own.visible_to(user) if assessment_access.may_draft(user, sheet)]
    return waiting + len(mine)


room(
    400,
    "年度考核",
    "assessments",
    "考核方案、系统计分、自评、评议、公示与异议、结果运用",
    icon="half",
    may=finds_the_room,
    waiting=waiting_for,
)

figure(
    "sheets_unsaid",
    "考核未自评",
    unit="个",
    rows=lambda user, year, on: AssessmentSheet.objects.visible_to(user).of_year(year).unsaid(),
    url=lambda year: SheetFilter(year=year, view="unsaid").url,
    words="已启动的年度考核中，还没有确认自评的单位和校领导",
    may=sees_all,
)
figure(
    "objections_open",
    "异议待答复",
    unit="件",
    rows=lambda user, year, on: Objection.objects.visible_to(user).of_year(year).open(),
    url=lambda year: ObjectionFilter(year=year, state="asked").url,
    words="公示期间提出、还没有答复的考核异议",
    may=sees_all,
)
