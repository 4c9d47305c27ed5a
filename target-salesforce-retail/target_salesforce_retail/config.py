"""Reads settings: fills in defaults, and says what is wrong and what to do. Never a value: it may be a secret."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft7Validator


def with_defaults(schema: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, with the schema's defaults where nothing was set.

    The environment holds text only, and the SDK leaves a decimal as it came: read here, or neither the target with
    ``--config=ENV`` nor any command by ``meltano invoke`` takes it.
    """
    defaults = {name: spec["default"] for name, spec in schema["properties"].items() if "default" in spec}
    read = {name: _number(value) for name, value in config.items() if _is_number(schema["properties"].get(name, {}))}
    return {**defaults, **config, **read}


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


def config_faults(schema: Mapping[str, Any], config: Mapping[str, Any], env_prefix: str) -> list[str]:
    """One sentence per fault.

    Args:
        schema: JSON Schema of the settings.
        config: The settings.
        env_prefix: What environment variables start with, e.g. ``TARGET_SALESFORCE_RETAIL_``.
    """
    errors = sorted(Draft7Validator(schema).iter_errors(config), key=lambda error: list(map(str, error.path)))
    return [sentence for error in errors for sentence in _sentences(error, schema["properties"], env_prefix)]


def _sentences(error: Any, properties: Mapping[str, Any], env_prefix: str) -> list[str]:
    if error.validator == "required" and not error.path:
        missing = sorted(set(error.validator_value) - set(error.instance))
        return [_missing(name, properties[name], env_prefix) for name in missing]
    name = ".".join(map(str, error.path)) or "config"
    rule = f"{error.validator}: {error.validator_value}"
    return [f"Setting `{name}` breaks `{rule}`. Mend it in meltano.yml or in the config file."]


def _missing(name: str, setting: Mapping[str, Any], env_prefix: str) -> str:
    return (
        f"Setting `{name}` is missing: {setting.get('description', name)} "
        f"Set it in meltano.yml, in the config file, or as {env_prefix}{name.upper()}."
    )
