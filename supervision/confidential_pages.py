"""限定知悉的页面: the rooms whose pages and exports bear their reader's mark: 谈话、线索、廉政档案、廉洁意见、四种形态、问责 (二（二）)."""

from accountability.watermarks import confidential

confidential(
    *("talks", "talks_export", "talk_new", "talk", "talk_order", "talk_hold", "talk_confirm", "talk_track"),
    *("talk_report", "talk_act", "talk_pdf", "admissions"),
    *("clues", "clues_export", "clue_new", "clue_hand_in", "clue", "clue_act", "clue_again", "clue_forward"),
    *(
        "clue_open_answers",
        "clue_close",
        "clue_items",
        "clue_item",
        "clue_item_act",
        "clue_item_answer",
        "clue_item_pdf",
    ),
    *(
        "archives",
        "archives_export",
        "archive",
        "archive_open",
        "archive_export",
        "archive_paper_new",
        "archive_update",
    ),
    *("archive_updates", "archive_paper_act", "archive_openings", "archive_openings_export", "kinships"),
    *("opening_requests", "opening_request_new", "opening_request", "opening_request_act"),
    *("opinions", "opinions_export", "opinion_new", "opinion", "opinion_act"),
    *("four_forms", "four_form_entries", "four_forms_export", "four_form_new", "four_form", "four_form_correct"),
    *("four_form_check", "four_form_withdraw"),
    *(
        "accountability_measures",
        "accountability_measures_file",
        "accountability_measure_new",
        "accountability_measure",
    ),
    "accountability_measure_act",
)
