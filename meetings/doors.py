"""重新验证 in meetings: confirming minutes and corrections."""

from accountability.reauthentication import DECIDING, asks_again

asks_again("meeting_act", acts=DECIDING)
