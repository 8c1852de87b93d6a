"""风险点、自查回答的表格: what the page shows."""

from datetime import date

from accountability.sheets import Table
from inspections.models import RiskAnswer, RiskPoint
from inspections.risk_grading import Grading

POINT_HEADS = (
    ("编号", 10), ("单位", 16), ("权力事项", 20), ("风险类别", 11), ("重点领域", 11), ("风险点", 28), ("表现形式", 36),
    ("风险情形", 28), ("等级", 7), ("防控措施", 40), ("责任岗位", 20), ("分管（联系）校领导", 20), ("状态", 9),
    ("启用日期", 12), ("退出日期", 12), ("退出原因", 24),
)  # fmt: skip
ANSWER_HEADS = (
    ("年度", 7), ("单位", 16), ("编号", 10), ("权力事项", 20), ("风险点", 28), ("重点领域", 11), ("作答时等级", 10),
    ("是否存在问题", 12), ("问题说明", 36), ("防控措施是否落实", 14), ("是否调整等级或措施", 14), ("调整建议", 24),
    ("整改打算", 36), ("去年是否存在问题", 12), ("去年措施是否落实", 14), ("去年等级", 9), ("答卷状态", 10),
)  # fmt: skip
CHUNK = 500


def points_table(points, *, on: date) -> Table:
    """风险点 as filtered and scoped."""
    grading = Grading()
    rows = list(points)
    leaders = grading.leaders_of({point.organisation_id for point in rows}, on)
    return Table("廉政风险点", POINT_HEADS, (_of_point(point, grading, leaders) for point in rows))


def _of_point(point: RiskPoint, grading: Grading, leaders: dict) -> list:
    named = leaders.get(point.organisation_id, []) if grading.names_leader(point.level) else []
    return [
        point.number,
        point.organisation.full_name,
        point.power_item,
        point.get_category_display(),
        point.key_area,
        point.text,
        point.manifestation,
        "、".join(grading.names_of(point.factor_codes)),
        point.get_level_display(),
        point.measures,
        point.owner.full_title if point.owner else "",
        "、".join(dict.fromkeys(post.full_title for post in named)),
        point.get_state_display(),
        point.in_use_from,
        point.retired_on,
        point.retired_why,
    ]


def answers_table(answers, year: int) -> Table:
    """自查回答 as filtered and scoped, beside those of last year."""
    return Table("自查回答", ANSWER_HEADS, (_of_answer(answer, year) for answer in answers.iterator(CHUNK)))


def _of_answer(answer: RiskAnswer, year: int) -> list:
    point = answer.point
    carried_out = dict(RiskAnswer.CarriedOut.choices)
    return [
        year,
        answer.unit_check.organisation.full_name,
        point.number,
        point.power_item,
        point.text,
        point.key_area,
        answer.get_level_display(),
        answer.has_problem,
        answer.problem,
        answer.get_carried_out_display(),
        answer.needs_change,
        answer.change_words,
        answer.plan,
        answer.last_has_problem,
        carried_out.get(answer.last_carried_out, ""),
        RiskAnswer(level=answer.last_level).get_level_display() or "",
        answer.unit_check.record.get_state_display() if answer.unit_check.record else "",
    ]
