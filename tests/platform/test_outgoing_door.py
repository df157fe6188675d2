"""The one door out: which addresses it refuses, and what it does with an answer."""

import contextlib
import socket
import time

import pytest

from gaap.addresses import is_allowed
from gaap.http import AddressRefusedError, Door, OutgoingError, call, check_url
from tests.loopback import QuietHandler, serve


class Peer(QuietHandler):
    protocol_version = "HTTP/1.0"

    def do_POST(self):
        if self.path.startswith("/drip"):
            self.drip()
            return
        if self.path in ("/closes", "/cookie"):
            self.answer_as_if_to_stay()
            return
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/other")
            self.end_headers()
            return
        self.send_response(201)
        self.end_headers()
        asked = self.headers["Accept-Encoding"].encode()
        self.wfile.write(asked if self.path == "/encoding" else b"x" * (5000 if self.path == "/large" else 5))

    def answer_as_if_to_stay(self):
        """Answer as HTTP/1.1 does, with a cookie and the cookie that came, and close the connection all the same."""
        self.read_body()
        body = self.headers.get("Cookie", "").encode()
        self.wfile.write(b"HTTP/1.1 201 Created\r\nSet-Cookie: a=b\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        self.close_connection = True

    def drip(self):
        """Answer a byte at a time and never come to an end: the head on one path, the body on the other."""
        head = b"HTTP/1.1 200 OK\r\nX-Long: "
        with contextlib.suppress(OSError):
            self.wfile.write(head if self.path == "/drip-head" else head + b"1\r\n\r\n")
            for _ in range(100):
                self.wfile.write(b"x")
                time.sleep(0.05)


@pytest.fixture
def peer(settings):
    settings.GAAP_EMBEDDED = True
    with serve(Peer) as address:
        yield address


def test_calls_and_reads(peer):
    answer = call("POST", f"{peer}/", body=b"hello")
    assert (answer.status, answer.body) == (201, b"xxxxx")


def test_does_not_follow_redirects(peer):
    assert call("POST", f"{peer}/redirect").status == 302


def test_caps_the_answer(peer):
    with pytest.raises(OutgoingError, match="larger"):
        call("POST", f"{peer}/large", max_bytes=1000)


def test_cuts_the_answer(peer):
    answer = call("POST", f"{peer}/large", max_bytes=1000, is_cut=True)
    assert answer.body == b"x" * 1000


@pytest.mark.parametrize("path", ["/drip-head", "/drip-body"])
def test_the_whole_call_ends_in_time(peer, path):
    started = time.monotonic()
    with pytest.raises(OutgoingError, match="Timeout"):
        call("POST", f"{peer}{path}", timeout=0.3)
    assert time.monotonic() - started < 1.0


def test_asks_for_no_compression(peer):
    assert call("POST", f"{peer}/encoding", headers={"Accept-Encoding": "gzip"}).body == b"identity"


def test_loopback_is_refused_outside_embedded_mode(peer, settings):
    settings.GAAP_EMBEDDED = False
    with pytest.raises(AddressRefusedError):
        call("POST", peer)
    with pytest.raises(AddressRefusedError):
        call("POST", peer.replace("http", "https"))


@pytest.mark.parametrize("embedded", [True, False])
@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",  # noqa: S104
        "fe80::1", "fe80::1%eth0", "fd00::1", "::", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1",
        "2002:a00:1::", "2001:0:a00:1::", "ff02::1", "255.255.255.255", "192.0.2.1",
    ],
)  # fmt: skip
def test_no_private_address(settings, embedded, address):
    settings.GAAP_EMBEDDED = embedded
    assert not is_allowed(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_public_addresses(settings, address):
    settings.GAAP_EMBEDDED = False
    assert is_allowed(address)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"])
def test_other_spellings_of_loopback(settings, host):
    settings.GAAP_EMBEDDED = False
    with pytest.raises(OutgoingError):
        call("GET", f"https://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "https://",
        "https://u:p@example.org/",
        "nonsense",
        "https://[::1",
    ],
)
def test_refused_addresses(settings, url):
    settings.GAAP_EMBEDDED = False
    with pytest.raises(AddressRefusedError):
        call("GET", url)


def test_name_with_one_private_address_is_refused(settings, monkeypatch):
    settings.GAAP_EMBEDDED = False
    answers = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: answers)
    with pytest.raises(AddressRefusedError):
        call("GET", "https://rebinding.example/")


