"""Passwords that everybody would try who knows where they are: the names of this deployment with a number behind."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from gaap.conf import conf

#: Words of the suite itself, besides those of the deployment's brand and address.
OWN_WORDS = ("gaap", "government", "identity", "notify", "payments", "pay", "password", "platform", "admin", "operator")
LEAST_LETTERS = 4
SHORTEST_WORD = 3


def is_of_this_place(password: str) -> bool:
    """Tell whether ``password`` is made of words of this place, digits and signs alone.

    What is left of it without them has to have four letters at least (ASVS 5.0, 6.2.11).
    """
    left = password.casefold()
    for word in _words(conf.brand["name"], conf.brand["organisation"], conf.base_url):
        left = left.replace(word, "")
    return sum(letter.isalpha() for letter in left) < LEAST_LETTERS


@lru_cache(maxsize=8)
def _words(name: str, organisation: str, base_url: str) -> tuple[str, ...]:
    """Return the words of a deployment, the longest first."""
    texts = f"{name} {organisation} {urlsplit(base_url).hostname}".casefold()
    found = {word for word in re.findall(r"[^\W\d_]+", texts) if len(word) >= SHORTEST_WORD}
    return tuple(sorted(found.union(OWN_WORDS), key=len, reverse=True))
