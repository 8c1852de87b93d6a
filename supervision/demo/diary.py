"""日程: when the school, its commission and its secretary did what they owe, and what the story leaves open.

Units, branches and leaders have no diary; they have habits (``years.py``).
"""

from datetime import date

YEARS = 2025, 2026
OPENED_ON = {2025: date(2025, 1, 10), 2026: date(2026, 1, 9)}
CLOSED_ON = {2025: date(2026, 2, 6)}

# 责任要求 → the day of each occurrence, in order; one not listed has not been held.
HELD: dict[int, dict[str, list[date]]] = {
    2025: {
        # 党委
        "opening-meeting": [date(2025, 2, 28)],
        "warning-meetings": [date(2025, 2, 28), date(2025, 6, 19), date(2025, 12, 19)],
        "study-sessions": [date(2025, 5, 29), date(2025, 11, 20)],
        "standing-committee-meetings": [date(2025, 6, 25), date(2025, 12, 17)],
        "problem-list": [date(2025, 3, 28)],
        "responsibility-list": [date(2025, 3, 28)],
        "project-list": [date(2025, 3, 31)],
        "analysis-meeting": [date(2025, 3, 13)],
        "plan-meeting": [date(2025, 3, 27)],
        "progress-meeting": [date(2025, 7, 10)],
        "appraisal-meeting": [date(2025, 12, 24)],
        "appraisal-letter": [date(2025, 12, 30)],
        "written-report": [date(2025, 12, 30)],
        "party-affairs-meetings": [date(2025, 3, 20), date(2025, 6, 12), date(2025, 9, 24), date(2025, 12, 18)],
        "inspection-plan": [date(2025, 4, 17)],
        "rectification-oversight": [date(2025, 6, 26), date(2025, 12, 9)],
        "assessment": [date(2026, 1, 16)],
        # 纪委
        "political-supervision": [date(2025, 5, 30)],
        "warning-circular": [date(2025, 9, 18)],
        "risk-control-inspection": [date(2025, 10, 30)],
        "integrity-archives": [date(2025, 11, 27)],
        "political-ecology-analysis": [date(2025, 6, 13), date(2025, 12, 8)],
        "mechanism-inspections": [date(2025, 6, 10), date(2025, 11, 25)],
        "joint-supervision-meetings": [date(2025, 5, 22), date(2025, 12, 11)],
        "discipline-reports": [date(2025, 6, 26), date(2025, 12, 18)],
        # 书记
        "personal-deployment": [date(2025, 2, 28)],
        "secretary-heart-talks": [date(2025, 6, 18), date(2025, 12, 16)],
        "secretary-hearings": [date(2025, 7, 4), date(2025, 12, 12)],
        "project-comments": [date(2025, 4, 25)],
        "secretary-report": [date(2026, 1, 28)],
    },
    # The third 警示教育大会 and the second 专题会议 are still to come; the 风险督查 is overdue.
    2026: {
        "opening-meeting": [date(2026, 2, 27)],
        "warning-meetings": [date(2026, 2, 27), date(2026, 6, 17)],
        "study-sessions": [date(2026, 5, 28)],
        "standing-committee-meetings": [date(2026, 6, 24)],
        "problem-list": [date(2026, 3, 27)],
        "responsibility-list": [date(2026, 3, 27)],
        "project-list": [date(2026, 3, 30)],
        "analysis-meeting": [date(2026, 3, 12)],
        "plan-meeting": [date(2026, 3, 26)],
        "progress-meeting": [date(2026, 7, 9)],
        "party-affairs-meetings": [date(2026, 3, 18), date(2026, 6, 10), date(2026, 10, 14)],
        "inspection-plan": [date(2026, 4, 14)],
        "rectification-oversight": [date(2026, 6, 25)],
        "political-supervision": [date(2026, 5, 29)],
        "warning-circular": [date(2026, 9, 16)],
        "political-ecology-analysis": [date(2026, 6, 12)],
        "mechanism-inspections": [date(2026, 6, 5)],
        "joint-supervision-meetings": [date(2026, 5, 20), date(2026, 11, 12)],
        "discipline-reports": [date(2026, 6, 24)],
        "personal-deployment": [date(2026, 2, 27)],
        "secretary-heart-talks": [date(2026, 6, 16)],
        "secretary-hearings": [date(2026, 7, 2)],
        "project-comments": [date(2026, 4, 24)],
    },
}

# 不设次数的 acts of the commission and the secretary; those of 党委会议 stand with their topics in ``texts``.
BESIDES: dict[int, dict[str, list[date]]] = {
    2025: {
        "integrity-opinions": [date(2025, 5, 14), date(2025, 11, 5)],
        "accountability-actions": [date(2025, 9, 16)],
        "topic-research": [date(2025, 10, 21)],
        "special-inspections": [date(2025, 11, 6)],
        "personal-inquiry": [date(2025, 3, 19)],
        "personal-coordination": [date(2025, 5, 14)],
        "personal-oversight": [date(2025, 9, 10)],
        "secretary-reminder-talks": [date(2025, 10, 16)],
    },
    2026: {
        "integrity-opinions": [date(2026, 4, 15), date(2026, 9, 9)],
        "accountability-actions": [date(2026, 10, 28)],
        "topic-research": [date(2026, 9, 22)],
        "special-inspections": [date(2026, 6, 30)],
        "personal-inquiry": [date(2026, 5, 26)],
        "personal-coordination": [date(2026, 4, 8), date(2026, 9, 23)],
        "personal-oversight": [date(2026, 9, 8)],
        "secretary-reminder-talks": [date(2026, 10, 15)],
    },
}

# 提前完成: how many of those due within the next month had done it already in the story of 2026.
DONE_AHEAD = {
    "unit-political-ecology": 0.8,
    "unit-risk-check": 0.6,
    "key-unit-risk-check": 0.6,
    "branch-report": 0.9,
    "member-hearings": 0.6,
    "unit-special-meetings": 0.45,
    "unit-duty-report": 0.7,
    "unit-secretary-debrief": 0.7,
}
# 未完成 (of the duties due) and 逾期完成 (of the duties done), by year.
NEVER_DONE = {2025: 0.015, 2026: 0.022}
DONE_LATE = {2025: 0.04, 2026: 0.04}
ENTERED_LATE = 0.05
