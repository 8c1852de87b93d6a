"""manage.py remind, load_reminder_rules: a day by hand, looked at first, in words or as JSON."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accountability.models import Delivery, Duty, Notice, ReminderRule
from supervision.models import ReminderPaper
from tests import acts, cast
from tests.supervision.test_reminders import DUE, only


def run(*args: str, command: str = "remind") -> str:
    out = StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def duty(people) -> Duty:
    return only(acts.duty_of(cast.organisation(cast.OURS), "implementing-measures"))


def test_dry_run_tells_whom_and_writes_nothing(duty):
    said = run("--on", "2026-11-20", "--dry-run")
    assert "2026-11-20 预演：将向 2 人发出提醒 2 条；未写入，未发信。" in said
    assert "  叶清和（联络员）到期前 10 天　剩 10 天：" in said
    assert not Notice.objects.exists()


def test_by_hand(duty):
    assert "向 2 人发出提醒 2 条，发函 0 份，生成摘要 2 份，由后台发出。" in run("--on", "2026-11-20")
    assert Delivery.objects.filter(state="pending").count() == 2
    assert "向 0 人发出提醒 0 条" in run("--on", "2026-11-20")


def test_papers_are_counted(duty):
    assert "发函 1 份" in run("--on", (DUE + timedelta(days=7)).isoformat())
    assert ReminderPaper.objects.count() == 1


def test_as_json(duty):
    told = json.loads(run("--on", "2026-11-20", "--dry-run", "--json"))
    first = told.pop("first")
    assert told == {"on": "2026-11-20", "dry_run": True, "nothing_because": "", "people": 2, "notices": 2}
    assert {line["name"] for line in first} == {"沈若愚", "叶清和"}
    done = json.loads(run("--on", "2026-11-20", "--json"))
    assert (done["notices"], done["papers"], done["digests"]) == (2, 0, 2)


def test_why_there_is_nothing(duty):
    assert "2026-11-21：不是工作日" in run("--on", "2026-11-21")
    ReminderRule.objects.update(is_active=False)
    assert "没有生效的提醒规则" in run("--on", "2026-11-20", "--dry-run")
    assert "不是工作日" in json.loads(run("--on", "2026-11-21", "--json"))["nothing_because"]


def test_a_bad_day_is_refused_in_words(db):
    with pytest.raises(CommandError, match="不是日期"):
        run("--on", "昨天")


def test_loading_by_hand(people, tmp_path):
    assert "新增 0 条" in run(command="load_reminder_rules")
    ReminderRule.objects.filter(matter="meeting").update(matter="ad_hoc", is_active=False)
    assert "新增 1 条" in run(command="load_reminder_rules")
    bad = tmp_path / "bad.yaml"
    bad.write_text("rules:\n  - {name: 试, matter: weather, steps: [{step: 3, tell: [owner]}]}", encoding="utf-8")
    with pytest.raises(CommandError, match="没有装载"):
        run(str(bad), command="load_reminder_rules")
