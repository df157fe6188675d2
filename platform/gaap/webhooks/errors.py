"""What can be wrong with a wish about webhooks."""


class WebhookError(ValueError):
    """The webhook cannot be as asked; the text says why to the one who asks."""


class WebhookStateError(WebhookError):
    """The webhook's present state does not allow it."""
