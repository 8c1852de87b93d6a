"""未能投递: the three ways in which a channel fails, each with its consequence (accountability.services.deliveries)."""


class DeliveryError(Exception):
    """未能投递, in words an administrator can act on."""


class Unreachable(DeliveryError):
    """The channel itself is down: nothing was handed over, and others on it would fare no better."""


class Stalled(DeliveryError):
    """The channel took the message and did not answer in time: it may or may not have arrived."""


class Refused(DeliveryError):
    """The channel works and refuses this message or this recipient."""
