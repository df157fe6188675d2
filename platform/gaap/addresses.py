"""Which addresses on the network this platform may connect to."""

import ipaddress
import re
import socket

from gaap.conf import conf
from gaap.security.events import note_security_event

#: The only IPv6 addresses that anybody has been given (RFC 4291, section 2.4); all others have a special meaning.
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
#: Special within ``2000::/3`` and not known as such to every Python: documentation (RFC 9637), 6to4 relays (RFC 7526).
_SPECIAL = (ipaddress.ip_network("3fff::/20"), ipaddress.ip_network("192.88.99.0/24"))
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
#: Names that never lead to a public host (RFC 6761, RFC 6762, and the top-level domain reserved for private use).
_INNER_NAMES = ("localhost", "local", "internal")
_LONGEST_NAME = 253


class OutgoingError(Exception):
    """A call could not be made, or its answer could not be taken."""


class AddressRefusedError(OutgoingError):
    """The address is none that this platform connects to."""


def is_allowed(address: str) -> bool:
    """Tell whether an IP address (as text) may be connected to."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip
    if ip.is_loopback:
        return conf.is_embedded
    if any(ip in network for network in _SPECIAL if network.version == ip.version):
        return False
    return _is_plain(ip) and ip.is_global and not ip.is_multicast


def check_host(host: str) -> None:
    """Raise AddressRefusedError unless ``host`` (ASCII, as in a URL) is a public address or could be a public name."""
    name = host.lower().removesuffix(".")
    if _is_address(name):
        refused = not is_allowed(name)
    else:
        refused = not _is_name(name) or (name.split(".")[-1] in _INNER_NAMES and not conf.is_embedded)
    if refused:
        note_security_event("address_refused", when="asked")
        raise AddressRefusedError("The address is not a public one.")


def resolve(host: str, port: int) -> str:
    """Return an address of ``host`` that may be connected to, as text.

    Every address that the name has is checked. Raises OSError when it has none, AddressRefusedError when one is not
    public.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_allowed(address) for address in addresses):
        note_security_event("address_refused", when="connecting")
        raise AddressRefusedError("The name leads to an address that is not public.")
    return addresses[0]


def _is_plain(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether the address means itself, and is no other address in disguise (6to4, Teredo, NAT64)."""
    if isinstance(ip, ipaddress.IPv4Address):
        return True
    return ip in _GIVEN_OUT and ip.sixtofour is None and ip.teredo is None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return "%" not in host


def _is_name(host: str) -> bool:
    """Tell whether ``host`` is a name; decimal, octal and short forms of an address are none."""
    labels = host.split(".")
    is_spelt = len(host) <= _LONGEST_NAME and all(_LABEL.fullmatch(label) for label in labels)
    return is_spelt and not _NUMBER.fullmatch(labels[-1])
