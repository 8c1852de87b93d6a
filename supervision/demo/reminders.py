"""提醒的演示: the mornings of the last weeks, a few papers that went out, one of them signed for (三（三）3, 四（三）)."""

from datetime import date, timedelta

from accountability.models import Notice, Person, Tenure
from accountability.services import jobs
from supervision.demo.accounts import OUR_COLLEGE
from supervision.demo.clock import moment, standing_at
from supervision.models import ReminderPaper
from supervision.services import reminder_papers
from supervision.services.reminding import remind_on

WEEKS = 4
NEW_FOR = timedelta(days=3)  # what is older has been read


def lay(on: date) -> None:
    """Every morning up to that of ``on``."""
    for days in range(7 * WEEKS, -1, -1):
        morning = on - timedelta(days=days)
        with standing_at(moment(morning)):
            remind_on(morning)
    for paper in ReminderPaper.objects.order_by("pk"):
        jobs.run(paper.job_id)
    _sign_for_most(on)
    with standing_at(moment(on)):
        older = Notice.objects.unread().filter(created_at__lt=moment(on) - NEW_FOR)
        older.update(read_at=moment(on) - NEW_FOR)


def this_morning(on: date) -> None:
    """What nobody has been mailed yet."""
    with standing_at(moment(on)):
        remind_on(on)


def _sign_for_most(on: date) -> None:
    """已阅签收 on the afternoon of the day; those of the last two weeks wait but for our college's."""
    heads = dict(Tenure.objects.filter(ended_on=None).values_list("post", "person"))
    people = Person.objects.in_bulk(heads.values())
    for paper in ReminderPaper.objects.select_related("organisation").order_by("pk"):
        old = paper.issued_on < on - timedelta(days=14) or paper.organisation.name == OUR_COLLEGE
        head = people.get(heads.get(paper.post_id))
        if old and head is not None:
            with standing_at(moment(paper.issued_on, 15, 20)):
                reminder_papers.acknowledge(paper, by=head)
