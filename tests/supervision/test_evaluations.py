"""监督评价: beside the record, by another, corrected and never deleted (二（二）, 三（二）1)."""

import io

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accountability.models import Notice, Record
from accountability.services import records
from supervision.board.indicators import FIGURES
from supervision.models import RecordEvaluation
from supervision.services.evaluations import evaluate
from tests import acts, cast
from tests.supervision import watching
from tests.supervision.watching import evaluation
from tests.test_house import queries

pytestmark = pytest.mark.django_db
BAD = {"grade": "bad", "words": "会议记录系事后补写，签到人数与照片不符。"}


def theirs(people) -> Record:
    return acts.record(people["unit_secretary"], cast.organisation(cast.OURS), "duty-report")


def test_it_stands_beside_the_record_and_changes_nothing_in_it(login, people):
    record = theirs(people)
    before = record.history.count()
    client = login("discipline")
    page = client.get(f"/records/{record.pk}/").content.decode()
    assert f"/oversight/records/evaluate/{record.pk}/" in page
    here = f"/oversight/records/evaluate/{record.pk}/"
    assert client.post(here, {"grade": "bad", "words": "短"}).status_code == 400
    assert client.post(here, {"grade": ""}).status_code == 400
    assert client.post(here, BAD).status_code == 302
    record.refresh_from_db()
    assert record.history.count() == before
    row = RecordEvaluation.objects.get()
    assert (row.record, row.evaluated_by, row.entered_by) == (record, people["discipline"], people["unit_secretary"])
    for who in ("discipline", "unit_secretary", "liaison", "office", "secretary"):
        assert BAD["words"] in login(who).get(f"/records/{record.pk}/").content.decode(), who
    told = Notice.objects.get(recipient=people["unit_secretary"], kind="supervision")
    assert told.title.startswith("监督评价（不认可）") and told.url == f"/records/{record.pk}/"
    assert not Notice.objects.filter(recipient=people["other_secretary"], kind="supervision").exists()


def test_corrected_by_a_new_one(login, people):
    record = theirs(people)
    first = evaluate(record, by=people["discipline"], **BAD)
    with pytest.raises(ValidationError, match="没有改动"):
        evaluate(record, by=people["discipline"], **BAD)
    second = evaluate(record, by=people["discipline"], grade="good")
    first.refresh_from_db()
    assert (first.is_current, second.is_current, second.supersedes) == (False, True, first)
    page = login("unit_secretary").get(f"/records/{record.pk}/").content.decode()
    assert "已更正" in page and BAD["words"] in page
    assert login("discipline").get("/oversight/records/evaluations/?grade=bad").context["pager"].total == 0
    # another of the commission has his own word
    evaluate(record, by=watching.commission_head(), grade="mend", words="请补充数据。")
    assert RecordEvaluation.objects.current().count() == 2


def test_who_may_not(login, people):
    record = theirs(people)
    for who in ("office", "secretary", "unit_secretary", "liaison"):
        with pytest.raises(PermissionDenied):
            evaluate(record, by=people[who], grade="good")
        assert login(who).get(f"/oversight/records/evaluate/{record.pk}/").status_code == 403, who
    for who in ("other_secretary", "outsider", "sysadmin", "inspector"):
        assert login(who).get(f"/oversight/records/evaluate/{record.pk}/").status_code == 404, who
    page = login("unit_secretary").get(f"/records/{record.pk}/").content.decode()
    assert "/oversight/records/evaluate/" not in page
    assert not RecordEvaluation.objects.exists()


def test_who_entered_or_confirmed_it_does_not_evaluate_it(people):
    own = acts.record(people["discipline"], cast.organisation("纪委办公室"), "duty-report")
    with pytest.raises(PermissionDenied, match="录入或审核"):
        evaluate(own, by=people["discipline"], grade="good")
    commissions = watching.oversight(people["discipline"]).record
    with pytest.raises(PermissionDenied, match="纪委自己的"):
        evaluate(commissions, by=watching.commission_head(), grade="good")
    row = evaluation(people["discipline"], people["unit_secretary"])
    for change in ({"entered_by": row.evaluated_by}, {"decided_by": row.evaluated_by}, {"words": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RecordEvaluation.objects.filter(pk=row.pk).update(**change)


def test_only_what_counts_is_evaluated(people):
    waiting = acts.record(people["liaison"], cast.organisation(cast.OURS), "duty-report")
    with pytest.raises(PermissionDenied, match="计入之后"):
        evaluate(waiting, by=people["discipline"], grade="good")
    records.decide(waiting, "accept", by=people["unit_secretary"])
    row = evaluate(waiting, by=people["discipline"], grade="good")
    assert (row.entered_by, row.decided_by) == (people["liaison"], people["unit_secretary"])
    assert Notice.objects.filter(recipient=people["liaison"], kind="supervision").exists()


def test_who_helps_does_not_read_it(people):
    """A record proves a duty another department helps with: it reads the record, not what the commission says of it."""
    row = evaluation(people["discipline"], people["unit_secretary"])
    assert not RecordEvaluation.objects.visible_to(people["department"]).exists()
    assert not RecordEvaluation.objects.visible_to(people["other_liaison"]).exists()
    assert RecordEvaluation.objects.visible_to(people["liaison"]).get() == row
    assert RecordEvaluation.objects.visible_to(people["member"]).exists(), "the leader in contact with the unit"


def test_list_figure_and_export_are_one(login, people):
    evaluation(people["discipline"], people["unit_secretary"], **BAD)
    evaluation(people["discipline"], people["other_secretary"], cast.THEIRS, grade="good", words="=1+1")
    one = FIGURES["disapproved"]
    for who, rows, bad in (("discipline", 2, 1), ("liaison", 1, 1), ("other_liaison", 1, 0), ("secretary", 2, 1)):
        client = login(who)
        page = client.get("/oversight/records/evaluations/")
        assert page.context["pager"].total == rows
        assert sum(each["value"] for each in page.context["figures"]) == rows
        assert one.value(people[who], cast.YEAR, cast.TODAY) == bad
        assert client.get(one.url(cast.YEAR)).context["pager"].total == bad
        book = openpyxl.load_workbook(io.BytesIO(client.get("/oversight/records/evaluations/export/").content))
        lines = list(book.active.iter_rows(min_row=2))
        assert len(lines) == rows
        assert all(cell.data_type != "f" for line in lines for cell in line)
    unit = cast.organisation(cast.OURS).pk
    client = login("discipline")
    assert client.get(f"/oversight/records/evaluations/?unit={unit}&year=2026").context["pager"].total == 1
    for odd in ("?unit=x&year=x&grade=x&q=\x00", "?unit=99999999999999999999"):
        assert client.get(f"/oversight/records/evaluations/{odd}").status_code == 200


def test_it_costs_the_same_at_one_and_at_many(login, people):
    client = login("discipline")
    evaluation(people["discipline"], people["unit_secretary"])
    few = queries(client, "/oversight/records/evaluations/")
    for number in range(1, 7):
        record = acts.record(
            people["unit_secretary"], cast.organisation(cast.OURS), "duty-report", sitting=number + 1, credit=False
        )
        evaluate(record, by=people["discipline"], grade="good")
    assert queries(client, "/oversight/records/evaluations/") == few
