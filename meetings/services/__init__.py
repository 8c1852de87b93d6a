"""会议的办理: plan, convene, keep the minutes, hand in, confirm, carry out."""
