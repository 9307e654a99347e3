"""Each offline check passes on this repository and fails when that which it guards is broken."""

from collections.abc import Callable
from importlib.metadata import version
import json
import os
from pathlib import Path
import shutil
from typing import Any

import pytest

from script.checks import CHECKS, documents, languages, problems, repeats, said, supply, unused

ROOT = Path(__file__).parents[2]
COMPONENT = "custom_components/showrunner"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy what the checks read."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / COMPONENT, tmp_path / COMPONENT, ignore=ignored)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    for path in ROOT.glob("requirements*.txt"):
        shutil.copy(path, tmp_path / path.name)
    for name in ("README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "hacs.json", tmp_path / "hacs.json")
    source = repeats.source(tmp_path)
    source.parent.mkdir(parents=True)
    shutil.copy(repeats.source(ROOT), source)
    return tmp_path


def edit(path: Path, change: Callable[[Any], None]) -> None:
    """Change a JSON file."""
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


def test_this_repository_has_no_problem() -> None:
    """Nor has a copy of it."""
    assert problems(ROOT) == []


def test_the_copy_has_no_problem(copy: Path) -> None:
    """Or the other tests would prove nothing."""
    assert problems(copy) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.pop("version"), "version"),
        (lambda m: m.update(version="latest"), "version"),
        (lambda m: m.update(colour="red"), "colour"),
        (lambda m: m.update(domain="other"), "domain"),
        (lambda m: m.update(iot_class="push"), "iot_class"),
        (lambda m: m.update(documentation="http://x"), "documentation"),
        (lambda m: m.update(requirements=["aiohttp==3"]), "aiohttp comes with"),
        (lambda m: m.update(dependencies=[]), "webhook is not among"),
        (lambda m: m.update(a_first=m.pop("name")), "keys"),
        (lambda m: m.update(config_flow=False), "config_flow"),
    ],
)
def test_a_broken_manifest_is_found(
    copy: Path, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    """Missing, unknown, unsorted and wrong values."""
    edit(copy / COMPONENT / "manifest.json", change)
    assert any(words in problem for problem in problems(copy))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.update(wrong={}), "wrong is no known section"),
        (lambda t: t["exceptions"].pop("plan_unknown"), "plan_unknown has no text"),
        (
            lambda t: t["exceptions"]["plan_unknown"].update(message="No plan."),
            "plan_unknown: placeholders",
        ),
        (lambda t: t["common"].pop("decided_ask"), "decided_ask is said, and has no words"),
        (lambda t: t["common"].update(never_said="x"), "never_said is said nowhere"),
        (lambda t: t["common"].update(decided_ask="{x}"), "decided_ask: placeholders"),
        (lambda t: t["common"].update(decided_ask="{"), "decided_ask: placeholders"),
        (lambda t: t["common"].update(finding_watched_one="{x}"), "finding_watched_one: other"),
        (lambda t: t["common"].update(decided_ask_one="x"), "decided_ask_one is said nowhere"),
        (lambda t: t["entity"]["sensor"].pop("streams"), "streams has no text"),
        (lambda t: t["services"].pop("decide"), "decide is not both"),
        (lambda t: t["services"]["decide"]["fields"].pop("viewer"), "viewer is not in both"),
        (lambda t: t["issues"]["missing_mapping"].pop("fix_flow"), "missing_mapping"),
        (
            lambda t: t["config"]["step"]["api_key"]["data_description"].pop("url"),
            "url is not both named and described",
        ),
        (lambda t: t["config"]["error"].update(unknown=" x "), "blanks"),
        (lambda t: t["config"]["error"].update(unknown="<b>x</b>"), "HTML"),
        (lambda t: t["selector"]["override"]["options"].pop("ask"), "selector.override"),
    ],
)
def test_broken_texts_are_found(
    copy: Path, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    """Missing, needless and malformed ones."""
    edit(copy / COMPONENT / "translations" / "en.json", change)
    assert any(words in problem for problem in problems(copy))


@pytest.mark.parametrize(
    "call",
    [
        'Skip("it plays now")',
        'Unreadable(PRODUCT, f"page {number} is empty")',
        'say("facts", all="not yet")',
    ],
)
def test_a_sentence_in_the_code_is_found(copy: Path, call: str) -> None:
    """It would be in English in every language."""
    with (copy / COMPONENT / "domain" / "policy.py").open("a") as file:
        file.write(f"\n{call}\n")
    assert any("policy.py" in one and "is no key" in one for one in said.check(copy))


@pytest.mark.parametrize("call", ["say(key)", 'say("decided_ask", **more)', "say()"])
def test_a_text_whose_key_or_values_are_not_written_out_is_found(copy: Path, call: str) -> None:
    """No check could tell whether it has words."""
    with (copy / COMPONENT / "domain" / "policy.py").open("a") as file:
        file.write(f"\n{call}\n")
    assert any("policy.py" in one and "written out" in one for one in said.check(copy))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t["exceptions"].pop("plan_unknown"), "plan_unknown.message is missing"),
        (lambda t: t["exceptions"].update(other={"message": "x"}), "other.message is not in en"),
        (
            lambda t: t["exceptions"]["plan_unknown"].update(message="Keinen Plan {plan}."),
            "plan_unknown.message: other placeholders",
        ),
        (
            lambda t: t["exceptions"]["plan_unknown"].update(message="Kein Plan."),
            "plan_unknown.message: other placeholders",
        ),
        (lambda t: t["config"]["error"].update(unknown=""), "error.unknown: empty"),
        (lambda t: t["config"]["error"].update(unknown="<b>x</b>"), "HTML"),
        (
            lambda t: t["exceptions"]["plan_unknown"].update(message="There is no plan {plan_id}."),
            "plan_unknown.message is left in English",
        ),
        (
            lambda t: t["exceptions"]["plan_unknown"].update(message="Ist not the {plan_id}."),
            "plan_unknown.message is left in English",
        ),
        (lambda t: t["entity"]["sensor"]["queue"].update(name="Queue"), "queue.name is left in"),
    ],
)
@pytest.mark.parametrize("language", ["de", "xx"])
def test_a_language_that_is_not_whole_is_found(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], words: str, language: str
) -> None:
    """The one that we have, and any that is added: nothing missing, needless, or left over."""
    folder = tmp_path / COMPONENT / "translations"
    shutil.copytree(ROOT / COMPONENT / "translations", folder)
    assert list(languages.check(tmp_path)) == []
    path = folder / f"{language}.json"
    if language != "de":
        shutil.copy(folder / "de.json", path)
    edit(path, change)
    found = [one for one in languages.check(tmp_path) if one.startswith(f"{path.name}: ")]
    assert any(words in problem for problem in found), found


