"""The settings: declared once, read with their defaults, and what is wrong with them. Their values are never quoted."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from jsonschema import Draft7Validator
from singer_sdk import typing as th
from singer_sdk.configuration._dict_config import parse_environment_config

from target_salesforce_retail.errors import ConfigError

SETTINGS = th.PropertiesList(
    th.Property(
        "login_url",
        th.StringType(nullable=False),
        required=True,
        title="Login URL",
        description="The org's My Domain address, e.g. https://acme.my.salesforce.com.",
    ),
    th.Property(
        "client_id",
        th.StringType(nullable=False),
        required=True,
        title="Client ID",
        description="Consumer key of the External Client App with the client credentials flow.",
    ),
    th.Property(
        "client_secret",
        th.StringType(nullable=False),
        required=True,
        secret=True,
        title="Client secret",
        description="Consumer secret of that app.",
    ),
    th.Property(
        "expected_org_id",
        th.StringType,
        title="Expected org ID",
        description="Stop before the first write unless the login opens this org (15 or 18 characters).",
    ),
    th.Property(
        "api_version",
        th.StringType(pattern=r"^(5[2-9]|[6-9][0-9]|[1-9][0-9]{2})\.0(?![\s\S])"),  # `$` lets a newline follow
        default="66.0",
        title="API version",
        description="Salesforce API version; 52.0 or newer.",
    ),
    th.Property(
        "api_budget_share",
        th.NumberType(exclusive_minimum=0, maximum=1),
        default=0.8,
        title="API budget share",
        description="Stop when this share of the org's daily API calls is used, by whomever; state is kept.",
    ),
    th.Property(
        "transforms",
        th.StringType,
        default="transforms",
        title="Transforms",
        description="Folder of the mappings, one YAML file per stream.",
    ),
    th.Property(
        "ledger_url",
        th.StringType,
        default="sqlite:///.ledger/salesforce-retail.db",
        title="Ledger URL",
        description="Database that keeps outcomes and holds; must outlive the run.",
    ),
    th.Property(
        "max_holds",
        th.IntegerType(minimum=0),
        title="Max holds",
        description="Fail the run when it leaves more records held than this; unset, holds never fail it.",
    ),
    th.Property(
        "max_deleted_share",
        th.NumberType(minimum=0, maximum=1),
        default=0.1,
        title="Max deleted share",
        description="Stop before a run deletes, or marks as deleted, more than this share of a stream's known records; "
        "a few may always go, and 1 never stops.",
    ),
    th.Property(
        "unkeyed_persons",
        th.IntegerType(minimum=0),
        default=2000,
        title="Unkeyed persons",
        description="Read at most so many people of the org who have a phone number without its key, once per run, so "
        "that they are found by it. Of more the run says so; `backfill-keys` gives them their keys.",
    ),
    th.Property(
        "checkpoint_rows",
        th.IntegerType(minimum=1),
        default=5000,
        title="Checkpoint rows",
        description="A STATE message is a checkpoint when this many records came since the last.",
    ),
    th.Property(
        "checkpoint_seconds",
        th.NumberType(minimum=0),
        default=10,
        title="Checkpoint seconds",
        description="A STATE message is a checkpoint when the oldest unacknowledged record is older than this.",
    ),
    th.Property(
        "batch_size_rows",
        th.IntegerType(minimum=1),
        title="Batch size rows",
        description="Maximum number of rows in each batch.",
    ),
)


ENV_PREFIX = "TARGET_SALESFORCE_RETAIL_"
"""What the environment variables of settings start with."""


ADDRESS = "https://acme.my.salesforce.com"
HOST_AND_PATH = re.compile(r"https?://([\w.-]+|\[[\da-f:.]+\])(:\d+)?(/[^\s?#\\]*)?", re.IGNORECASE | re.ASCII)
SHOULD_BE = {"integer": "an integer", "array": "a JSON list", "object": "a JSON object"}


def read_file(file: str, hint: str, what: str = "file of settings") -> dict[str, Any]:
    """The settings, or the catalog, that a file holds.

    Args:
        file: Its path.
        hint: What such a file looks like, for who has named another.
        what: What it should be.

    Raises:
        ConfigError: It is not there, cannot be read, or holds something else.
    """
    try:
        read = json.loads(Path(file).read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"This {what} cannot be read ({type(error).__name__}).", where=file, hint=hint) from None
    if not isinstance(read, dict):
        raise ConfigError(f"This {what} is no JSON object.", where=file, hint=hint)
    return read


def read_environment(schema: Mapping[str, Any], env_prefix: str) -> dict[str, Any]:
    """The settings that the environment holds, or a file ``.env``.

    Raises:
        ConfigError: One is no integer, list or object, where it should be one; names each.
    """
    properties = schema["properties"]
    try:
        return parse_environment_config({"properties": properties}, env_prefix)
    except (ValueError, RecursionError):
        wrong = [name for name in properties if not _is_readable({name: properties[name]}, env_prefix)]
    if not _is_readable({}, env_prefix):
        raise ConfigError("The file .env cannot be read.", where="settings", hint="Mend it, or take it away.")
    sentences = [f"{env_prefix}{name.upper()} should be {_should_be(properties[name])}." for name in wrong]
    raise ConfigError(" ".join(sentences), where="settings", hint="Mend it in the environment, or unset it.")


def _is_readable(properties: Mapping[str, Any], env_prefix: str) -> bool:
    try:
        parse_environment_config({"properties": dict(properties)}, env_prefix)
    except (ValueError, RecursionError):
        return False
    return True


def _should_be(spec: Mapping[str, Any]) -> str:
    return next(words for kind, words in SHOULD_BE.items() if kind in spec["type"])


def with_defaults(schema: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, with the schema's defaults where nothing was set: null is nothing, for what is not required.

    The environment holds text only, and the SDK leaves a decimal as it came: read here, or neither the target with
    ``--config=ENV`` nor any command by ``meltano invoke`` takes it.
    """
    defaults = {name: spec["default"] for name, spec in schema["properties"].items() if "default" in spec}
    given = {name: value for name, value in config.items() if value is not None or name in schema.get("required", ())}
    read = {name: _number(value) for name, value in given.items() if _is_number(schema["properties"].get(name, {}))}
    return {**defaults, **given, **read}


