"""线索移送: the lives of a clue and of its items, the wrong doors, what is refused (三（二）3)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accountability.models import Notice, Tenure
from accountability.models.history import save_as
from supervision.models import Clue, ClueItem, CluePaper
from supervision.services import clue_items, clues
from supervision.tasks import remind
from tests import acts, cast
from tests.supervision import watching
from tests.supervision.watching import (
    ASKED,
    DUE,
    WORDS,
    admit_to_clues,
    answer,
    handed_in,
    item_of,
    post_in,
    sent,
    to,
)

pytestmark = pytest.mark.django_db


def send_form(*units: str, **fields) -> dict:
    return {
        "source": "petition",
        "category": "money",
        "organisation": "",
        "words": WORDS,
        "posts": [post_in(unit).pk for unit in units or ("财务处", "审计处")],
        "asked": ASKED,
        "due_on": "2026-12-18",
        "reason": "职责所在，需要核实",
    } | fields


# ── 一生 ─────────────────────────────────────────────────────────────────────────────────────


def test_sent_read_answered_sent_back_answered_adopted_closed(login, people):
    admit_to_clues(people)
    made = login("discipline").post("/oversight/clues/new/", send_form())
    clue = Clue.objects.get()
    assert made["Location"] == f"/oversight/clues/{clue.pk}/"
    assert (clue.number, clue.state, clue.items.count()) == ("移送〔2026〕1号", "open", 2)
    item = item_of(clue)
    here = f"/oversight/clues/items/{item.pk}/"

    client = login("department")
    page = client.get(here).content.decode()
    assert WORDS in page and ASKED in page and "审计处" not in page and clue.number not in page
    assert client.post(f"{here}act/", {"act": "read"}).status_code == 302
    item.refresh_from_db()
    assert item.state == "read" and item.read_at
    assert client.post(f"{here}answer/", {"text": "太短"}).status_code == 400
    files = [SimpleUploadedFile("劳务费办法.pdf", acts.PDF)]
    text = "劳务费办法已执行，抽查二十笔未见异常。"
    assert client.post(f"{here}answer/", {"text": text, "files": files}).status_code == 302
    assert client.post(f"{here}answer/", {"text": text}).status_code == 400, "already answered"

    client = login("discipline")
    page = client.get(here).content.decode()
    assert text in page and "劳务费办法.pdf" in page and "移送理由" not in page
    assert client.post(f"{here}act/", {"act": "send_back", "reason": "短"}).status_code == 400
    lacking = {"act": "send_back", "reason": "没有说明抽查的范围和年份。", "due_on": "2026-12-25"}
    assert client.post(f"{here}act/", lacking | {"due_on": "2026-01-01"}).status_code == 400
    assert client.post(f"{here}act/", lacking).status_code == 302
    item.refresh_from_db()
    assert (item.state, item.turns, str(item.due_on)) == ("returned", 1, "2026-12-25")
    close = {"result": "handled", "closing": "按程序处理。"}
    assert client.post(f"/oversight/clues/{clue.pk}/close/", close).status_code == 400, "answers are missing"

    client = login("department")
    assert "没有说明抽查的范围" in client.get(here).content.decode()
    assert client.post(f"{here}answer/", {"text": "抽查范围为近两年，共二十笔。"}).status_code == 302

    client = login("discipline")
    assert client.post(f"{here}act/", {"act": "adopt"}).status_code == 302
    other = item_of(clue, "审计处")
    recall = {"act": "recall", "reason": "已由财务处说明清楚"}
    assert client.post(f"/oversight/clues/items/{other.pk}/act/", recall).status_code == 302
    assert client.post(f"/oversight/clues/{clue.pk}/close/", {"result": ""}).status_code == 400
    assert client.post(f"/oversight/clues/{clue.pk}/close/", close).status_code == 302
    page = login("department").get(here).content.decode()
    assert "已处理" in page and "按程序处理。" not in page, "the result and no detail"
    client = login("discipline")
    assert client.post(f"{here}act/", {"act": "adopt"}).status_code == 400
    assert (
        client.post(
            f"/oversight/clues/{clue.pk}/act/", {"act": "reopen", "reason": "又有新的情况需要核实。"}
        ).status_code
        == 302
    )
    clue.refresh_from_db()
    assert (clue.state, clue.result, clue.closed_by) == ("open", "", None)


def test_handed_in_received_supplemented_forwarded_closed(login, people):
    admit_to_clues(people)
    client = login("unit_secretary")
    post = people["unit_secretary"].tenures.get().post_id
    fields = {
        "post": post,
        "source": "public",
        "category": "conduct",
        "organisation": "",
        "words": "师生反映某处接待较多，建议纪委了解。",
    }
    made = client.post("/oversight/clues/hand-in/", fields)
    clue = Clue.objects.get()
    here = f"/oversight/clues/{clue.pk}/"
    assert made["Location"] == here and clue.state == "handed"
    assert clue.words in client.get(here).content.decode()
    told = Notice.objects.get(recipient=people["discipline"], kind="supervision")
    assert told.title == "收到一件移送纪委的事项，请接收" and told.body == ""

    client = login("discipline")
    assert (
        client.post(
            f"{here}forward/",
            {"post": post_in("审计处").pk, "asked": ASKED, "due_on": "2026-12-18", "reason": "需要核实"},
        ).status_code
        == 400
    )
    assert client.post(f"{here}act/", {"act": "send_back", "reason": "没有写明是哪一年的情况。"}).status_code == 302
    client = login("unit_secretary")
    page = client.get(here).content.decode()
    assert "没有写明是哪一年" in page
    assert client.post(f"{here}again/", {"words": "短"}).status_code == 400
    assert client.post(f"{here}again/", {"words": "师生反映某处今年接待较多，建议纪委了解。"}).status_code == 302
    client = login("discipline")
    assert client.post(f"{here}act/", {"act": "receive"}).status_code == 302
    fields = {"post": post_in("审计处").pk, "asked": ASKED, "due_on": "2026-12-18", "reason": ""}
    assert client.post(f"{here}forward/", fields).status_code == 400
    assert client.post(f"{here}forward/", fields | {"reason": "请审计处提供数据"}).status_code == 302
    item = item_of(clue, "审计处")
    assert item.history.first().history_change_reason.endswith("请审计处提供数据")
    page = client.get(here).content.decode()
    assert "请审计处提供数据" in page, "logged with its reason"
    page = login("unit_secretary").get(here).content.decode()
    assert "审计处" not in page and clue.number not in page and "请审计处提供数据" not in page
    assert login("unit_secretary").get(f"/oversight/clues/items/{item.pk}/").status_code == 404
    answer(item, item.person)
    clue_items.perform(item, "adopt", by=watching.fresh(people["discipline"]))
    clues.close(clue, by=watching.fresh(people["discipline"]), result="unfounded", closing="经了解不属实。")
    page = login("unit_secretary").get(here).content.decode()
    assert "了结" in page and "经了解不属实" not in page
    titles = set(Notice.objects.filter(recipient=people["unit_secretary"]).values_list("title", flat=True))
    assert titles == {"您移送纪委的事项退回补充", "您移送纪委的事项已接收", "您移送纪委的事项已办结"}


# ── 谁不可以 ─────────────────────────────────────────────────────────────────────────────────


def test_only_the_admitted_send(login, people):
    for who in ("discipline", "office", "secretary", "member", "department", "unit_secretary"):
        with pytest.raises(PermissionDenied):
            sent(watching.fresh(people[who]))
        assert login(who).get("/oversight/clues/new/").status_code == 403
    for who in ("liaison", "branch", "office", "secretary", "member", "inspector", "sysadmin", "outsider"):
        assert login(who).get("/oversight/clues/hand-in/").status_code == 403, who
        with pytest.raises(PermissionDenied):
            clues.hand_in(by=people[who], post=post_in("财务处"), source="public", category="money", words=WORDS)
    for who in ("department", "unit_secretary", "discipline"):
        assert login(who).get("/oversight/clues/hand-in/").status_code == 200
    with pytest.raises(PermissionDenied):
        clues.hand_in(by=people["department"], post=post_in("审计处"), source="public", category="money", words=WORDS)


def test_to_whom_it_cannot_go(people):
    by = admit_to_clues(people)
    ours = cast.organisation("财务处")
    with pytest.raises(ValidationError, match="应当回避"):
        sent(by, organisation=ours)
    with pytest.raises(ValidationError, match="不能移送给自己"):
        clues.send(by=by, source="audit", category="money", words=WORDS, reason="需要核实",
                   asked=[clues.Asked(post_in("纪委办公室", "discipline"), ASKED, DUE)])  # fmt: skip
    secretary = people["unit_secretary"].tenures.get().post
    with pytest.raises(ValidationError, match="不在可移送之列"):
        clues.send(by=by, source="audit", category="money", words=WORDS, reason="需要核实",
                   asked=[clues.Asked(secretary, ASKED, DUE)])  # fmt: skip
    with pytest.raises(ValidationError, match="应当回避"):
        sent(by, "审计处", organisation=cast.organisation("纪委办公室"))
    clue = sent(by)
    with pytest.raises(ValidationError, match="已收到"):
        clues.forward(clue, by=by, asked=to()[0], reason="再送一次")
    inbound = handed_in(people["department"])
    clues.perform(inbound, "receive", by=by)
    with pytest.raises(ValidationError, match="本人"):
        clues.forward(inbound, by=by, asked=to()[0], reason="送回给他")


def test_what_is_asked_of_a_clue(login, people):
    admit_to_clues(people)
    client = login("discipline")
    for odd, words in (
        ({"words": "短"}, "至少 10 个字"),
        ({"posts": []}, "请选择移送给谁"),
        ({"posts": ["x"]}, "请从列表中选择"),
        ({"posts": [99999999]}, "请从列表中选择"),
        ({"due_on": "2026-11-23"}, "须晚于今天"),
        ({"reason": "短"}, "至少 4 个字"),
        ({"asked": "短"}, "至少 4 个字"),
        ({"source": "x"}, "监督来源"),
        ({"words": "秘密★10年 某某事项的情况"}, "密级标志"),
        ({"asked": "机密★1年 请协助核实"}, "密级标志"),
        ({"organisation": "99999999999999999999"}, "请从列表中选择单位"),
    ):
        answer_ = client.post("/oversight/clues/new/", send_form(**odd))
        assert answer_.status_code == 400 and words in answer_.content.decode(), odd
    assert not Clue.objects.exists()


def test_four_eyes(people):
    by = admit_to_clues(people)
    own = handed_in(by)
    with pytest.raises(PermissionDenied):
        clues.perform(own, "receive", by=by)
    head = watching.commission_head()
    clue = clues.send(by=by, source="audit", category="money", words=WORDS, reason="需要核实",
                      asked=[clues.Asked(head.tenures.get(post__role="discipline").post, ASKED, DUE)])  # fmt: skip
    item = clue.items.get()
    answer(item, watching.fresh(head))
    from supervision.services.admissions import admit

    admit(by=people["secretary"], person=head, secret="clue", reason="分管线索工作")
    with pytest.raises(PermissionDenied, match="自己的答复"):
        clue_items.perform(item, "adopt", by=watching.fresh(head))
    for model, pk, change in (
        (Clue, own.pk, {"state": "open", "received_by": by}),
        (Clue, clue.pk, {"state": "closed"}),
        (Clue, clue.pk, {"state": "handed"}),
        (ClueItem, item.pk, {"state": "adopted", "decided_by": head, "decided_on": cast.TODAY}),
        (ClueItem, item.pk, {"named_by": head}),
        (ClueItem, item.pk, {"answer": ""}),
        (ClueItem, item.pk, {"reason": ""}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.filter(pk=pk).update(**change)


def test_nobody_answers_for_another(login, people):
    by = admit_to_clues(people)
    item = item_of(sent(by))
    with pytest.raises(PermissionDenied):
        answer(item, by)
    assert (
        login("discipline")
        .post(f"/oversight/clues/items/{item.pk}/answer/", {"text": "替他人答复这一件事情。"})
        .status_code
        == 403
    )
    for name in ("adopt", "recall", "send_back"):
        refused = login("department").post(
            f"/oversight/clues/items/{item.pk}/act/", {"act": name, "reason": "自己想这样办理它。"}
        )
        assert refused.status_code == 403, name
    for name in ("", "nonsense", "answer"):
        assert login("department").post(f"/oversight/clues/items/{item.pk}/act/", {"act": name}).status_code == 400


def test_who_leaves_his_post_sees_it_no_more(people):
    item = item_of(sent(admit_to_clues(people)))
    holder = watching.fresh(people["department"])
    assert ClueItem.objects.visible_to(holder).get() == item
    tenure = Tenure.objects.get(person=holder, ended_on=None)
    tenure.ended_on = cast.TODAY - timedelta(days=1)
    save_as(tenure, by=people["office"], reason="离任")
    assert not ClueItem.objects.visible_to(watching.fresh(holder)).exists()
    assert clue_items.remind(cast.TODAY + timedelta(days=20)) == 0


# ── 互看与期限 ───────────────────────────────────────────────────────────────────────────────


def test_answers_are_apart_until_they_are_opened(login, people):
    by = admit_to_clues(people)
    clue = sent(by, "财务处", "审计处")
    theirs = item_of(clue, "审计处")
    text = "审计处去年已就此出具意见，可以提供。"
    answer(theirs, theirs.person, text, files=[SimpleUploadedFile("审计意见.pdf", acts.PDF)])
    paper = CluePaper.objects.get()
    mine = item_of(clue)
    addresses = (f"/oversight/clues/items/{theirs.pk}/", f"/oversight/clues/papers/{paper.pk}/")
    client = login("department")
    assert [client.get(one).status_code for one in addresses] == [404, 404]
    assert text not in client.get(f"/oversight/clues/items/{mine.pk}/").content.decode()
    login("discipline").post(f"/oversight/clues/{clue.pk}/open-answers/", {"open": "1"})
    client = login("department")
    assert [client.get(one).status_code for one in addresses] == [200, 200]
    assert text in client.get(f"/oversight/clues/items/{mine.pk}/").content.decode()
    assert client.post(f"{addresses[0]}act/", {"act": "adopt"}).status_code == 403
    login("discipline").post(f"/oversight/clues/{clue.pk}/open-answers/", {"open": "0"})
    assert login("department").get(addresses[0]).status_code == 404
    assert login("department").post(f"/oversight/clues/{clue.pk}/open-answers/", {"open": "1"}).status_code == 404


def test_reminded_in_person_once_per_step_and_without_a_word_of_the_matter(people, clock):
    by = admit_to_clues(people)
    item = item_of(sent(by))
    theirs = Notice.objects.filter(recipient=people["department"], kind="supervision").exclude(step=None)
    for days, told in ((0, 0), (18, 1), (18, 1), (22, 2), (26, 2), (28, 3), (37, 4)):
        clue_items.remind(cast.TODAY + timedelta(days=days))
        assert theirs.count() == told, days
    assert theirs.order_by("created_at").last().title == "已逾期：一件移送事项待您答复"
    for notice in Notice.objects.filter(kind="supervision"):
        assert not any(
            word in notice.title + notice.body for word in ("劳务费", ASKED, "信访", "经费", item.clue.number)
        )
    assert set(theirs.values_list("recipient__username", flat=True)) == {"department"}
    clue_items.perform(item, "recall", by=by, reason="不再需要了")
    clock.shift(timedelta(days=24))
    remind()
    assert theirs.count() == 4
    assert timezone.localdate() == cast.TODAY + timedelta(days=24)
