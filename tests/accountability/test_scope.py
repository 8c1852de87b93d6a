"""范围: what one unit sees of another, by every door: nothing (一（二）, 三（三）2)."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accountability.models import Duty, Organisation, Record
from tests import acts, cast

pytestmark = pytest.mark.django_db
SECRET = "内部研判材料甲乙丙"


@pytest.fixture
def theirs(people):
    """Something of the other college that could leak through every door."""
    unit = cast.organisation(cast.THEIRS)
    file = SimpleUploadedFile("法学院材料.pdf", acts.PDF)
    record = acts.record(people["other_liaison"], unit, "duty-report", title=SECRET, files=[file])
    return {
        "unit": unit,
        "record": record,
        "duty": Duty.objects.get(evidence__record=record),
        "attachment": record.attachments.get(),
    }


def test_the_cast_has_something_to_hide(people, theirs):
    assert Duty.objects.filter(organisation=theirs["unit"]).count() > 5


def test_a_liaison_sees_his_unit_and_its_branches_only(people):
    seen = Organisation.objects.visible_to(people["liaison"])
    ours = cast.organisation(cast.OURS)
    assert set(seen) == set(Organisation.objects.below(ours))
    assert all(duty.organisation in seen for duty in Duty.objects.visible_to(people["liaison"]).for_list())


@pytest.mark.parametrize(
    "door", ["/ledger/", "/ledger/?q=法学院", "/records/", "/records/?q=研判", "/meetings/", "/", "/notices/"]
)
def test_no_list_shows_it(login, theirs, door):
    page = login("liaison").get(door).content.decode()
    assert SECRET not in page
    assert theirs["duty"].number not in page


def test_no_filter_choice_names_the_other_unit(login, theirs):
    page = login("liaison").get("/ledger/").content.decode()
    assert cast.OURS in page
    assert cast.THEIRS not in page


def test_asking_for_the_other_unit_gives_nothing(login, theirs):
    page = login("liaison").get(f"/ledger/?organisation={theirs['unit'].pk}")
    assert page.context["pager"].total == 0


def test_counts_do_not_tell(login, people, theirs):
    page = login("liaison").get("/ledger/")
    assert page.context["tabs"][0].count == Duty.objects.visible_to(people["liaison"]).of_year(cast.YEAR).owed().count()
    assert page.context["tabs"][0].count < Duty.objects.of_year(cast.YEAR).count()


@pytest.mark.parametrize(
    "who", ["liaison", "unit_secretary", "branch", "department", "outsider", "inspector", "sysadmin"]
)
def test_typing_the_address_gives_404(login, theirs, who):
    client = login(who)
    doors = [
        reverse("duty", args=[theirs["duty"].pk]),
        reverse("duty_history", args=[theirs["duty"].pk]),
        reverse("record", args=[theirs["record"].pk]),
        reverse("record_revise", args=[theirs["record"].pk]),
        reverse("attachment", args=[theirs["attachment"].pk]),
        f"/records/new/?duty={theirs['duty'].pk}",
        f"/meetings/new/?duty={theirs['duty'].pk}",
    ]
    for door in doors:
        assert client.get(door).status_code == 404, door
    assert (
        client.post(reverse("record_decide", args=[theirs["record"].pk]), {"transition": "accept"}).status_code == 404
    )
    assert client.post(reverse("duty_move", args=[theirs["duty"].pk]), {}).status_code == 404


def test_not_found_reads_the_same_whether_it_exists(login, theirs):
    client = login("liaison")
    foreign = client.get(reverse("duty", args=[theirs["duty"].pk]))
    unknown = client.get(reverse("duty", args=[99_999_999]))
    assert without_token(foreign) == without_token(unknown)


def without_token(answer) -> str:
    """The page less what differs on every load: the token and the number of the request."""
    page = answer.content.decode().replace(answer["X-Request-ID"], "")
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def test_the_export_holds_only_the_visible(login, people, theirs):
    from io import BytesIO

    from openpyxl import load_workbook

    answer = login("liaison").get("/ledger/export/")
    sheet = load_workbook(BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert {row[0] for row in rows} == set(
        Duty.objects.visible_to(people["liaison"]).of_year(cast.YEAR).owed().values_list("number", flat=True)
    )
    assert all(cast.THEIRS not in str(cell) for row in rows for cell in row)


def test_his_own_side_does_see_it(login, theirs):
    client = login("other_liaison")
    assert client.get(reverse("record", args=[theirs["record"].pk])).status_code == 200
    answer = client.get(reverse("attachment", args=[theirs["attachment"].pk]))
    assert b"".join(answer.streaming_content) == acts.PDF
    assert "attachment" in answer["Content-Disposition"]


def test_the_commission_sees_and_cannot_touch(login, theirs):
    client = login("discipline")
    assert client.get(reverse("record", args=[theirs["record"].pk])).status_code == 200
    refused = client.post(reverse("record_decide", args=[theirs["record"].pk]), {"transition": "accept"})
    assert refused.status_code == 403
    assert Record.objects.get(pk=theirs["record"].pk).state == "submitted"


def test_a_member_sees_his_portfolio_and_his_own(people):
    seen = set(Duty.objects.visible_to(people["member"]).values_list("organisation__name", flat=True))
    assert {"会计学院", "财务处"} <= seen
    assert "法学院" not in seen
    own = Duty.objects.visible_to(people["member"]).filter(organisation__kind="school")
    assert {duty.owner.title for duty in own} == {"分管财务副校长"}


def test_a_helping_unit_sees_the_duty_it_helps_with(people):
    helped = Duty.objects.filter(helpers__name="财务处").exclude(organisation__name="财务处").first()
    if helped is None:
        from accountability.models import Cooperation

        helped = acts.duty_of(cast.organisation(cast.THEIRS), "duty-report")
        Cooperation.objects.create(duty=helped, organisation=cast.organisation("财务处"))
    assert Duty.objects.visible_to(people["department"]).filter(pk=helped.pk).exists()
    assert not Duty.objects.visible_to(people["liaison"]).filter(pk=helped.pk).exists()
