"""`Link` headers: any order, quoting and spacing; what was asked for comes back; nobody else's."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.api.home_errors import ForeignLink
from pm_tui.api.links import Link, next_url, origin, read_links
from tests.strategies import unicode_text

HERE = "https://api.ev.energy/v2/evses?page_size=100"
NEXT = "https://api.ev.energy/v2/evses?page_size=25&page_after=vhcl1,x;y"

spaces = st.sampled_from(["", " ", "\t ", "  "])
names = st.sampled_from(["rel", "REL", "Rel"])
rels = st.sampled_from(["next", "previous", "prev", "first next", "NEXT", "self"])
targets = st.text(
    st.characters(codec="ascii", exclude_characters="<> \t\r\n\x7f", min_codepoint=33)
)
extra = st.sampled_from(['title="a, <b>; rel=x \\" c"', "hreflang=de", "crossorigin", 'type="x/y"'])


@st.composite
def entries(draw: st.DrawFn) -> tuple[str, Link]:
    target, rel = draw(targets), draw(rels)
    quoted = f'"{rel}"' if " " in rel or draw(st.booleans()) else rel
    relation = f"{draw(names)}{draw(spaces)}={draw(spaces)}{quoted}"
    parameters = draw(st.permutations([relation, *draw(st.lists(extra, max_size=2))]))
    space = draw(spaces)
    text = f"<{target}>" + "".join(f"{space};{space}{one}" for one in parameters)
    read = tuple("previous" if one == "prev" else one for one in rel.lower().split())
    return text, Link(target, read)


@given(st.lists(entries(), max_size=4), spaces, spaces)
def test_every_way_of_writing_them(
    written: list[tuple[str, Link]], before: str, after: str
) -> None:
    header = f"{before},{after}".join(text for text, _link in written)
    assert read_links(header) == [link for _text, link in written]


@given(unicode_text())
def test_no_header_breaks_it(header: str) -> None:
    for link in read_links(header):
        assert f"<{link.target}" in header.replace("< ", "<") or link.target in header


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "<about:blank>; rel=next",
        '<>; rel="next"',
        '<about:blank>; rel="previous", <about:blank>; rel="next"',
        f'<{NEXT}>; rel="previous"',
        "not a link",
    ],
)
def test_the_end(header: str | None) -> None:
    assert next_url(header, HERE, {}) is None


def test_the_documented_shape_and_a_joined_one() -> None:
    wanted = f'<about:blank>; rel="previous", <{NEXT}>; rel="next"'
    assert next_url(wanted, HERE, {}) == NEXT
    assert next_url(f"<{NEXT}>;rel=next,<about:blank>;rel=prev", HERE, {}) == NEXT
    assert next_url("</v2/evses/?page_after=q>; rel=next", HERE, {}) == (
        "https://api.ev.energy/v2/evses/?page_after=q"
    )


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
cursors = st.text(st.characters(codec="ascii", categories=["L", "N"], include_characters="-:.+%"))


@given(
    cursors,
    st.dictionaries(
        st.sampled_from(["expand", "cpid", "a b"]), st.lists(texts, min_size=1, max_size=3)
    ),
)
def test_what_was_asked_for_comes_back_and_the_cursor_stays(
    cursor: str, wanted: dict[str, list[str]]
) -> None:
    target = f"https://api.ev.energy/v2/evses?page_size=25&page_after={cursor}&cpid=mine"
    found = next_url(f'<{target}>; rel="next"', HERE, wanted)
    assert found is not None and found.startswith(target), "letter by letter"
    pairs = parse_qsl(urlsplit(found[len(target) :].replace("&", "?", 1)).query, True)
    missing = {name: values for name, values in wanted.items() if name != "cpid"}
    assert pairs == [(name, value) for name, values in missing.items() for value in values]


@pytest.mark.parametrize(
    "target",
    [
        "http://api.ev.energy/v2/evses",
        "https://api.ev.energy:8443/v2/evses",
        "https://evil.example/v2/evses",
        "//evil.example/v2/evses",
        "https://api.ev.energy@evil.example/",
        "https://api.ev.energy\\@evil.example/",
        "javascript:alert(1)",
        "https://[::1/",
        "https://api.ev.energy:99999999/",
        "https://user@api.ev.energy/v2/evses",
    ],
)
def test_another_origin_is_an_error(target: str) -> None:
    with pytest.raises(ForeignLink):
        next_url(f'<{target}>; rel="next"', HERE, {})


def test_the_default_port_is_the_same_origin() -> None:
    target = "https://api.ev.energy:443/v2/evses?page_after=x"
    assert next_url(f"<{target}>; rel=next", HERE, {}) == target
    assert origin("ftp://api.ev.energy/") is None
