"""Addresses in the United Kingdom, as the contract has them (spec A.6, B.1)."""

import re

from gaap_notify.recipients.postal.base import AddressError, AddressFault, AddressRules, PostalAddress, abroad
from gaap_notify.recipients.postal.countries import find_country, fold

COUNTRY_AFTER_BFPO = AddressFault(
    "has-country-for-bfpo-address", "The last line of a BFPO address must not be a country."
)
NOT_A_POSTCODE = AddressFault("not-a-real-uk-postcode", "Must be a real UK postcode")
NEITHER = AddressFault(
    "not-a-real-uk-postcode-or-country", "Last line of address must be a real UK postcode or another country"
)

#: Royal Mail's postcode areas; GIR and the areas of the forces are told apart below.
_AREAS = (
    "AB|AL|B|BA|BB|BD|BF|BH|BL|BN|BR|BS|BT|BX|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|E|EC|"
    "EH|EN|EX|FK|FY|G|GL|GU|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|L|LA|LD|LE|LL|LN|LS|LU|M|ME|"
    "MK|ML|N|NE|NG|NN|NP|NR|NW|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|"
    "TA|TD|TF|TN|TQ|TR|TS|TW|UB|W|WA|WC|WD|WF|WN|WR|WS|WV|YO|ZE"
)
#: Districts that end in a letter are found in London alone (Royal Mail, Programmer's Guide to PAF).
_LETTERED = r"(?:E1W|EC[1-4][AMNPRVY]|N1[CP]|NW1W|SE1P|SW1[AEHPVWXY]|W1[A-HJKSTUW]|WC[12][ABEHNRVX])"
_OUTWARD = rf"GIR|{_LETTERED}|(?:{_AREAS})[0-9]{{1,2}}"
_POSTCODE = re.compile(rf"({_OUTWARD})([0-9][ABD-HJLNP-UW-Z]{{2}})")
_BFPO = re.compile(r"\bBFPO\s?(?:c/o)?\s?([0-9]{1,4})\b", re.IGNORECASE)
_HOME = frozenset(
    map(
        fold,
        (
            *("United Kingdom", "UK", "U.K.", "Great Britain", "Britain", "GB", "England", "Scotland", "Wales"),
            *("Northern Ireland", "Y Deyrnas Unedig", "Prydain Fawr", "Prydain", "Lloegr", "Yr Alban", "Cymru"),
            *("Gogledd Iwerddon", "Vương quốc Anh", "Guernsey", "Jersey", "Isle of Man", "Ynys Manaw", "Alderney"),
            *("Sark", "Herm", "Brecqhou", "Jethou", "Lihou"),
        ),
    )
)


class UnitedKingdomRules(AddressRules):
    """A real postcode ends an address at home; one of the forces ends in its BFPO number."""

    region = "GB"

    def find_end(self, lines: list[str], *, allows_international: bool) -> PostalAddress:
        """Return the address with postcode, BFPO number or country at its end; raises AddressError."""
        forces = _BFPO.search("\n".join(lines))
        if forces:
            return _forces_address(lines, forces[1])
        lines = self.without_home(lines)
        postcode = find_postcode(lines[-1])
        if postcode:
            return PostalAddress((*lines[:-1], postcode))
        country = find_country(lines[-1]) if allows_international else None
        if country is None:
            raise AddressError(NEITHER if allows_international else NOT_A_POSTCODE)
        return abroad(lines, country)

    def without_home(self, lines: list[str]) -> list[str]:
        """Return the lines without the kingdom's name, or that of a country or island of it, at their end."""
        return lines[:-1] if lines and fold(lines[-1]) in _HOME else lines


def find_postcode(text: str) -> str | None:
    """Return the postcode that ``text`` is, in capitals with its space, or None."""
    found = _POSTCODE.fullmatch(text.upper().replace(" ", ""))
    return f"{found[1]} {found[2]}" if found else None


def _forces_address(lines: list[str], number: str) -> PostalAddress:
    if fold(lines[-1]) in _HOME or find_country(lines[-1]):
        raise AddressError(COUNTRY_AFTER_BFPO)
    kept = [line for line in lines if not _is_forces_postcode(line)]
    kept = [line for line in (_BFPO.sub("", line).strip(" ,") for line in kept) if line]
    return PostalAddress((*kept, f"BFPO {number}"))


def _is_forces_postcode(line: str) -> bool:
    return (find_postcode(line) or "").startswith("BF")
