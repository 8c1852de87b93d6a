"""一（一）: four subjects in one ledger; every duty names subject, owner, who helps and who supervises."""

import pytest

from accountability.models import Duty
from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_one_ledger_over_all_subjects(login):
    page = login("office").get("/ledger/")
    assert page.context["pager"].total == Duty.objects.of_year(cast.YEAR).count()
    subjects = set(Duty.objects.of_year(cast.YEAR).values_list("subject", flat=True))
    assert subjects == {"committee", "discipline", "secretary", "member", "unit"}


def test_a_duty_names_everybody_it_concerns(login):
    duty = Duty.objects.filter(helpers__isnull=False, obligation__code="warning-meetings").first()
    page = login("office").get(f"/ledger/{duty.pk}/").content.decode()
    for words in (duty.get_subject_display(), duty.owner.full_title, duty.supervisor.name, duty.helpers.first().name):
        assert words in page


def test_a_change_of_holder_leaves_no_duty_without_an_owner(login, people):
    """From one does it to everyone does it: the post goes on, with a sheet that both sign."""
    from accountability.models import HandOver, Person, Post

    successor = Person.objects.create_user("successor", "继任", cast.PASSWORD)
    post = Post.objects.get(organisation__name=cast.OURS, role="unit_secretary")
    open_before = set(post.duties.open())
    data = {"person": successor.pk, "from_on": "2026-11-23", "reason": "校党干〔2026〕18号"}
    assert login("office").post(f"/posts/{post.pk}/appoint/", data).status_code == 302
    sheet = HandOver.objects.get()
    assert {line.duty for line in sheet.lines.all()} == open_before
    for username in ("unit_secretary", "successor"):
        client = login("office")
        client.force_login(Person.objects.get(username=username))
        assert client.post(f"/handovers/{sheet.pk}/sign/", acts.read_and_signed(sheet)).status_code == 302
    sheet.refresh_from_db()
    assert sheet.is_signed
    assert set(Duty.objects.owed_by(successor).filter(owner=post).open()) == open_before
