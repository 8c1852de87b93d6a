"""Every list of the product that comes in pages: its address, two conditions, and who asks."""

import inspect
from collections.abc import Iterator
from types import CodeType, FunctionType

PAGING = {"paged", "leaf_of", "Listing"}


def is_paged(view) -> bool:
    """Whether the view, or a function of its module that it calls, cuts its rows into pages."""
    view = inspect.unwrap(view)
    return isinstance(view, FunctionType) and _reaches_paging(view, set())


def _reaches_paging(function: FunctionType, seen: set[str]) -> bool:
    for name in _names(function.__code__):
        if name in PAGING:
            return True
        called = inspect.unwrap(function.__globals__[name]) if name in function.__globals__ else None
        here = isinstance(called, FunctionType) and called.__module__ == function.__module__ and name not in seen
        if here and _reaches_paging(called, seen | {name}):
            return True
    return False


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


# Each address with two conditions that leave rows, as far as it has conditions and the benches' data has rows.
LISTS = {
    "ledger": "state=done&subject=unit",
    "records": "view=counted&q=会",
    "documents_all": "view=mine&q=责任",
    "handovers": "",
    "notices": "view=all",
    "operations": "view=all",
    "deliveries": "view=all",
    "audit": "kind=login&result=done",
    "second_factors": "q=甲",
    "meetings": "view=held&q=会",
    "findings": "view=closed&q=责任",
    "measures_listed": "view=done&q=制度",
    "progress_round": "view=late",
    "inspection": "view=closed&q=责任",
    "rechecks": "",
    "recheck_results": "",
    "progress_notices": "",
    "risks": "view=all&q=管理",
    "risk_changes": "",
    "risk_answers": "view=all&q=管理",
    "visits": "year=2026&q=会",
    "signs": "year=2026&q=会",
    "topics": "year=2026&q=会",
    "requirements": "year=2026&q=会",
    "rules": "year=2026&q=会",
    "letters": "year=2026&q=会",
    "talks": "year=2026&q=会",
    "in_person": "year=2026&q=会",
    "in_person_entries": "year=2026&q=会",
    "four_form_entries": "year=2026&q=会",
    "assessments": "year=2026",
    "assessment_sheets": "year=2026&q=学院",
    "objections": "year=2026",
    "assessment_results": "year=2026&q=学院",
    "accountability_measures": "year=2026&q=会",
    "hints": "year=2026",
    "archives": "view=all&q=甲",
    "archive_updates": "",
    "archive_openings": "q=甲",
    "kinships": "",
    "opening_requests": "",
    "opinions": "year=2026&q=会",
    "oversights": "year=2026&q=会",
    "found_problems": "year=2026&q=会",
    "special_checks": "year=2026",
    "record_evaluations": "year=2026&q=会",
    "clues": "year=2026&q=会",
    "clue_items": "year=2026&q=会",
    "reminder_papers": "year=2026",
}
# Who asks where the user of a tenth, secretary of a college, has no business.
ASKED_BY = {
    "operations": "sysadmin",
    "deliveries": "sysadmin",
    "second_factors": "sysadmin",
    "audit": "auditor",
    "clues": "discipline",
    "hints": "discipline",
    "in_person": "office",
    "in_person_entries": "office",
    "four_form_entries": "discipline",
    "assessment_results": "office",
    "archives": "discipline",
    "archive_updates": "discipline",
    "archive_openings": "discipline",
    "kinships": "discipline",
    "opening_requests": "discipline",
    "opinions": "discipline",
}
# Forms that show the list again when they refuse, and the lists within one meeting, assessment or archive.
NO_LISTS = {
    "inspection_act", "inspection_member_add", "assessment_act", "archives_establish", "kinship_end", "archive_paper_act",
    "archive_open", "archive_paper_new", "archive_update",
    "assessment", "archive", "meeting_people",
}  # fmt: skip
# Django's own list of duties, by its name in the tables.
PEERS = {"peer": "Django's list of duties", "peer last": "its last page"}
