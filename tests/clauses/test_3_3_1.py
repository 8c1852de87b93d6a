"""三（三）1: four documents, four meetings, three reports, the letters with every unit."""

import pytest

from accountability.models import Duty
from tests import acts, cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_papers")]


def test_every_leader_signs_three_documents(people):
    for code in ("integrity-pledge", "responsibility-plan", "project-letter"):
        assert Duty.objects.of_year(cast.YEAR).filter(obligation__code=code).count() == 22


@pytest.mark.parametrize("kind", ["analysis-meeting", "plan-meeting", "progress-meeting", "appraisal-meeting"])
def test_each_of_the_four_meetings_counts(login, people, kind):
    duty = acts.duty_of(cast.organisation("学校党委"), kind)
    assert acts.post_meeting(login("office"), duty, kind).status_code == 302
    assert acts.state(duty) == "fulfilled"


def test_the_regular_meetings_of_party_affairs_are_owed_through_the_year(login, people):
    owed = Duty.objects.of_year(cast.YEAR).filter(obligation__code="party-affairs-meetings").order_by("occurrence")
    assert owed.count() == 4
    assert acts.post_meeting(login("office"), owed[0], "party-affairs-meeting").status_code == 302
    quotas = {each.obligation.code: each for each in login("office").get("/meetings/").context["quotas"]}
    assert (quotas["party-affairs-meetings"].held, quotas["party-affairs-meetings"].short) == (1, 3)


def test_a_member_files_his_pledge(login, people):
    duty = Duty.objects.get(obligation__code="integrity-pledge", work_year=cast.YEAR, owner__title="分管财务副校长")
    assert acts.post_record(login("member"), duty, "integrity-pledge").status_code == 302
    assert acts.state(duty) == "fulfilled"


def test_the_secretarys_report_belongs_to_the_working_year_and_falls_in_the_next(people):
    duty = Duty.objects.get(obligation__code="secretary-report", work_year=cast.YEAR)
    assert (duty.work_year_id, duty.due_on.year) == (2026, 2027)


def test_every_unit_has_its_letter(people):
    letters = Duty.objects.of_year(cast.YEAR).filter(obligation__code="responsibility-letter")
    assert letters.count() == 37  # of 38: one unit has nobody to sign


@pytest.mark.parametrize("code", ["integrity-pledge", "responsibility-plan", "project-letter"])
def test_each_of_the_members_documents_is_drafted_reviewed_and_signed_here(login, people, code):
    from tests import letters

    member = people["member"]
    post = letters.post_of(member)
    data = {"kind": letters.kind(code).pk, "organisation": post.organisation_id, "post": post.pk, "year": cast.YEAR}
    answer = login("member").post("/documents/new/", data)
    path = answer["Location"].removesuffix("edit/")
    draft = {"title": "我的文件", "text": letters.REAL_TEXT, "revision": 0, "submit": "1"}
    assert login("member").post(f"{path}edit/", draft).status_code == 302
    assert login("office").post(f"{path}act/", {"transition": "pass"}).status_code == 302
    if code == "project-letter":
        assert login("secretary").post(f"{path}act/", {"transition": "pass"}).status_code == 302
    letters.set_papers()
    page = login("member").get(f"{path}sign/")
    sign = {"password": cast.PASSWORD, "sha256": page.context["version"].pdf_sha256}
    assert login("member").post(f"{path}sign/", sign).status_code == 302
    assert acts.state(letters.duty_for(code, post)) == "fulfilled"
    matrix = login("secretary").get("/documents/").content.decode()
    assert "已签署" in matrix


def test_the_committees_appraisal_is_drafted_by_the_office_and_signed_by_the_secretary(login, people):
    from tests import letters

    school = cast.organisation("学校党委")
    document = letters.draft(people["office"], "appraisal-letter", organisation=school)
    path = f"/documents/{document.pk}/"
    assert login("office").post(f"{path}act/", {"transition": "submit"}).status_code == 302
    letters.set_papers()
    version = document.versions.first()
    sign = {"password": cast.PASSWORD, "sha256": version.pdf_sha256}
    assert login("office").post(f"{path}sign/", sign).status_code == 403
    assert login("secretary").post(f"{path}sign/", sign).status_code == 302
    assert acts.state(acts.duty_of(school, "appraisal-letter")) == "fulfilled"


def test_the_commission_reads_and_comments_and_edits_nothing(login, people):
    from tests import letters

    document = letters.project_letter(people, to="draft")
    path = f"/documents/{document.pk}/"
    client = login("discipline")
    assert client.get(path).status_code == 200
    assert client.post(f"{path}comment/", {"text": "措施不够具体"}).status_code == 302
    assert client.get(f"{path}edit/").status_code == 403
    assert client.post(f"{path}edit/", {"title": "甲", "text": "乙", "revision": 1}).status_code == 400
    assert client.post(f"{path}act/", {"transition": "withdraw", "reason": "不应成功"}).status_code == 403
    assert letters.fresh(document).draft.text == letters.REAL_TEXT


def test_no_document_is_in_the_administrators_hands(login):
    """Administrators keep reference data; what a subject signed they neither see nor edit."""
    from django.contrib import admin

    from accountability import models

    kept_out = (models.Document, models.DocumentVersion, models.Signature, models.Review, models.Comment, models.Answer)
    assert not [model for model in kept_out if admin.site.is_registered(model)]
    assert login("sysadmin").get("/documents/").context["tables"] == []