def _is_number(spec: Mapping[str, Any]) -> bool:
    return "number" in spec.get("type", ())


def _number(value: Any) -> Any:
    """What a text says as a number; anything else as it is, for the schema to object to."""
    if not isinstance(value, str):
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return number if math.isfinite(number) else value


def setting_problems(schema: Mapping[str, Any], config: Mapping[str, Any], env_prefix: str) -> list[str]:
    """One sentence per problem.

    Args:
        schema: JSON Schema of the settings.
        config: The settings.
        env_prefix: What environment variables start with, e.g. ``TARGET_SALESFORCE_RETAIL_``.
    """
    errors = sorted(Draft7Validator(_mended(schema)).iter_errors(config), key=lambda error: list(map(str, error.path)))
    found = (sentence for error in errors for sentence in _sentences(error, schema["properties"], env_prefix))
    broken = [*dict.fromkeys(found)]  # of each setting that is missing there is an error, and each names them all
    return broken or [*_no_json(config), *_no_address(config)]


def _mended(schema: Any) -> Any:
    """A schema of the SDK's has a bare word among its choices, on which the validator breaks."""
    if not isinstance(schema, Mapping):
        return schema
    mended = {name: _mended(part) for name, part in schema.items()}
    if "anyOf" in mended:
        mended["anyOf"] = [_mended(choice) for choice in mended["anyOf"] if isinstance(choice, Mapping)]
    return mended


def _sentences(error: Any, properties: Mapping[str, Any], env_prefix: str) -> list[str]:
    if error.validator == "required" and not error.path:
        missing = sorted(set(error.validator_value) - set(error.instance))
        return [_missing(name, properties[name], env_prefix) for name in missing]
    name = ".".join(map(str, error.path)) or "config"
    if error.validator == "pattern":
        return [
            f"Setting `{name}` is none: {error.schema['description']} Mend it in meltano.yml or in the config file."
        ]
    rule = f"{error.validator}: {error.validator_value}"
    return [f"Setting `{name}` breaks `{rule}`. Mend it in meltano.yml or in the config file."]


def _missing(name: str, setting: Mapping[str, Any], env_prefix: str) -> str:
    return (
        f"Setting `{name}` is missing: {setting.get('description', name)} "
        f"Set it in meltano.yml, in the config file, or as {env_prefix}{name.upper()}."
    )


def _no_json(config: Mapping[str, Any]) -> list[str]:
    """Python reads more than JSON may say, and breaks on it where it is written or reckoned with."""
    return [
        f"Setting `{name}` holds half a character, NaN or Infinity, or is nested too deep. "
        "Mend it in meltano.yml or in the config file."
        for name, value in config.items()
        if not _is_json(value)
    ]


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return False
    return True


def _no_address(config: Mapping[str, Any]) -> list[str]:
    """A login goes to a host: what else an address may hold goes into logs, or stands in the way of the path."""
    if _is_address(config.get("login_url", ADDRESS)):
        return []
    what = f"is no address of a host, or says more: it looks like {ADDRESS}, without a user, a password or a query"
    return [f"Setting `login_url` {what}. Mend it in meltano.yml or in the config file."]


def _is_address(text: str) -> bool:
    try:
        return bool(HOST_AND_PATH.fullmatch(text)) and _can_be_asked(urlsplit(text))
    except ValueError:
        return False


def _can_be_asked(address: SplitResult) -> bool:
    """Whether port and name are within bounds, which the HTTP library says too late and in other libraries' words."""
    return address.port != 0 and len(str(address.hostname).encode("idna")) < 254
