"""频率限制: how often a person and an address may do what costs much or could be guessed (docs/decisions/0027).

An address is limited by its name and method; a form that brings files is known by its kind of body, so that none is forgotten.
"""

# kind: (most per person, most per address, seconds); 0 limits nobody. Changed by RATE_<KIND>="60/600/60".
# Whole campuses stand behind one address: what people do signed in is counted by person, and only roughly by address.
DEFAULTS = {
    "login": (0, 120, 300),
    "search": (60, 600, 60),
    "export": (60, 600, 300),
    "paper": (120, 1200, 300),
    "making": (40, 400, 300),
    "file": (300, 3000, 300),
    "feed": (0, 240, 300),
    "verify": (60, 600, 300),
    "upload": (120, 1200, 300),
}
LABELS = {
    "login": "登录",
    "search": "搜索",
    "export": "导出表格",
    "paper": "下载公文",
    "making": "排版和生成",
    "file": "下载附件和材料",
    "feed": "读取日历订阅",
    "verify": "核验",
    "upload": "上传文件",
}
READ = ("GET", "HEAD")
NAMES = {
    ("POST",): {
        "login": ("login", "password_change", "second_factor_code", "second_factor_enrol", "reauthenticate"),
        "verify": ("verify", "attachment_verify"),
        "making": (
            "document_batches",
            "hints_look",
            "letter_typeset",
            "reminder_paper_typeset",
            "report_batches",
            "report_new",
            "report_preview",
            "report_refresh",
            "report_reproduce",
        ),
    },
    READ: {
        "search": ("search",),
        "feed": ("calendar_feed",),
        "export": (
            "accountability_measures_file",
            "archive_export",
            "archive_openings_export",
            "archives_export",
            "audit_export",
            "assessment_file",
            "assessment_results_file",
            "clues_export",
            "four_forms_export",
            "hints_export",
            "inspection_units_file",
            "ledger_export",
            "ledger_file",
            "letters_export",
            "lists_export",
            "meeting_export",
            "opinions_export",
            "oversights_export",
            "recheck_file",
            "record_evaluations_export",
            "report_statistics",
            "requirements_export",
            "risk_answer_export",
            "risk_export",
            "roster_export",
            "rules_export",
            "special_check_file",
            "supervision_export",
            "talks_export",
        ),
        "paper": (
            "assessment_sheet_pdf",
            "clue_item_pdf",
            "document_batch_file",
            "document_docx",
            "document_pdf",
            "letter_docx",
            "letter_pdf",
            "meeting_docx",
            "meeting_pdf",
            "opinion_pdf",
            "progress_notice_docx",
            "progress_notice_pdf",
            "reminder_paper_pdf",
            "report_batch_archive",
            "report_illustrated",
            "report_preview",
            "supervision_paper",
            "talk_pdf",
        ),
        "file": (
            "archive_paper",
            "attachment",
            "attachment_content",
            "attachment_preview",
            "check_paper",
            "clue_paper",
            "decision_paper",
            "meeting_ics",
            "meeting_paper",
            "objection_paper",
            "recheck_paper",
        ),
    },
}
# Saved while somebody types, every few seconds, with a body of the kind that could bring files; these forms take none.
BRINGS_NO_FILE = ("document_edit", "meeting_minutes")
LIMITED = {
    (method, name): kind
    for methods, kinds in NAMES.items()
    for kind, names in kinds.items()
    for name in names
    for method in methods
}


def parsed(text: str) -> tuple[int, int, int]:
    """``60/600/60``: per person, per address, seconds."""
    person, address, seconds = (int(part) for part in text.split("/"))
    if min(person, address) < 0 or seconds < 1:
        raise ValueError(text)
    return person, address, seconds
