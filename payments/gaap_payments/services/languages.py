"""In which language a citizen is spoken to."""

from gaap_payments.conf import conf


def spoken_language(language: str) -> str:
    """Return ``language`` where the site still speaks it, else the one of a payment that names none."""
    return language if language in conf.languages else conf.default_language
