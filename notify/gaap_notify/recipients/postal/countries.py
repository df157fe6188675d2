"""Countries as people write them on letters: in English, Vietnamese and Welsh, with what they are also called."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from gaap_notify.recipients.postal.country_names import SYNONYMS, WELSH

EUROPE = "europe"
REST_OF_WORLD = "rest-of-world"

#: Code, English and Vietnamese name. They are libphonenumber's, and a test compares them; its own module is not read at
#: run time because it brings the towns of the world along: four seconds and a hundred megabytes for every process.
_TABLE = files("gaap_notify.recipients.postal") / "countries.tsv"
#: The postal zone Europe; every other country is the rest of the world.
_EUROPEAN = re.compile(
    "AD|AL|AM|AT|AX|AZ|BA|BE|BG|BY|CH|CY|CZ|DE|DK|EE|ES|FI|FO|FR|GE|GI|GL|GR|HR|HU|IE|IS|IT|KZ|LI|LT|LU|LV|MC|MD|ME"
    "|MK|MT|NL|NO|PL|PT|RO|RS|RU|SE|SI|SK|SM|TR|UA|VA|XK"
)
_MARKS = re.compile(r"[^a-z0-9 ]")
_SPACES = re.compile(r"\s+")
_ARTICLE = re.compile(r"^(the|y|yr) ")


@dataclass(frozen=True)
class Country:
    """A country: ISO 3166 code, English name, postal zone."""

    code: str
    name: str

    @property
    def zone(self) -> str:
        """The zone that a letter from elsewhere is charged for."""
        return EUROPE if _EUROPEAN.fullmatch(self.code) else REST_OF_WORLD


def find_country(text: str) -> Country | None:
    """Return the country that ``text`` names in any of the languages, or None."""
    return _countries().get(fold(text))


def fold(text: str) -> str:
    """Return what names are compared by: no accents, no punctuation, no article, in lower case."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("đ", "d").replace("&", " and "))
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return _ARTICLE.sub("", _SPACES.sub(" ", _MARKS.sub("", letters)).strip())


@lru_cache(maxsize=1)
def _countries() -> dict[str, Country]:
    found: dict[str, Country] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        code, english, vietnamese = line.split("\t")
        country = Country(code, english)
        for name in (english, vietnamese, *WELSH.get(code, ()), *SYNONYMS.get(code, ())):
            found[fold(name)] = country
    return found
