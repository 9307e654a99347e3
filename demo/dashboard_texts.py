"""The texts of the dashboard's markdown cards: templates that Home Assistant fills in."""

from typing import Final

NOW: Final = "sensor.plays_now"
LAST: Final = "sensor.last_viewings"
HAPPENED: Final = "sensor.what_happened"
REQUESTS: Final = "sensor.open_requests"

_NOW: Final = """\
{% for p in state_attr('<now>', 'plays') or [] %}
<ha-icon icon="mdi:{{ 'swap-horizontal' if p.reasons else 'play' }}"></ha-icon> \
**{{ p.title }}**<br>{{ p.viewer }} on {{ p.device }} ({{ p.client }}), {{ p.how }}

{% else %}
Nobody who is tracked watches.
{% endfor %}
"""
_VIEWINGS: Final = """\
{% set found = state_attr('<last>', 'viewings') or [] %}
{% if found %}
| Who | What | |
|:--|:--|--:|
{%- for v in found %}
{%- set seen = '✓' if v.completed else 'credits' if v.credits_jump
   else 'length&nbsp;unknown' if v.percent is none else '%d&nbsp;%%' | format(v.percent | round) %}
| {{ v.viewer }} | {{ v.title }} | {{ seen }} |
{%- endfor %}
{% else %}
Nothing was watched yet: play something.
{% endif %}
"""
_REQUESTS: Final = """\
{% set found = state_attr('<requests>', 'requests') or [] %}
{% if found %}
| What | Who | |
|:--|:--|--:|
{%- for r in found %}
{%- set how = '%d&nbsp;%%' | format(r.progress | round) if r.state == 'downloading'
   else r.state | replace('_', '&nbsp;') %}
| {{ r.title }}{{ ' (anime)' if r.anime }}\
{{ '<br>' ~ (r.stuck.reason if r.stuck else r.stage) | replace('_', ' ') \
   if r.stuck or r.stage }} \
| {{ r.requested_by }} | {{ '⚠&nbsp;' if r.stuck }}{{ how }} |
{%- endfor %}
{% else %}
Nobody waits for anything.
{% endif %}
"""
_HAPPENED: Final = """\
{% for line in state_attr('<happened>', 'lines') or [] -%}
- {{ line }}
{% else -%}
Nothing yet.
{% endfor %}
"""
_WHY: Final = """\
{% set d = '<decision>' %}{% set j = '<job>' %}\
{% if state_attr(d, 'title') %}\
**{{ state_attr(d, 'title') }}**: {{ state_attr(d, 'event_type') }}\
{% if state_attr(d, 'viewer') %}, watched by {{ state_attr(d, 'viewer') }}{% endif %}

{{ state_attr(d, 'reason') }}\
{% else %}Nothing was decided yet: play something.{% endif %}

{% if state_attr(j, 'job') == 'download' %}\
_{{ state_attr(j, 'title') }}: {{ state_attr(j, 'detail') }}_{% endif %}
"""


def _filled(template: str, **entities: str) -> str:
    for name, entity_id in entities.items():
        template = template.replace(f"<{name}>", entity_id)
    return template


def now() -> str:
    """Say who plays what, where, and how."""
    return _filled(_NOW, now=NOW)


def viewings() -> str:
    """List the last viewings."""
    return _filled(_VIEWINGS, last=LAST)


def requests() -> str:
    """List what somebody waits for, and how far it is."""
    return _filled(_REQUESTS, requests=REQUESTS)


def happened() -> str:
    """List what happened last, as sentences."""
    return _filled(_HAPPENED, happened=HAPPENED)


def why(decision: str, job: str) -> str:
    """Say what was decided last, and why."""
    return _filled(_WHY, decision=decision, job=job)