def test_connects_to_the_address_that_was_checked(settings, monkeypatch, peer):
    """The name is resolved once: a second, other answer is never asked for."""
    calls = []

    def resolve(host, port, *args, **kwargs):
        calls.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *a, **k: resolve(host, *a, **k) if host == "named.example" else real(host, *a, **k),
    )
    assert call("POST", peer.replace("127.0.0.1", "named.example")).status == 201
    assert calls == ["named.example"]


HOSTILE_URLS = [
    # loopback, in every spelling
    "https://127.0.0.1/", "https://127.255.255.254/", "https://localhost/", "https://LOCALHOST./", "https://a.localhost/",
    "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0177.0.0.1/",
    "https://017700000001/", "https://127.0.0.1./", "https://127。0。0。1/", "https://①②⑦.0.0.1/", "https://%31%32%37.0.0.1/",
    "https://0/", "https://0.0.0.0/", "https://[::]/", "https://[::1]/", "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::127.0.0.1]/", "https://[::ffff:0:127.0.0.1]/",
    # private networks, link-local, carriers' and reserved ranges
    "https://10.0.0.1/", "https://172.31.255.255/", "https://192.168.0.1/", "https://100.64.0.1/", "https://198.18.0.1/",
    "https://192.0.2.1/", "https://192.88.99.1/", "https://240.0.0.1/", "https://255.255.255.255/", "https://224.0.0.1/",
    "https://[fc00::1]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[fec0::1]/", "https://[ff02::1]/",
    "https://[2001:db8::1]/", "https://[3fff::1]/", "https://[100::1]/", "https://[::ffff:10.0.0.1]/",
    # cloud metadata, straight and in disguise
    "https://169.254.169.254/latest/meta-data/", "https://[fd00:ec2::254]/", "https://[::ffff:169.254.169.254]/",
    "https://0xa9fea9fe/", "https://2852039166/", "https://metadata.google.internal/", "https://[64:ff9b::a9fe:a9fe]/",
    "https://[64:ff9b:1::a9fe:a9fe]/", "https://[2002:a9fe:a9fe::]/", "https://[2001:0:a9fe:a9fe::]/",
    # other schemes, and URLs that two readers would read differently
    "http://example.org/", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "javascript:alert(1)",
    "https://example.org@10.0.0.1/", "https://example.org\\@10.0.0.1/", "https://user:pass@example.org/", "https:///x",
    "https://example.org:0/", "https://example.org:99999/", "https://exa mple.org/", "https://example.org/\r\nHost: x",
    "https://printer.local/", "https://-a.example/", "https://xn--a/", f"https://{'a' * 300}.example/", "//a.example/",
]  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_hostile_url_is_refused_before_any_look_up(settings, monkeypatch, url):
    settings.GAAP_EMBEDDED = False

    def look_up(*args, **kwargs):
        raise AssertionError("asked a name server")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(AddressRefusedError):
        check_url(url)
    with pytest.raises(AddressRefusedError):
        call("POST", url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "https://example.org:8443/a?b=c#d",
        "https://bộ.example/",
        "https://93.184.216.34/",
        "https://[2606:2800:220:1:248:1893:25c8:1946]/",
        "https://a_b.service.example./",
    ],
)
def test_public_url_may_be_called(settings, url):
    settings.GAAP_EMBEDDED = False
    check_url(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "::1",
        "::ffff:192.168.1.1",
        "fd00::1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_name_that_leads_inside_is_refused(settings, monkeypatch, address):
    settings.GAAP_EMBEDDED = False
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [(2, 1, 6, "", (address, 443))])
    with pytest.raises(AddressRefusedError):
        call("GET", "https://inside.example/")


def test_rebinding_name_gains_nothing(settings, monkeypatch):
    """A name that first leads to a public address and then inside is looked up once, and connected to as checked."""
    settings.GAAP_EMBEDDED = False
    answers = iter(["93.184.216.34", "127.0.0.1"])
    asked, connected = [], []

    def look_up(host, port, *args, **kwargs):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(address, *args, **kwargs):
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OutgoingError):
        call("GET", "https://rebinding.example/")
    assert (asked, connected) == (["rebinding.example"], ["93.184.216.34"])
    with pytest.raises(AddressRefusedError):
        call("GET", "https://rebinding.example/")
    assert connected == ["93.184.216.34"]


def test_a_connection_closed_while_it_waited_is_made_again(peer):
    """The peer answers as if it kept the connection, and closes it."""
    with Door() as door:
        answers = [door.call("POST", f"{peer}/closes") for _ in range(3)]
    assert [answer.status for answer in answers] == [201, 201, 201]


def test_a_door_bears_no_cookies(peer):
    with Door() as door:
        door.call("POST", f"{peer}/cookie")
        assert door.call("POST", f"{peer}/cookie").body == b""
