"""Another language: what a person sees is in it, in forms, entities, answers and repairs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
import json
from pathlib import Path
from typing import Any

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.data_entry_flow import section
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.showrunner import texts
from custom_components.showrunner.const import DOMAIN, EVENT_HAPPENED
from custom_components.showrunner.domain.decision import decide
from custom_components.showrunner.domain.requests.seasons import AllSeasons, TheseSeasons
from custom_components.showrunner.logbook import async_describe_events
from custom_components.showrunner.todo import _seasons
from tests.domain.samples import FILM, NOW, POLICY, candidate
from tests.english import BRACKETS, beside, german
from tests.walk.household import Household, until
from world.catalogue import FILMS

from .faces import SECOND, act, state


@pytest.fixture(autouse=True)
def _german(hass: HomeAssistant) -> None:
    """Run Home Assistant in German, before anything of ours is set up."""
    hass.config.language = "de"


async def said(hass: HomeAssistant, category: str, key: str, **values: str) -> str:
    """Give a text as Home Assistant's pages show it."""
    texts = await async_get_translations(hass, hass.config.language, category, [DOMAIN])
    return texts[f"component.{DOMAIN}.{category}.{key}"].format(**values)


async def test_home_assistant_takes_every_text(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """It leaves out what has other placeholders than in English, and logs that."""
    english_texts = await async_get_translations(hass, "en", "issues", [DOMAIN])
    texts = await async_get_translations(hass, "de", "issues", [DOMAIN])
    assert texts.keys() == english_texts.keys()
    assert all(texts[key] != text for key, text in english_texts.items())
    assert "Validation of translation placeholders" not in caplog.text


async def test_a_form_is_german(household: Household) -> None:
    """Each field of a page of the options, with its section."""
    hass, entry = household.hass, household.entry
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    form = await hass.config_entries.options.async_configure(
        menu["flow_id"], {"next_step_id": "downloads"}
    )
    shown = []
    for marker, field in form["data_schema"].schema.items():
        place = f"step.downloads.sections.{marker}" if isinstance(field, section) else ""
        inside = field.schema.schema if isinstance(field, section) else [marker]
        if place:
            shown.append(await said(hass, "options", f"{place}.name"))
        place = place or "step.downloads"
        shown += [await said(hass, "options", f"{place}.data.{name}") for name in inside]
    assert "Nach der ersten Wiedergabe behalten" in shown
    assert "Bewertung, die sofort genügt" in shown
    assert not set(shown) & english()


async def test_entities_are_german(household: Household) -> None:
    """Their names. (Home Assistant keeps units in English for every language.)"""
    queue = state(household, "queue", "Radarr")
    assert queue.attributes["friendly_name"] == "Radarr Warteschlange"
    viewings = state(household, "viewings_today")
    assert viewings.attributes["friendly_name"].endswith("Wiedergaben heute")


async def test_an_exception_is_german(household: Household) -> None:
    """What an action answers when it can't."""
    with pytest.raises(ServiceValidationError) as caught:
        await act(household, "apply_plan", plan_id="nothing")
    assert await told(household.hass, caught.value) == "Es gibt keinen Plan nothing."


async def test_a_decision_is_german(household: Household) -> None:
    """Its reason and every finding, however it is asked for; also when it was kept."""
    seen = async_capture_events(household.hass, EVENT_HAPPENED)
    await act(household, "set_override", title="A Harbour of Glass", policy="never")
    answer = await act(household, "decide", title="A Harbour of Glass", execute=True)
    assert answer["reason"] == "Auf Wunsch nie behalten"
    details = {finding["rule"]: finding["detail"] for finding in answer["findings"]}
    assert details["viewer"] == "Niemand Bestimmtes"
    kept = await act(household, "get_title", title="A Harbour of Glass")
    (decision,) = [one["decision"] for one in kept["events"] if "decision" in one]
    assert decision["reason"] == answer["reason"]
    assert decision["findings"] == answer["findings"]
    rows = [one.data for one in seen if one.data["topic"] == "decision"]
    assert [one["reason"] for one in rows] == [answer["reason"]]


async def test_what_was_kept_as_a_sentence_stays_one(household: Household) -> None:
    """Older versions kept their English sentences."""
    store, old = household.runtime.store, "Nothing speaks for keeping it: stream it"
    decision = decide(candidate(), POLICY, NOW)
    rows = tuple(
        replace(one, value="?", threshold="", detail="IMDb 6.5") for one in decision.findings
    )
    await store.decisions.add(replace(decision, reason=old, findings=rows))
    (kept,) = await store.decisions.for_title(FILM.key)
    assert kept["reason"] == old
    answer = await act(household, "get_title", title=FILM.key.names[0])
    (event,) = answer["events"]
    assert event["decision"]["reason"] == old
    assert {one["detail"] for one in event["decision"]["findings"]} == {"IMDb 6.5"}


async def test_a_repair_is_german(household: Household) -> None:
    """Its title, and what to do."""
    hass = household.hass
    await household.post(b"{broken")

    def shown() -> list[ir.IssueEntry]:
        issues = ir.async_get(hass).issues.values()
        return [one for one in issues if one.translation_key == "webhook_refused"]

    async def there() -> bool:
        return bool(shown())

    await until(there)
    values = shown()[0].translation_placeholders or {}
    title = await said(hass, "issues", "webhook_refused.title", **values)
    assert title == "Demo sendet, was sich nicht lesen lässt"
    text = await said(hass, "issues", "webhook_refused.description", **values)
    assert text.startswith("Was an Showrunners Webhook von Demo kam, wurde abgelehnt: `")


async def test_a_phone_and_activity_are_told_in_german(household: Household) -> None:
    """What rings, and the line in Activity."""
    hass = household.hass
    lines: list[dict[str, str]] = []

    def describe(domain: str, kind: str, teller: Callable[[Event], dict[str, str]]) -> None:
        hass.bus.async_listen(kind, callback(lambda event: lines.append(teller(event))))

    async_describe_events(hass, describe)
    await household.watch("Sofa", SECOND)
    messages = household.servers.ntfy_state.messages

    async def there() -> bool:
        return bool(messages) and len(lines) > 1

    await until(there)
    assert str(messages[0]["title"]).startswith(f"Lohnt sich zu behalten: {SECOND} (")
    assert str(messages[0]["message"]).endswith("(angesehen von Sofa)")
    rows = [one["message"] for one in lines]
    assert any(one.startswith(f"hat {SECOND} (") for one in rows), rows
    assert any(one.startswith("lohnt sich zu behalten: ") for one in rows), rows


def test_a_wish_on_the_to_do_list_is_german() -> None:
    """Its seasons."""
    assert german(_seasons(TheseSeasons((1, 3)))) == "Staffel 1, 3"
    assert german(_seasons(AllSeasons())) == "Alle Staffeln"


# Where an answer or an event has a sentence.
_SENTENCES = {"reason", "reasons", "detail", "summary", "message", "evidence"}


def _sentences(answer: object, under: str = "") -> Iterator[tuple[str, str]]:
    match answer:
        case Mapping():
            for key, value in answer.items():
                # A place of evidence is not a sentence's name.
                yield from _sentences(value, under if under == "evidence" else str(key))
        case list():
            for value in answer:
                yield from _sentences(value, under)
        case str() if under in _SENTENCES:
            yield under, answer


async def test_an_answer_has_no_words_of_its_own(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decisions of each kind, the plans that follow, and a title's whole story."""
    monkeypatch.setattr(texts, "async_get_cached_translations", lambda *_: BRACKETS)
    titles = [film.name for film in FILMS[:4]]
    found = []
    for title, policy in zip(titles, ("always", "never", "ask", "auto"), strict=True):
        await act(household, "set_override", title=title, policy=policy)
        found.append(await act(household, "decide", title=title, execute=True))
        found.append(await act(household, "get_title", title=title))
    rows = [one for answer in found for one in _sentences(answer)]
    assert len(rows) > 60
    # A mark of a file is for us.
    assert [
        one for one in rows if beside(one[1]) and not one[1].endswith(tuple("0123456789"))
    ] == []


async def told(hass: HomeAssistant, err: HomeAssistantError) -> str:
    """Give an exception's text as Home Assistant's pages show it."""
    return await said(
        hass, "exceptions", f"{err.translation_key}.message", **(err.translation_placeholders or {})
    )


def english() -> set[str]:
    """Give every English text that is longer than a word."""
    folder = Path(__file__).parents[2] / "custom_components" / DOMAIN / "translations"

    def texts(value: Any) -> set[str]:
        if isinstance(value, dict):
            return {text for inner in value.values() for text in texts(inner)}
        return {value} if value.count(" ") > 1 else set()

    return texts(json.loads((folder / "en.json").read_text()))