@pytest.mark.parametrize(
    ("language", "change", "words"),
    [
        (
            "en",
            lambda t: t["config_subentries"]["radarr"]["step"]["user"]["data"].update(url="URL"),
            "config_subentries.radarr.step.user.data.url is not url, 'Address'",
        ),
        (
            "de",
            lambda t: t["config_subentries"]["radarr"]["step"]["user"]["data"].update(url="Ort"),
            "config_subentries.radarr.step.user.data.url is not url, 'Adresse'",
        ),
        (
            "en",
            lambda t: [f["fix_flow"]["abort"].pop("moved") for f in falls(t)],
            "there is no issues.fall_library.fix_flow.abort.moved",
        ),
    ],
)
def test_what_repeats_says_the_same_everywhere(
    copy: Path, language: str, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    """In every language, from one source; what begins to repeat is given one."""
    assert repeats.check in CHECKS
    edit(copy / COMPONENT / "translations" / f"{language}.json", change)
    found = list(repeats.check(copy))
    assert any(words in one for one in found), found


def falls(texts: dict[str, Any]) -> list[dict[str, Any]]:
    """Find the repairs of falls."""
    return [issue for name, issue in texts["issues"].items() if name.startswith("fall_")]


def test_a_text_that_is_changed_at_its_source_is_changed_everywhere(copy: Path) -> None:
    """Nothing else is touched, and what begins to repeat is taken up."""
    english = copy / COMPONENT / "translations" / "en.json"
    before = english.read_text()
    repeats.write(copy)
    assert english.read_text() == before
    edit(repeats.source(copy), lambda groups: groups["url"].update(en="Where it is"))
    repeats.write(copy)
    assert english.read_text() == before.replace('"url": "Address"', '"url": "Where it is"')
    assert before.count('"url": "Address"') > 10
    for path in repeats.languages(copy).values():
        edit(path, lambda t: t["common"].update(twice=t["common"]["decided_ask"]))
    answer = "common.decided_ask and common.twice say the same"
    assert [one for one in repeats.check(copy) if answer in one]
    repeats.adopt(copy)
    assert list(repeats.check(copy)) == []
    [name] = [
        name
        for name, one in json.loads(repeats.source(copy).read_text()).items()
        if "common.twice" in one["keys"]
    ]
    assert name == "decided_ask"


def test_the_languages_are_checked_with_everything_else() -> None:
    """It is no check of its own."""
    assert languages.check in CHECKS


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (f"{COMPONENT}/icons.json", "{", "not JSON"),
        (f"{COMPONENT}/icons.json", '{"services": {"decide": "hass:x"}}', "no mdi: icon"),
        (f"{COMPONENT}/services.yaml", "decide: [", "services.yaml"),
        (f"{COMPONENT}/strings.json", "{}", "strings.json"),
        (f"{COMPONENT}/quality_scale.yaml", "rules: {brands: perhaps}", "neither done"),
        (f"{COMPONENT}/quality_scale.yaml", "rules: {brands: {status: todo}}", "needs a comment"),
        (f"{COMPONENT}/brand/icon.png", "no picture", "is no PNG"),
        (f"{COMPONENT}/sensor.py", "def (", "sensor.py"),
        (f"{COMPONENT}/ids.py", 'import re\nID = re.compile(r"^x$")\n', "ends in $"),
        ("hacs.json", '{"homeassistant": "2026.10.0"}', "name is missing"),
        ("hacs.json", '{"name": "x", "zip_release": true}', "needs filename"),
        ("README.md", "", "README.md"),
        ("LICENSE", "all rights reserved", "LICENSE"),
        ("CHANGELOG.md", "## nothing", "manifest's version"),
        ("docs/options.md", "nothing", "rare_votes is not documented"),
        ("docs/actions.md", "nothing", "confirm is not documented"),
        ("docs/more.md", "see /home/somebody/x", "a machine's path"),
    ],
)
def test_broken_files_are_found(copy: Path, name: str, text: str, words: str) -> None:
    """Unreadable, incomplete or missing ones."""
    (copy / name).write_text(text)
    assert any(words in problem for problem in problems(copy)), problems(copy)


