"""The people of the sandbox. They are invented; each stands for something that services must be able to handle."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaap_identity import return_codes
from gaap_identity.providers.base import CheckResult, EvidenceItem, Facts, Name, NamePart


@dataclass(frozen=True)
class Persona:
    """One invented person; ``shows`` says what picking them shows."""

    identifier: str
    name: str
    shows: Promise | str
    result: CheckResult


def _given(value: str) -> NamePart:
    return NamePart(type="GivenName", value=value)


def _family(value: str) -> NamePart:
    return NamePart(type="FamilyName", value=value)


CHIP_PASSPORT = EvidenceItem(kind="passport", strength=4, validity=2)
CHIP_PASSPORT_READ = EvidenceItem(kind="passport", strength=4, validity=3)
DRIVING_LICENCE = EvidenceItem(kind="driving_permit", strength=3, validity=2)
BANK_ACCOUNT = EvidenceItem(kind="bank_account", strength=2, validity=2)

HARRIET = CheckResult(
    facts=Facts(
        names=(Name(parts=(_given("Harriet"), _given("Rose"), _family("Clarke"))),),
        birth_dates=("1984-02-29",),
        addresses=(
            {
                "uprn": 10022812929,
                "buildingNumber": "14",
                "streetName": "Orchard Lane",
                "addressLocality": "Otterbourne",
                "postalCode": "SO21 9ZZ",
                "addressCountry": "GB",
                "validFrom": "2019-05-01",
            },
        ),
        passports=({"documentNumber": "999228645", "icaoIssuerCode": "GBR", "expiryDate": "2033-08-14"},),
    ),
    evidence=(CHIP_PASSPORT,),
    fraud=1,
    verification=2,
)

LLYR = CheckResult(
    facts=Facts(
        names=(Name(parts=(_given("Llŷr"), _family("ap Rhŷs"))),),
        birth_dates=("1971-03-01",),
        addresses=(
            {
                "buildingName": "Tŷ'r Ysgol",
                "streetName": "Heol y Bont",
                "addressLocality": "Llanuwchllyn",
                "postalCode": "LL23 9ZZ",
                "addressCountry": "GB",
                "validFrom": "2008-01-01",
            },
        ),
        driving_permits=(
            {
                "personalNumber": "APRHY703011L99ZZ",
                "issueNumber": "42",
                "issuedBy": "DVLA",
                "expiryDate": "2031-02-28",
            },
        ),
    ),
    evidence=(DRIVING_LICENCE, BANK_ACCOUNT),
    activity=1,
    fraud=1,
    verification=2,
)

NGOC = CheckResult(
    facts=Facts(
        names=(Name(parts=(_family("Nguyễn"), _given("Thị"), _given("Ngọc"))),),
        birth_dates=("1992-09-02",),
        addresses=(
            {
                "buildingNumber": "27",
                "streetName": "phố Hàng Bông",
                "dependentAddressLocality": "phường Hàng Gai",
                "addressLocality": "Hà Nội",
                "addressCountry": "VN",
                "validFrom": "2021-01-01",
            },
        ),
        passports=({"documentNumber": "C9990017", "icaoIssuerCode": "VNM", "expiryDate": "2032-11-20"},),
    ),
    evidence=(CHIP_PASSPORT,),
    fraud=1,
    verification=2,
)

MARIA = CheckResult(
    facts=Facts(
        names=(
            Name(
                parts=(
                    _given("María"),
                    _given("del Carmen"),
                    _given("Josefa"),
                    _given("Antonia"),
                    _family("Fernández-Villaverde"),
                    _family("y Ruiz de Alarcón"),
                ),
                valid_from="2016-06-18",
            ),
            Name(
                parts=(_given("María"), _given("del Carmen"), _family("Fernández"), _family("Ruiz")),
                valid_until="2016-06-17",
            ),
        ),
        birth_dates=("1968-12-31",),
        passports=({"documentNumber": "XDA999421", "icaoIssuerCode": "ESP", "expiryDate": "2030-04-02"},),
    ),
    evidence=(CHIP_PASSPORT,),
    fraud=1,
    verification=2,
)

SUKARTI = CheckResult(
    facts=Facts(
        names=(Name(parts=(_given("Sukarti"),)),),
        birth_dates=("1979-07-11",),
        passports=({"documentNumber": "X9990088", "icaoIssuerCode": "IDN", "expiryDate": "2029-01-30"},),
    ),
    evidence=(CHIP_PASSPORT_READ,),
    fraud=1,
    verification=3,
)

BRONWEN = CheckResult(
    facts=Facts(
        names=(Name(parts=(_given("Bronwen"), _family("Adeyemi"))),),
        birth_dates=("2005-10-08",),
    ),
    evidence=(BANK_ACCOUNT,),
    fraud=1,
    verification=1,
)

ABENA = CheckResult(
    facts=Facts(names=(Name(parts=(_given("Abena"), _family("Mensah"))),), birth_dates=("1951",)),
    evidence=(CHIP_PASSPORT,),
    fraud=1,
    verification=2,
)

PERSONAS = (
    Persona("harriet", "Harriet Rose Clarke", _("Identity confirmed with a passport (P2)"), HARRIET),
    Persona("llyr", "Llŷr ap Rhŷs", _("Identity confirmed with a driving licence and a bank account (P2)"), LLYR),
    Persona("ngoc", "Nguyễn Thị Ngọc", _("Identity confirmed, family name first (P2)"), NGOC),
    Persona(
        "maria",
        "María del Carmen Josefa Antonia Fernández-Villaverde y Ruiz de Alarcón",
        _("Identity confirmed, long name that was changed once (P2)"),
        MARIA,
    ),
    Persona("sukarti", "Sukarti", _("Identity confirmed, name of one part, highest level (P3)"), SUKARTI),
    Persona("bronwen", "Bronwen Adeyemi", _("Only a lower level is reached (P1)"), BRONWEN),
    Persona("abena", "Abena Mensah", _("Identity confirmed, only the year of birth is known (P2)"), ABENA),
    Persona(
        "tomos",
        "Tomos Nowak",
        _("No documents to check: not confirmed"),
        CheckResult(return_codes=(return_codes.NO_EVIDENCE,)),
    ),
    Persona(
        "edith",
        "Edith Marsh",
        _("Photo does not match: not confirmed"),
        CheckResult(evidence=(CHIP_PASSPORT,), fraud=1, return_codes=(return_codes.NO_MATCH,)),
    ),
    Persona(
        "victor",
        "Victor Lane",
        _("Signs of identity fraud: not confirmed"),
        CheckResult(evidence=(CHIP_PASSPORT,), verification=2, return_codes=(return_codes.FRAUD,)),
    ),
    Persona(
        "quit",
        "Quentin Bright",
        _("Leaves before the end: not confirmed"),
        CheckResult(return_codes=(return_codes.LEFT,)),
    ),
    Persona(
        "oskar",
        "Oskar Lind",
        _("The source of evidence breaks: not confirmed"),
        CheckResult(return_codes=(return_codes.SOURCE_FAILED,)),
    ),
    Persona(
        "wanda",
        "Wanda Hill",
        _("The answer comes later: waiting"),
        CheckResult(is_pending=True, return_codes=(return_codes.WAITING,)),
    ),
)

BY_IDENTIFIER = {persona.identifier: persona for persona in PERSONAS}
