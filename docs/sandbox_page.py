"""docs/reference/sandbox.md: what both stand-ins serve, refuse and do not know, from their own tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

from starlette.routing import Route

from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.lightspeed.admin import Admin
from sandbox.lightspeed.app import lightspeed_app
from sandbox.lightspeed.resources import RESOURCES
from sandbox.lightspeed.world import World
from sandbox.salesforce.app import Served
from sandbox.salesforce.rows import Org
from sandbox.salesforce.standard import standard_schema
from sandbox.switches import Switches, choices
from sandbox.verbs import HOME
from sandbox.weather import Weather
from sandbox.weather.faults import FAULTS

Table = Callable[[Iterable[str], Iterable[Iterable[object]]], str]
_INTRO = """# The sandbox

The stand-in for Salesforce, and after it the one for Lightspeed: what they serve, what they leave out, and what nobody
has verified. What is not listed here is refused with 404 or 405, as by an org without the feature.
"""
_LIGHTSPEED = """Reading only. An answer is JSON where the Accept header or the suffix asks for it, else XML. Lists take
`limit`, `sort`, `after`, `before`, `load_relations`, `archived`, `count=1`, `or` and filters. `/_sandbox/counters`
tells requests, drips and refusals of both limiters."""
_LEFT_OUT = """
- SOAP but for `merge` and `convertLead`, Apex, Metadata and Tooling API, UI API, list views, layouts, files, events,
  streams
- formula fields, and filters of roll-up summaries: an SFDX project that holds them is refused when it is loaded
- SOQL: GROUP BY ROLLUP and CUBE, FORMAT, convertCurrency, DISTANCE, WITH DATA CATEGORY, bind variables, ALL ROWS
- sharing by owner or role (single rows are shared by a verb), profiles, and field-level security other than what a
  permission set of the project grants on custom fields
- Bulk 1.0: PK chunking, ZIP and assignment rules
"""


def sandbox_page(table: Table) -> str:
    """The page; ``table`` writes a Markdown table."""
    clock = Clock()
    org = Org(standard_schema(), clock, Switches())
    served = Served(org, Weather(), CallLog(clock))
    parts = [
        _INTRO,
        _places(served, table),
        _resources(served, table),
        _objects(org, table),
        f"\n## What is left out\n{_LEFT_OUT}",
        _unverified(served, table),
        _switches(table),
        _faults(table),
        _verbs(served, table),
        _lightspeed_places(table),
        _lightspeed_resources(table),
        _lightspeed_verbs(table),
    ]
    return "".join(parts)


def _places(served: Served, table: Table) -> str:
    rows = [(f"`{one.path}`", ", ".join(one.methods), one.says) for one in served.places()]
    return f"\n## Addresses\n\n{table(('address', 'methods', 'what it does'), rows)}"


def _resources(served: Served, table: Table) -> str:
    routes = served.resources.routes
    rows = [(one.method, f"`/{one.path}`", one.says, one.counted or "each subrequest") for one in routes]
    header = ("method", "below /services/data/vXX.X", "what it does", "counted as")
    return f"\n## Resources\n\n{table(header, rows)}"


def _objects(org: Org, table: Table) -> str:
    rows = [(f"`{one.name}`", one.key_prefix, len(one.fields)) for one in org.schema.objects.values()]
    intro = "Custom objects and fields come from an SFDX project; person accounts and currencies are switches."
    return f"\n## Standard objects\n\n{intro}\n\n{table(('object', 'prefix', 'fields'), rows)}"


def _unverified(served: Served, table: Table) -> str:
    places = [(f"`{one.path}`", one.unverified) for one in served.places() if one.unverified]
    routes = [(f"`{one.method} /{one.path}`", one.unverified) for one in served.resources.routes if one.unverified]
    return f"\n## What nobody has verified\n\n{table(('where', 'what'), [*places, *routes])}"


def _switches(table: Table) -> str:
    rows = [
        (
            f"`{one.name}`",
            ", ".join(f"`{str(choice).lower() if isinstance(choice, bool) else choice}`" for choice in choices(one)),
            one.metadata["says"],
        )
        for one in fields(Switches)
    ]
    intro = "`--switch name=value`, both vendors; the first value is the default."
    return f"\n## Switches\n\n{intro}\n\n{table(('switch', 'values', 'what it decides'), rows)}"


def _faults(table: Table) -> str:
    rows = [(f"`{one.name}`", one.strikes, one.status or "", one.says) for one in FAULTS.values()]
    intro = (
        "A gust is `{fault, method, path, query, containing, rows, skip, times, commit, seconds}`: which calls or rows "
        "it concerns (globs), how many pass first, how many are hit, and whether the call takes effect before its "
        "answer is lost. "
        "Faults below HTTP are the proxy's: see `sandbox/proxy.py`."
    )
    return f"\n## Weather\n\n{intro}\n\n{table(('fault', 'strikes', 'status', 'what it is'), rows)}"


def _verbs(served: Served, table: Table) -> str:
    return f"\n## Verbs of the sandbox's owner\n\n{_verb_table(served.admin.verbs(), table)}"


def _verb_table(verbs: Iterable[Any], table: Table) -> str:
    rows = [(one.method, f"`{HOME}{one.path}`", f"`{one.body}`" if one.body else "", one.says) for one in verbs]
    return table(("method", "address", "body", "what it does"), rows)


def _lightspeed_verbs(table: Table) -> str:
    verbs = Admin(World(Clock(), Switches()), Weather()).verbs()
    return f"\n## Lightspeed: verbs of the sandbox's owner\n\n{_verb_table(verbs, table)}"


def _lightspeed_places(table: Table) -> str:
    app = lightspeed_app(World(Clock(), Switches()), Weather())
    rows = [
        (f"`{route.path}`", ", ".join(sorted(route.methods - {"HEAD"})), (route.endpoint.__doc__ or "").strip())
        for route in app.routes
        if isinstance(route, Route) and route.methods and not route.path.startswith(HOME)
    ]
    return f"\n## Lightspeed: addresses\n\n{_LIGHTSPEED}\n\n{table(('address', 'methods', 'what it does'), rows)}"


def _lightspeed_resources(table: Table) -> str:
    rows = [
        (
            f"`{one.folder}/{name}`" if one.folder else f"`{name}`",
            f"`{one.key}`",
            ", ".join(one.sorts),
            ", ".join(one.paths),
            ", ".join((*one.scopes, *one.reads)),
        )
        for name, one in RESOURCES.items()
    ]
    header = ("resource", "key", "sorts besides the key", "relations", "any of these scopes")
    return f"\n## Lightspeed: resources\n\n{table(header, rows)}"
