"""重新验证 in supervision: deciding, and opening or taking out what is confidential (档案、线索、谈话、四种形态)."""

from accountability.reauthentication import DECIDING, asks_again

# 审定、签发、确认、办结.
asks_again("letter_act", "scheme_act", "assessment_act", "accountability_measure_act", "hint_act", acts=DECIDING)
asks_again("opinion_act", "opening_request_act", "special_check_act", acts=DECIDING)
asks_again("special_check_conclude", "opinion_cadre_conclude", "talk_confirm", "clue_close", "four_form_check")
asks_again("letter_evaluate", "report_send")
# 知悉范围: who is admitted to a confidential kind.
asks_again("admissions", "admission_end")

# 打开限知内容: the page itself, also for who has it in a tab since the morning.
asks_again("talk", "clue", "clue_item", "four_form", "archive", reads=True, writes=False)
asks_again("archive_open", "opinion_cadre_open")
asks_again("talk_act", "clue_act", "clue_item_act", "archive_paper_act", acts=DECIDING)

# 导出限知内容.
asks_again(
    "talks_export",
    "talk_pdf",
    "clues_export",
    "clue_item_pdf",
    "clue_paper",
    "four_forms_export",
    "archives_export",
    "archive_openings_export",
    "archive_export",
    "archive_paper",
    "opinions_export",
    "opinion_pdf",
    "decision_paper",
    reads=True,
    is_file=True,
)
