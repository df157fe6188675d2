"""What is wrong with a recipient."""


class RecipientError(ValueError):
    """The text is no address that a message can be sent to; ``str()`` of it says why and never repeats the text."""
