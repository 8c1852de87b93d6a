"""重新验证 in this app: which addresses ask for a proof again, by name (``reauthentication.asks_again``).

The pages of signing are not here: they ask for the password each time themselves (decision 8).
"""

from accountability.reauthentication import DECIDING, asks_again

# 审核、审定、确认: only what decides; sending on, returning and withdrawing ask for nothing.
asks_again("record_decide", "document_act", "problem_act", "responsibility_act", "project_act", acts=DECIDING)
asks_again("unit_list_act", acts=DECIDING)
asks_again("document_batches", acts=frozenset({"pass"}))
# 免除、公布、代为结束: final by themselves.
asks_again("duty_waive", "version_enact", "handover_close")

# 授权与角色: grants follow posts, so whoever changes a post changes what people may.
asks_again("reorganise", "post_new", "post_abolish", "portfolio_new", "portfolio_end", "appoint", "tenure_end")
asks_again("roster_import_confirm")
asks_again(
    *(
        f"admin:accountability_{model}_{action}"
        for model in ("person", "post", "tenure", "portfolio", "organisation")
        for action in ("add", "change")
    ),
    "admin:auth_user_password_change",
)

# 二次验证 itself.
asks_again("second_factor_enrol", reads=True)
asks_again("second_factor_codes", "second_factor_remove", "second_factor_reset")
