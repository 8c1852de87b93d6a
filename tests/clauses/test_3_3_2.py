"""三（三）2: units keep the same ledger; liaison drafts, secretary confirms; two special meetings a year."""

import pytest

from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_the_special_meeting_is_drafted_and_confirmed(login, people):
    duty = acts.duty_of(cast.organisation(cast.OURS), "unit-special-meeting")
    answer = acts.post_meeting(login("liaison"), duty, "unit-special-meeting")
    assert answer.status_code == 302
    assert acts.state(duty) == "open"
    record = duty.evidence.get().record
    assert login("liaison").post(f"/records/{record.pk}/decide/", {"transition": "accept"}).status_code == 403
    assert login("unit_secretary").post(f"/records/{record.pk}/decide/", {"transition": "accept"}).status_code == 302
    assert acts.state(duty) == "fulfilled"


def test_who_is_short_of_special_meetings_stands_first(login, people):
    duty = acts.duty_of(cast.organisation(cast.OURS), "unit-special-meeting")
    acts.post_meeting(login("unit_secretary"), duty, "unit-special-meeting")
    page = login("discipline").get(f"/meetings/quota/?year=2026&obligation={duty.obligation_id}")
    lines = {line.organisation.name: line for line in page.context["lines"]}
    assert (lines[cast.OURS].required, lines[cast.OURS].held, lines[cast.OURS].short) == (2, 1, 1)
    assert page.context["lines"][0].short == 2
    own = login("liaison").get(f"/meetings/quota/?year=2026&obligation={duty.obligation_id}")
    assert [line.organisation.name for line in own.context["lines"]] == [cast.OURS]


def test_a_branch_keeps_its_own(login, people):
    duty = acts.duty_of(cast.organisation(f"{cast.OURS}/第一党支部"), "branch-report")
    assert acts.post_record(login("branch"), duty, "branch-report").status_code == 302
    assert acts.state(duty) == "fulfilled"


def test_the_chain_is_on_the_duty_page(login, people):
    duty = acts.duty_of(cast.organisation(f"{cast.OURS}/第一党支部"), "branch-report")
    assert cast.OURS in login("unit_secretary").get(f"/ledger/{duty.pk}/").content.decode()


def test_the_units_three_lists_stand_inside_its_letter(login, people):
    from accountability.services import documents
    from tests import letters

    unit = cast.organisation(cast.OURS)
    typed = {"responsibility": "书记负第一责任；沈若愚", "task": "开展警示教育；副书记；2026-12-05", "rule": "采购办法"}
    path = f"/lists/units/{unit.pk}/"
    assert login("liaison").post(path, typed).status_code == 302
    assert login("liaison").post(f"{path}act/", {"transition": "confirm"}).status_code == 403
    assert login("unit_secretary").post(f"{path}act/", {"transition": "confirm"}).status_code == 302
    for code in ("responsibility-list", "task-list", "rule-list"):
        assert acts.state(acts.duty_of(unit, code)) == "fulfilled"
    letter = documents.make(
        by=people["office"], kind=letters.kind("responsibility-letter"), organisation=unit, work_year=cast.YEAR
    )
    for words in ("书记负第一责任", "开展警示教育", "采购办法"):
        assert words in letter.draft.text


def test_the_matrix_of_documents_goes_down_to_the_branches(login, people):
    unit = cast.organisation(cast.OURS)
    page = login("unit_secretary").get(f"/documents/?unit={unit.pk}").content.decode()
    assert "第一党支部" in page
    assert "支部落实责任情况报告" in page
