"""XML-RPC: the fast way and the careful way agree, and nothing in an answer can do harm."""

from html import escape
import xmlrpc.client

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.clients import xmlrpc as ours
from custom_components.showrunner.clients.xmlrpc import Fault, NotXml

from .conftest import read

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse>\r\n<params>\r\n<param>'
TAIL = "</param>\r\n</params>\r\n</methodResponse>\r\n"

TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t\n\x01\x1b%&<>\"']")
)
ROWS = st.lists(st.lists(st.one_of(TEXTS, st.integers(-(2**63), 2**63 - 1)), min_size=1))


def written(rows: list[list[str | int]]) -> bytes:
    """Write rows as rTorrent does: control characters stay as they are."""

    def value(one: str | int) -> str:
        inner = f"<i8>{one}</i8>" if isinstance(one, int) else f"<string>{escape(one)}</string>"
        return f"<value>{inner}</value>\r\n"

    inner = "".join(
        f"<value><array><data>\r\n{''.join(map(value, row))}</data></array></value>\r\n"
        for row in rows
    )
    return f"{HEAD}<value><array><data>\r\n{inner}</data></array></value>{TAIL}".encode()


@given(ROWS)
def test_rows_are_read_exactly(rows: list[list[str | int]]) -> None:
    """Whatever is in a name, the control characters that XML forbids among it."""
    assert ours.rows(written(rows), ours.fields) == rows


@given(ROWS)
def test_both_ways_agree(rows: list[list[str | int]]) -> None:
    """But for control characters, which the careful way leaves out."""
    clean = [
        [
            one.translate({1: None, 27: None, 13: None}) if isinstance(one, str) else one
            for one in row
        ]
        for row in rows
    ]
    careful = ours.read(written(rows))
    assert isinstance(careful, list)
    assert ours.table(careful) == clean


@given(ROWS, st.integers(0, 4000))
def test_half_an_answer_is_no_shorter_list(rows: list[list[str | int]], cut: int) -> None:
    """Neither way believes an answer that broke off."""
    whole = written(rows)
    part = whole.rstrip()[: min(cut, len(whole.rstrip()) - 1)]
    assert ours.rows(part, ours.fields) is None
    with pytest.raises(NotXml):
        ours.read(part)


@pytest.mark.parametrize(
    "value", [7, -3, "a", "", [1, ["x", []]], {"a": 1, "b": {"c": ["d"]}}, True, 1.5, []]
)
def test_other_shapes_are_read_too(value: object) -> None:
    """As the standard library writes them."""
    content = xmlrpc.client.dumps((value,), methodresponse=True).encode()
    assert ours.read(content) == value


def test_a_fault_is_a_fault() -> None:
    """Recorded: an unknown method, a refused field, a call that was no XML."""
    for name, code, text in (
        ("0.16.17-raw-nope", -506, "Method 'nope' not defined"),
        ("0.16.17-rpc-d.multicall2", -507, "d.timestamp.started"),
        ("0.9.8-raw-bad-xml", -503, "not a proper XML-RPC call"),
    ):
        content = read(f"rtorrent/{name}.json")["response"].encode()
        assert ours.rows(content, ours.fields) is None
        fault = ours.read(content)
        assert isinstance(fault, Fault)
        assert fault.code == code
        assert text in fault.text


BOMB = """<?xml version="1.0"?><!DOCTYPE lol [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>
<methodResponse><params><param><value><string>&b;</string></value></param></params></methodResponse>"""
FILE = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<methodResponse><params><param><value><string>&f;</string></value></param></params></methodResponse>"""
DEEP = f"{HEAD}{'<value><array><data>' * 5000}"


@pytest.mark.parametrize(
    "content",
    [BOMB, FILE, DEEP, "", "false", "<html></html>", "not xml", HEAD, "<a><value>1</value></a>"],
)
def test_what_is_no_answer_is_refused(content: str) -> None:
    """Entities, files, towers of elements, web pages."""
    with pytest.raises(NotXml):
        ours.read(content.encode())
    assert ours.rows(content.encode(), ours.fields) is None


def test_a_row_with_something_else_in_it_is_not_guessed() -> None:
    """A structure, or a number that is none."""
    for inner in ("<struct></struct>", "<i8>x</i8>", "<string>a<b/></string>", "<i8></i8>"):
        with pytest.raises(NotXml):
            ours.fields(f"<value><i8>1</i8></value><value>{inner}</value>")


def test_requests_are_escaped() -> None:
    """As the standard library reads them."""
    params, method = xmlrpc.client.loads(ours.request("d.x", "", "a & <b> é"))
    assert (params, method) == (("", "a & <b> é"), "d.x")
