"""What a provider raises."""

from datetime import timedelta


class ProviderError(Exception):
    """A provider refused or did not answer.

    ``permanent`` tells whether another try could succeed. ``is_unknown`` says that the call broke off after it was
    made, so that the provider may have acted on it. ``pause`` is how long the provider asks to be left alone. The
    message is for operators and holds no personal data.
    """

    def __init__(
        self, message: str, *, permanent: bool, is_unknown: bool = False, pause: timedelta | None = None
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.is_unknown = is_unknown
        self.pause = pause
