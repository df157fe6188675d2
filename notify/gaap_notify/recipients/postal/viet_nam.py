"""Addresses in Vietnam: a province or city ends them, with its postal code or without."""

import re

from gaap_notify.recipients.postal.base import AddressError, AddressFault, AddressRules, PostalAddress, abroad
from gaap_notify.recipients.postal.countries import fold

NOT_A_PROVINCE = AddressFault("not-a-real-province", "Last line of address must be a province or city of Vietnam")
NEITHER = AddressFault("not-a-real-province-or-country", f"{NOT_A_PROVINCE.message} or another country")

#: The 34 of today, and those which were joined to them in July 2025 and still stand on many letters.
_PROVINCES = frozenset(
    map(
        fold,
        (
            *("An Giang", "Bà Rịa - Vũng Tàu", "Bà Rịa", "Vũng Tàu", "Bạc Liêu", "Bắc Giang", "Bắc Kạn", "Bắc Ninh"),
            *("Bến Tre", "Bình Dương", "Bình Định", "Bình Phước", "Bình Thuận", "Cà Mau", "Cao Bằng", "Cần Thơ"),
            *("Đà Nẵng", "Đắk Lắk", "Đắk Nông", "Điện Biên", "Đồng Nai", "Đồng Tháp", "Gia Lai", "Hà Giang", "Hà Nam"),
            *("Hà Nội", "Hanoi", "Hà Tĩnh", "Hải Dương", "Hải Phòng", "Hậu Giang", "Hòa Bình", "Hồ Chí Minh", "HCM"),
            *("Sài Gòn", "Saigon", "Huế", "Thừa Thiên Huế", "Hưng Yên", "Khánh Hòa", "Kiên Giang", "Kon Tum"),
            *("Lai Châu", "Lạng Sơn", "Lào Cai", "Lâm Đồng", "Long An", "Nam Định", "Nghệ An", "Ninh Bình"),
            *("Ninh Thuận", "Phú Thọ", "Phú Yên", "Quảng Bình", "Quảng Nam", "Quảng Ngãi", "Quảng Ninh"),
            *("Quảng Trị", "Sóc Trăng", "Sơn La", "Tây Ninh", "Thái Bình", "Thái Nguyên", "Thanh Hóa", "Tiền Giang"),
            *("Trà Vinh", "Tuyên Quang", "Vĩnh Long", "Vĩnh Phúc", "Yên Bái"),
        ),
    )
)
_POSTAL_CODE = re.compile(r"(?<!\d)\d{5,6}(?!\d)")
_SPACES = re.compile(r"\s+")
_PREFIX = re.compile(r"^(thanh pho|tinh|tp|province|city)\s*|\s*(province|city)$")


class VietNamRules(AddressRules):
    """The last line names a province or a city of its own standing."""

    region = "VN"

    def find_end(self, lines: list[str], *, allows_international: bool) -> PostalAddress:
        """Return the address with its province or country at its end; raises AddressError."""
        lines = self.without_home(lines)
        if is_province(lines[-1]):
            return PostalAddress(tuple(lines))
        country = self.country_abroad(lines) if allows_international else None
        if country is None:
            raise AddressError(NEITHER if allows_international else NOT_A_PROVINCE)
        return abroad(lines, country)


def is_province(text: str) -> bool:
    """Tell whether ``text`` is a province or city, however it is introduced, with a postal code or without."""
    name = text.rpartition(",")[2] if "," in text else text
    plain = _SPACES.sub(" ", fold(_POSTAL_CODE.sub(" ", name))).strip()
    return plain in _PROVINCES or _PREFIX.sub("", plain) in _PROVINCES
