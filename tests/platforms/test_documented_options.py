"""Every option of a job's page stands in the documentation, with the default that it has."""

from pathlib import Path
import re

import pytest
import voluptuous as vol

from custom_components.showrunner.jobs.cleanup.collection import NUMBERS
from custom_components.showrunner.jobs.registry import JOBS
from custom_components.showrunner.jobs.spec import OptionsPage

_DOCS = (Path(__file__).parents[2] / "docs/options.md").read_text()
_ROW = re.compile(r"^\| (`[a-z_`, ]+`) \| ([^|]+?) \|", re.MULTILINE)
DOCUMENTED = {
    name.strip(" `"): default for names, default in _ROW.findall(_DOCS) for name in names.split(",")
}
PAGES = [spec.page for spec in JOBS.values() if spec.page is not None]


def names(page: OptionsPage) -> set[str]:
    """Name what can be chosen on a page."""
    fields = {str(one.schema) for one in page.fields if isinstance(one, vol.Marker)}
    return {*page.switches, *page.numbers, *fields}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.section} {page.group or ''}")
def test_every_option_is_documented_with_its_default(page: OptionsPage) -> None:
    """A switch says on or off, a number its default."""
    lacking = names(page) - DOCUMENTED.keys()
    assert not lacking
    rows = {
        name: next(default for many, default in _ROW.findall(_section(page)) if f"`{name}`" in many)
        for name in (*page.switches, *page.numbers)
    }
    for name, default in page.switches.items():
        assert rows[name] == ("on" if default else "off"), name
    for name, number in page.numbers.items():
        assert float(rows[name].replace(",", "")) == number.default, name


def _section(page: OptionsPage) -> str:
    """Give the part of the documentation that has most of a page's options."""
    parts = re.split(r"^##+ ", _DOCS, flags=re.MULTILINE)
    return max(parts, key=lambda part: sum(f"| `{name}` |" in part for name in names(page)))


def test_what_is_told_and_shown_of_what_leaves_is_documented() -> None:
    """How far ahead the message and the collection look."""
    assert set(NUMBERS) <= DOCUMENTED.keys()
    assert DOCUMENTED["leaving_days"] == "2"
