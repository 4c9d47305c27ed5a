"""The settings, declared once: the command line, ``--about``, ``meltano.yml`` and ``docs/reference`` follow."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft7Validator, FormatChecker, ValidationError
from singer_sdk import typing as th

from tap_lightspeed_retail.errors import FEW
from tap_lightspeed_retail.misfits import Misfit, half_character
from tap_lightspeed_retail.streams import OPT_IN, POLLED

SETTINGS = th.PropertiesList(
    th.Property(
        "client_id",
        th.StringType(nullable=False),
        required=True,
        title="Client ID",
        description="Id of the Lightspeed API client.",
    ),
    th.Property(
        "client_secret",
        th.StringType(nullable=False),
        required=True,
        secret=True,
        title="Client secret",
        description="Secret of that client.",
    ),
    th.Property(
        "refresh_token",
        th.StringType,
        secret=True,
        title="Refresh token",
        description="The first refresh token. Unset, the token store holds what `authorize` has put there.",
    ),
    th.Property(
        "account_id",
        th.StringType,
        title="Account ID",
        description="The account to read; unset, the one that the token opens.",
    ),
    th.Property(
        "series",
        th.StringType(allowed_values=["r"], nullable=False),
        default="r",
        title="Series",
        description="Which Lightspeed Retail it is: r for R-Series.",
    ),
    th.Property(
        "opt_in",
        th.ArrayType(th.StringType(allowed_values=list(OPT_IN)), nullable=False),
        default=[],
        title="Opt in",
        description=f"Streams with personal data of staff, offered only when named here: {', '.join(OPT_IN)}.",
    ),
    th.Property(
        "token_store",
        th.StringType(nullable=False),
        default=".lightspeed-tokens.json",
        title="Token store",
        description="File that keeps the rotating tokens (mode 0600); must outlive the run.",
    ),
    th.Property(
        "start_date",
        th.DateTimeType,
        title="Start date",
        description="Read what changed since then, where there is no bookmark yet.",
    ),
    th.Property(
        "page_size",
        th.IntegerType(minimum=1, maximum=100, nullable=False),
        default=100,
        title="Page size",
        description="Rows per request, at most 100.",
    ),
    th.Property(
        "overlap_seconds",
        th.IntegerType(minimum=1, maximum=604_800, nullable=False),
        default=120,
        title="Overlap seconds",
        description="A bookmark stays this far behind the server's clock, for rows that are committed late.",
    ),
    th.Property(
        "reconcile_hours",
        th.NumberType(minimum=0, maximum=87_600, nullable=False),
        default=24,
        title="Reconcile hours",
        description="So often each table is scanned again for silent changes and deleted rows; 0 is never.",
    ),
    th.Property(
        "reconcile_days",
        th.IntegerType(minimum=1, maximum=36_500, nullable=False),
        default=90,
        title="Reconcile days",
        description="Sales of the last so many days are scanned again, and read again while they are open.",
    ),
    th.Property(
        "find_moved_sales",
        th.BooleanType(nullable=False),
        default=True,
        title="Find moved sales",
        description=(
            "When customers have vanished, for they were merged, sales of any age are looked through for those that "
            "went to another customer: a request for each page of them. Needs the stream customers."
        ),
    ),
    th.Property(
        "max_deleted_share",
        th.NumberType(minimum=0, maximum=1, nullable=False),
        default=0.1,
        title="Max deleted share",
        description=(
            f"Where more than {FEW} rows and more than this share of the known ones are not there any more, the stream "
            "stops before anything is said to be deleted; so it does where none is there. 1 believes everything."
        ),
    ),
    th.Property(
        "on_forbidden",
        th.StringType(allowed_values=["skip", "fail"], nullable=False),
        default="skip",
        title="On forbidden",
        description="Where scopes or account do not open a stream: skip it with a warning, or fail.",
    ),
    th.Property(
        "follow",
        th.BooleanType(nullable=False),
        default=False,
        title="Follow",
        description="Stay alive and poll each stream in its own rhythm, until SIGTERM.",
    ),
    th.Property(
        "poll_seconds",
        th.ObjectType(
            *(th.Property(name, th.NumberType(exclusive_minimum=0, maximum=604_800)) for name in POLLED),
            additional_properties=False,
            nullable=False,
        ),
        default={},
        title="Poll seconds",
        description="Seconds between two polls in follow mode, by stream: {sales: 10}. Others keep theirs.",
    ),
    th.Property(
        "rate_reserve",
        th.NumberType(minimum=0, exclusive_maximum=1, nullable=False),
        default=0.1,
        title="Rate reserve",
        description="Share of the rate limits that is left to other users of the same client.",
    ),
    th.Property(
        "api_url",
        th.URIType(nullable=False),
        default="https://api.lightspeedapp.com",
        title="API URL",
        description="Base of the API.",
    ),
    th.Property(
        "auth_url",
        th.URIType(nullable=False),
        default="https://cloud.lightspeedapp.com",
        title="Authorization URL",
        description="Base of the authorization server.",
    ),
)


FORMATS = FormatChecker(())
MEND = "Mend it in meltano.yml or in the config file."
WANTED = {
    "date-time": "an instant such as 2026-01-31T00:00:00Z, from 1970 on",
    "uri": "an http or https address such as https://api.lightspeedapp.com",
}
"""What is expected of a text, by its format."""
DAY = re.compile(r"\d{4}-\d\d-\d\d([T ].+)?", re.ASCII)
NOT_IN_AN_ADDRESS = re.compile(r"[\x00-\x20\x7f\\?#]")
"""What no address holds, and what the path that we add to it would be lost behind."""


def with_defaults(schema: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, with the defaults of those that are not set.

    The environment holds text, which becomes numbers where it is some; instants become those of UTC.
    """
    properties = schema["properties"]
    defaults = {name: spec["default"] for name, spec in properties.items() if "default" in spec}
    return {**defaults, **_read_instants(properties, _read_numbers(properties, _without_nulls(properties, config)))}


