"""二（一）: the three school lists are duties of the committee, kept by its office."""

import pytest

from tests import acts, cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["problem-list", "responsibility-list", "project-list"])
def test_each_list_is_owed_and_filed(login, people, kind):
    duty = acts.duty_of(cast.organisation("学校党委"), kind)
    answer = acts.post_record(login("office"), duty, kind)
    assert answer.status_code == 302
    assert acts.state(duty) == "fulfilled"


def broken(client) -> list[str]:
    return [each["label"] for each in client.get("/lists/").context["counts"]]


def test_one_chain_from_the_meeting_that_found_the_problem_to_the_project_that_ended_it(login, people):
    """Each step in the browser, by the one whose step it is."""
    from accountability.models import Problem, Project, Responsibility

    unit = cast.organisation("财务处")
    data = {
        "origin": unit.pk,
        "source": "meeting",
        "origin_words": "2026年3月5日处务会",
        "text": "采购验收不严",
        "shows": "七份合同缺少双人签字",
    }
    assert login("department").post("/lists/problems/new/", data).status_code == 302
    problem = Problem.objects.get()
    path = f"/lists/problems/{problem.pk}/act/"
    for who, name, words in (
        ("member", "judge", "属实，应列入清单"),
        ("discipline", "judge", "同意列入清单"),
        ("office", "fix", "3月5日常委会审定"),
    ):
        assert login(who).post(path, {"transition": name, "words": words}).status_code == 302, who
    owner = problem.leader_post
    data = {"text": "健全验收制度", "owner": owner.pk, "organisation": unit.pk}
    assert login("office").post(f"/lists/responsibilities/new/?problem={problem.pk}", data).status_code == 302
    row = Responsibility.objects.get()
    assert broken(login("office")) == []
    assert login("member").post(f"/lists/responsibilities/{row.pk}/act/", {"transition": "claim"}).status_code == 302
    assert broken(login("office")) == ["没有项目"]  # a claimed responsibility without one stands out
    data = {"title": "验收整治", "goal": "双人签字", "measures": "抽查", "milestones": "2026-12-18 完成抽查"}
    assert login("member").post(f"/lists/responsibilities/{row.pk}/project/", data).status_code == 302
    project = Project.objects.get()
    path = f"/lists/projects/{project.pk}/act/"
    assert login("member").post(path, {"transition": "start"}).status_code == 302
    milestone = project.milestones.get()
    words = {"words": "抽查三十份全部合格"}
    assert login("member").post(f"/lists/milestones/{milestone.pk}/reach/", words).status_code == 302
    assert acts.state(milestone.duty) == "fulfilled"
    report = {"transition": "report", "words": "全年抽查三十份全部合格。"}
    assert login("member").post(path, report).status_code == 302
    assert login("member").post(path, {"transition": "comment", "words": "自己点评自己"}).status_code == 403
    assert login("secretary").post(path, {"transition": "comment", "words": "抓得实"}).status_code == 400  # too short
    assert login("secretary").post(path, {"transition": "comment", "words": "抓得实，继续推进"}).status_code == 302
    assert "已点评" in login("secretary").get(f"/lists/projects/{project.pk}/").content.decode()
