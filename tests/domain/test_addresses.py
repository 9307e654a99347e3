"""One place has many addresses."""

from ipaddress import IPv6Address

from hypothesis import example, given, strategies as st
import pytest

from custom_components.showrunner.domain.addresses import Place, host_of, machine_of, same_host


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://localhost:7878", "http://127.0.0.1:7878"),
        ("http://localhost:7878", "http://[::1]:7878"),
        ("http://localhost:7878", "http://127.8.9.1:7878"),
        ("http://localhost:7878", "http://LOCALHOST.:7878"),
        ("http://localhost:7878", "http://radarr.localhost:7878"),
        ("http://localhost:7878", "http://[::ffff:127.0.0.1]:7878"),
        ("http://localhost:7878", "http://localhost.localdomain:7878"),
        ("http://localhost:7878", "http://0.0.0.0:7878"),
        ("http://radarr.example:80", "http://radarr.example"),
        ("https://radarr.example:443/x", "https://radarr.example/x/"),
        ("http://radarr.example.:7878/radarr", "http://Radarr.Example:7878/radarr"),
        ("http://[2001:DB8:0:0:0:0:0:1]:7878", "http://[2001:db8::1]:7878"),
        ("http://[::ffff:192.0.2.9]:7878", "http://192.0.2.9:7878"),
        ("http://bücher.example:7878", "http://xn--bcher-kva.example:7878"),
        ("http://radarr:7878", "https://radarr:7878"),
    ],
)
def test_the_same_place(one: str, other: str) -> None:
    """Written in two ways."""
    assert Place.of(one) == Place.of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://localhost:7878", "http://localhost:7879"),
        ("http://localhost:7878", "http://192.0.2.9:7878"),
        ("http://localhost:7878/a", "http://localhost:7878/b"),
        ("http://localhost:7878/a", "http://localhost:7878/A"),
        ("http://radarr", "https://radarr"),
        ("http://radarr.example", "http://radarr.example.com"),
        ("http://notlocalhost:7878", "http://localhost:7878"),
        ("scgi://localhost:5000", "scgi:///socket"),
        ("http://radarr:port", "http://radarr:other"),
    ],
)
def test_other_places(one: str, other: str) -> None:
    """Nobody's second server is refused."""
    assert Place.of(one) != Place.of(other)


@given(st.ip_addresses(v=6))
def test_every_form_of_an_address_is_one(address: IPv6Address) -> None:
    """Long, short, in brackets, in capitals."""
    forms = {address.exploded, address.compressed, f"[{address.compressed}]", str(address).upper()}
    assert len({same_host(form) for form in forms}) == 1


@given(st.text(max_size=40))
@example("\xad[")
def test_whatever_is_typed_is_a_place(text: str) -> None:
    """And writing it once more changes nothing."""
    Place.of(f"http://{text}")
    assert same_host(same_host(text)) == same_host(text)


@pytest.mark.parametrize(
    ("url", "machine"),
    [
        ("http://Box.example.:8080/RPC2", "box.example"),
        ("scgi://127.0.0.1:5000", "localhost"),
        ("scgi:///run/rtorrent.sock", "localhost"),
        ("http://[::1]:8080", "localhost"),
        ("http://[2001:DB8:0::1]:8080", "2001:db8::1"),
    ],
)
def test_the_machine_on_which_an_address_answers(url: str, machine: str) -> None:
    """Whoever holds the same path on the same machine holds the same files."""
    assert machine_of(url) == machine


@pytest.mark.parametrize(
    ("written", "host"),
    [
        (" Tracker.example. ", "tracker.example"),
        ("tracker.example:443", "tracker.example"),
        ("https://tracker.example/announce?key=1", "tracker.example"),
        ("http://[broken", ""),
        ("", ""),
    ],
)
def test_a_host_is_read_from_whatever_a_person_typed(written: str, host: str) -> None:
    """What can't be read names nobody."""
    assert host_of(written) == host