def _without_nulls(properties: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """An empty key in YAML is a null, and means what leaving it away means; so it does within an object."""
    held = {name: value for name, value in config.items() if value is not None or name not in properties}
    inner = {name: properties[name].get("properties") for name in held if name in properties}
    objects = {name: inner[name] for name in inner if inner[name] and isinstance(held[name], dict)}
    return {**held, **{name: _without_nulls(named, held[name]) for name, named in objects.items()}}


def _read_numbers(properties: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """The environment holds text only, and the SDK leaves a decimal as it came; what is no number stays."""
    decimals = [name for name in config if "number" in properties.get(name, {}).get("type", ())]
    texts = {name: config[name] for name in decimals if isinstance(config[name], str)}
    return {**config, **{name: float(text) for name, text in texts.items() if _is_decimal(text)}}


def _is_decimal(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _read_instants(properties: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """What is no instant stays."""
    texts = [name for name in config if properties.get(name, {}).get("format") == "date-time"]
    read = {name: _instant(config[name]) for name in texts if isinstance(config[name], str)}
    return {**config, **{name: text for name, text in read.items() if text}}


def _instant(text: str) -> str:
    """In UTC; a day is its first instant, and without an offset it is UTC already. Empty where it is none."""
    try:
        moment = datetime.fromisoformat(f"{text[:-1]}+00:00" if text.endswith("Z") else text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return ""
    return moment.isoformat() if DAY.fullmatch(text) and moment.year >= 1970 else ""


@FORMATS.checks("date-time")
def _is_instant(said: object) -> bool:
    return not said or not isinstance(said, str) or bool(_instant(said))


@FORMATS.checks("uri", raises=ValueError)
def _is_address(said: object) -> bool:
    if not isinstance(said, str):
        return True
    parts = urlsplit(said)
    host, _port = (parts.hostname or "").encode("idna"), parts.port  # which raise where they are none
    return parts.scheme in ("http", "https") and bool(host) and not NOT_IN_AN_ADDRESS.search(said)


def invalid_settings(schema: Mapping[str, Any], config: Mapping[str, Any], env_prefix: str) -> list[str]:
    """What is wrong with the settings and what to do; never a value, for it may be a secret."""
    cut = half_character(config)
    invalid = [f"Setting `{cut.place}` is not {cut.wanted}. {MEND}"] if cut else []
    for error in Draft7Validator(_sound(schema), format_checker=FORMATS).iter_errors(config):
        if error.validator == "required" and not error.path:
            for name in sorted(set(error.validator_value) - set(error.instance)):
                about = schema["properties"][name].get("description", name)
                where = f"Set it in meltano.yml, in the config file, or as {env_prefix}{name.upper()}."
                invalid.append(f"Setting `{name}` is missing: {about} {where}")
        else:
            invalid.append(_broken(error))
    return sorted(dict.fromkeys(invalid))


def _sound(schema: Any) -> Any:
    """A schema without what is none: among those of stream maps the SDK has a text (seen in singer-sdk 0.54.9)."""
    if isinstance(schema, dict):
        held = {name: _sound(value) for name, value in schema.items()}
        return {**held, **({"anyOf": [each for each in held["anyOf"] if each != "null"]} if "anyOf" in held else {})}
    return [_sound(each) for each in schema] if isinstance(schema, list) else schema


def _broken(error: ValidationError) -> str:
    name = Misfit(tuple(error.path), "").place or "config"
    if error.validator == "format":
        return f"Setting `{name}` is not {WANTED[str(error.validator_value)]}. {MEND}"
    return f"Setting `{name}` breaks `{error.validator}: {error.validator_value}`. {MEND}"