@pytest.mark.parametrize(
    ("line", "dead"),
    [
        ("def never_called() -> None: ...", True),
        ("class NeverMade: ...", True),
        ("_NEVER_READ: int = 1", True),
        ("async def async_never_called() -> None: ...", False),
        ("def calls_itself() -> None: calls_itself()", False),
    ],
)
def test_what_is_used_nowhere_is_found(copy: Path, line: str, dead: bool) -> None:
    """Dead code misleads whoever reads it; what Home Assistant calls by name is none."""
    assert unused.check in CHECKS
    with (copy / COMPONENT / "domain" / "policy.py").open("a") as file:
        file.write(f"\n{line}\n")
    assert bool(list(unused.check(copy))) is dead


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Copy what runs or installs what is not ours."""
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    for path in ROOT.glob("requirements*.txt"):
        shutil.copy(path, tmp_path / path.name)
    assert list(supply.check(tmp_path)) == []
    return tmp_path


@pytest.mark.parametrize(
    ("name", "before", "after", "words"),
    [
        ("tests.yml", "@3d3c42e5aac5ba805825da76410c181273ba90b1", "@v7", "@v7 is not pinned"),
        ("tests.yml", "@3d3c42e5aac5", "@3d3c42e5aac", "is not pinned by its commit"),
        ("tests.yml", " # v10.2.0", "", "its version is not written"),
        ("tests.yml", "permissions: {}\n", "", "permissions: {} is missing at the top"),
        ("tests.yml", "permissions: {}\n", "permissions: write-all\n", "missing at the top"),
        (
            "tests.yml",
            "    permissions:\n      contents: read\n",
            "",
            "tests: names no permissions",
        ),
        (
            "tests.yml",
            "    permissions:\n      contents: read\n",
            "    permissions: write-all\n",
            "tests: names no permissions",
        ),
        ("tests.yml", "persist-credentials: false", "fetch-depth: 1", "leaves the token behind"),
        ("release.yml", "SHA256SUMS", "sums", "no checksum"),
        ("release.yml", "actions/attest-build-provenance", "actions/other", "no attestation"),
    ],
)
def test_what_is_not_ours_is_pinned_and_has_few_rights(
    tools: Path, name: str, before: str, after: str, words: str
) -> None:
    """Actions by commit, with the version beside it; each job asks for what it needs."""
    path = tools / ".github" / "workflows" / name
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    found = list(supply.check(tools))
    assert any(words in problem for problem in found), found


@pytest.mark.parametrize("line", ["ruff", "ruff>=0.17", "ruff==0.17.*", "git+https://x/y.git"])
def test_tools_are_pinned_to_one_version(tools: Path, line: str) -> None:
    """Another day's release is no surprise."""
    (tools / "requirements_test.txt").write_text(f"# a comment\n{line}\n")
    assert f"requirements_test.txt: {line} is not pinned to one version" in list(
        supply.check(tools)
    )


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        ("ruff==", "ruff==0.", "ruff"),
        ("ruff==0.17.6\n", "", "ruff"),
        ("component==0.13.371", "component==0.13.375", "pytest-homeassistant-custom-component"),
    ],
)
def test_the_oldest_home_assistant_is_tested_with_the_same_tools(
    tools: Path, before: str, after: str, name: str
) -> None:
    """Only what belongs to a release is older there, and is older indeed."""
    path = tools / "requirements_floor.txt"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    answer = f"requirements_floor.txt: {name} does not agree with requirements_test.txt"
    assert answer in list(supply.check(tools))


