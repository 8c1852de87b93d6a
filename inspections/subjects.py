"""通知所指 of this app: rounds, findings, risk points and what 调研督查 asks; each under its own scope."""

from accountability.subjects import subject_at
from inspections.models import Finding, ProgressNotice, Reply, Requirement, RiskPoint, Round, Rule, Sign, Topic, Visit

for _page, _model in (
    ("inspection", Round),
    ("finding", Finding),
    ("progress_notice", ProgressNotice),
    ("risk", RiskPoint),
    ("visit", Visit),
    ("sign", Sign),
    ("topic", Topic),
    ("requirement", Requirement),
    ("reply", Reply),
    ("rule", Rule),
):
    subject_at(_page)(_model.objects.visible_to)
