"""重新验证 in inspections, risks and research: approving plans, closing findings, confirming, issuing."""

from accountability.reauthentication import DECIDING, asks_again

asks_again("finding_act", "long_term_review", "progress_notice_act", "risk_act", "risk_change_act", acts=DECIDING)
asks_again("topic_act", "reply_act", "sign_act", acts=DECIDING)
asks_again("extension_decide", acts=frozenset({"grant"}))
asks_again("inspection_act", acts=frozenset({"feed_back", "end"}))