@pytest.mark.parametrize("ecosystem", ["github-actions", "pip", "npm"])
def test_pins_are_renewed(tools: Path, ecosystem: str) -> None:
    """Pinned for ever is old one day."""
    path = tools / ".github" / "dependabot.yml"
    path.write_text(path.read_text().replace(ecosystem, "cargo"))
    assert f"dependabot.yml: {ecosystem} is not renewed" in list(supply.check(tools))


def test_this_environment_is_the_pinned_one() -> None:
    """What is written down is what the tests run with."""
    used = "floor" if os.environ.get("SHOWRUNNER_FLOOR") else "test"
    for line in (ROOT / f"requirements_{used}.txt").read_text().splitlines():
        name, _, wanted = line.partition("==")
        if wanted and not line.startswith("#"):
            assert version(name) == wanted, name


@pytest.mark.parametrize(
    ("page", "old", "new", "answer"),
    [
        ("options.md", "| `rare_seeders` |", "| rare seeders |", "rare_seeders is not documented"),
        ("options.md", "| `per_hour` |", "| `per_day` |", "there is no per_day"),
        ("options.md", "| `stuck` |", "| stuck |", "stuck is not documented"),
        ("actions.md", "| `steps` |", "| steps |", "apply_plan: steps is not documented"),
        ("actions.md", "| `paths` |", "| `paths`, `recursive` |", "there is no recursive"),
        ("actions.md", "`showrunner.sync_library`", "`showrunner.sync`", "there is no sync"),
        ("entities.md", "*Ratio*", "the ratio", "(Ratio) is not documented"),
        ("entities.md", "(download, delete_request,", "(download,", "delete_request is not"),
        ("entities.md", "retention, purge", "retention, reaping, purge", "there is no reaping"),
    ],
)
def test_the_documents_name_what_there_is(
    copy: Path, page: str, old: str, new: str, answer: str
) -> None:
    """Every option, parameter, event and entity, and no other."""
    path = copy / "docs" / page
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert any(answer in problem for problem in documents.check(copy))
