"""The settings, declared once: the command line, ``--about``, ``meltano.yml`` and ``docs/reference`` follow."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft7Validator
from singer_sdk import typing as th

from tap_lightspeed_retail.errors import FEW
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
        th.StringType(nullable=False),
        default="https://api.lightspeedapp.com",
        title="API URL",
        description="Base of the API.",
    ),
    th.Property(
        "auth_url",
        th.StringType(nullable=False),
        default="https://cloud.lightspeedapp.com",
        title="Authorization URL",
        description="Base of the authorization server.",
    ),
)


def with_defaults(schema: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, with the defaults of those that are not set, and numbers for those that the environment holds."""
    properties = schema["properties"]
    defaults = {name: spec["default"] for name, spec in properties.items() if "default" in spec}
    return {**defaults, **_read_numbers(properties, _without_nulls(properties, config))}


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


def _mended(schema: Any) -> Any:
    """A schema of the SDK's has a bare word among its choices, on which the validator breaks."""
    if not isinstance(schema, Mapping):
        return schema
    mended = {name: _mended(part) for name, part in schema.items()}
    if "anyOf" in mended:
        mended["anyOf"] = [_mended(choice) for choice in mended["anyOf"] if isinstance(choice, Mapping)]
    return mended


def _is_text(value: Any) -> bool:
    """Whether it can be written down at all: JSON may say half a character."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def invalid_settings(schema: Mapping[str, Any], config: Mapping[str, Any], env_prefix: str) -> list[str]:
    """What is wrong with the settings and what to do; never a value, for it may be a secret."""
    invalid: list[str] = []
    for error in Draft7Validator(_mended(schema), format_checker=Draft7Validator.FORMAT_CHECKER).iter_errors(config):
        if error.validator == "required" and not error.path:
            for name in sorted(set(error.validator_value) - set(error.instance)):
                about = schema["properties"][name].get("description", name)
                where = f"Set it in meltano.yml, in the config file, or as {env_prefix}{name.upper()}."
                invalid.append(f"Setting `{name}` is missing: {about} {where}")
        else:
            name = ".".join(map(str, error.path)) or "config"
            rule = f"{error.validator}: {error.validator_value}"
            invalid.append(f"Setting `{name}` breaks `{rule}`. Mend it in meltano.yml or in the config file.")
    halves = [name for name, value in config.items() if not _is_text(value)]
    invalid += [f"Setting `{name}` holds half a character. Mend it in the config file." for name in halves]
    return sorted(dict.fromkeys(invalid))
