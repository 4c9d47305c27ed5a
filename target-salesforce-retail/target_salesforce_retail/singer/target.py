"""The Singer side: settings, and the steering of the SDK that our promises need.

What the SDK (0.54.9) does by itself, and this class steers (docs/vendors/singer-and-meltano.md, checkpoints, signals,
drains, records):

* STATE leaves only at the end of input or five minutes after a drain. Here a STATE is a checkpoint as soon as enough
  rows or seconds have passed since the last.
* Full child sinks drain before their parents, up to eight at once. Here one at a time, parents first.
* SIGTERM in the middle of a batch acknowledges rows that were never written, and exits 0. Here a running batch is
  finished, nothing is acknowledged, and the exit code is 128 + signal.

What comes in is steered in ``intake.py``.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from types import FrameType
from typing import Any, ClassVar, NoReturn

import click
import simplejson
from singer_sdk.cli import plugin_cli
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers._classproperty import classproperty
from singer_sdk.helpers.capabilities import PluginCapabilities
from singer_sdk.plugin_base import PluginBase, _ConfigInput, _plugin_log_level

from target_salesforce_retail.defects import REPORT, named, places
from target_salesforce_retail.errors import ConfigError, RetailError
from target_salesforce_retail.nouns import Arrival
from target_salesforce_retail.run import Run
from target_salesforce_retail.singer.intake import Intake
from target_salesforce_retail.singer.messages import state_of
from target_salesforce_retail.singer.reader import DiscreetReader
from target_salesforce_retail.singer.settings import (
    SETTINGS,
    read_environment,
    read_file,
    setting_problems,
    with_defaults,
)
from target_salesforce_retail.singer.sink import RetailSink

FILES = "Name a file that holds the settings as one JSON object, or ENV: then the environment is read."


class TargetSalesforceRetail(Intake):
    """Matches, then upserts retail records into Salesforce, as YAML mappings say."""

    name = "target-salesforce-retail"
    config_jsonschema: ClassVar[dict[str, Any]] = SETTINGS.to_dict()
    capabilities: ClassVar[list[Any]] = [
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.BATCH,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]
    default_sink_class = RetailSink
    message_reader_class = DiscreetReader

    def __init__(self, **kwargs: Any) -> None:
        self._busy = 0
        self._signal: int | None = None
        self._unacknowledged = 0
        self._oldest = 0.0
        super().__init__(**kwargs)
        self.max_parallelism = 1

    @cached_property
    def run(self) -> Run:
        """The pipeline with its org and ledger; made when the first SCHEMA arrives."""
        return Run(self.config)

    # What the sinks call

    def is_mapped(self, stream: str) -> bool:
        """True when records of this stream become something."""
        return self.run.is_mapped(stream)

    def count_filtered(self) -> None:
        """Count a record that the user's own ``stream_maps`` take out."""
        self.run.count_filtered()

    def note_arrival(self) -> None:
        """Count a record that no STATE has acknowledged yet."""
        if not self._unacknowledged:
            self._oldest = time.monotonic()
        self._unacknowledged += 1

    def drain(self, stream: str, arrivals: Sequence[Arrival]) -> None:
        """Write one stream's batch, after everything of its parents that is still in memory."""
        with self._uninterrupted():
            for sink in self._parents_first(self._sinks_to_clear + list(self._sinks_active.values())):
                if self.run.rank(sink.stream_name) < self.run.rank(stream):
                    self.drain_one(sink)
            self.run.load(stream, arrivals)

    # What the SDK calls

    def get_sink(self, stream_name: str, *, schema: dict[str, Any] | None = None, **kwargs: Any) -> RetailSink:
        """The stream's sink; at its first SCHEMA the mapping is held against the stream and the org."""
        if schema is not None:
            with self._uninterrupted():
                self.run.check_schema(stream_name, schema)
        sink = super().get_sink(stream_name, schema=schema, **kwargs)
        assert isinstance(sink, RetailSink)  # noqa: S101
        return sink

    def process_endofpipe(self) -> None:
        """Write what is left, emit the last STATE, and try again what waits for a parent."""
        super().process_endofpipe()
        with self._uninterrupted():
            self.run.finish()

    def _process_state_message(self, message_dict: dict[str, Any]) -> None:
        value = state_of(message_dict)
        if value is None:
            return
        super()._process_state_message({"value": value})
        age = time.monotonic() - self._oldest
        many = self._unacknowledged >= self.config["checkpoint_rows"]
        if self._unacknowledged and (many or age >= self.config["checkpoint_seconds"]):
            self.drain_all()

    def _drain_all(self, sink_list: Iterable[Any], parallelism: int) -> None:
        del parallelism
        for sink in self._parents_first(sink_list):
            self.drain_one(sink)

    def _parents_first(self, sinks: Iterable[Any]) -> list[Any]:
        return sorted(sinks, key=lambda sink: self.run.rank(sink.stream_name))

    def _write_state_message(self, state: dict[str, Any]) -> None:
        with self._uninterrupted():
            sys.stdout.write(f"{simplejson.dumps(state, use_decimal=True)}\n")  # a float in STATE is a Decimal here
            sys.stdout.flush()
            self._unacknowledged = 0

    # Termination

    @contextmanager
    def _uninterrupted(self) -> Iterator[None]:
        """Let a signal wait until the batch, or the STATE line, is whole."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
        if self._signal is not None and not self._busy:
            self._terminate()

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        del frame
        self._signal = signum
        if not self._busy:
            self._terminate()

    def _terminate(self) -> NoReturn:
        assert self._signal is not None  # noqa: S101
        self.run.fail(f"signal {self._signal}")
        self.logger.warning("Terminated by signal %d. What was not acknowledged comes again.", self._signal)
        sys.exit(128 + self._signal)

    # Settings and the command line

    @plugin_cli
    def cli(cls) -> click.Command:  # noqa: N805
        """The command, when the level of its log is one: the SDK sets it before anything of ours is called."""
        if not isinstance(logging.getLevelName(_plugin_log_level(plugin_name=cls.name)), int):
            click.echo(
                f"settings: {cls._env_var_prefix}LOGLEVEL, or LOGLEVEL, is no level of a log. "
                "Set it to debug, info, warning or error, or unset it.",
                err=True,
            )
            sys.exit(2)
        command: click.Command = super().cli
        return command

    @classmethod
    def cb_config(cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]) -> _ConfigInput:
        """Read the files of settings; the SDK would end in a traceback where one cannot be read."""
        del ctx, param
        settings: dict[str, Any] = {}
        try:
            for file in value:
                settings |= {} if file == "ENV" else read_file(file, FILES)
        except ConfigError as error:
            cls.logger.error("%s", error)
            sys.exit(error.exit_code)
        return _ConfigInput(settings, parse_env="ENV" in value)

    @classproperty
    def _env_var_config(cls) -> dict[str, Any]:  # noqa: N805
        cls.append_builtin_config(cls.config_jsonschema)
        return read_environment(cls.config_jsonschema, cls._env_var_prefix)

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        self.append_builtin_config(self.config_jsonschema)
        self._config = with_defaults(self.config_jsonschema, self._config)
        problems = setting_problems(self.config_jsonschema, self._config, self._env_var_prefix)
        if problems and raise_errors:
            summary = "Config validation failed"
            raise ConfigValidationError(summary, errors=problems, schema=self.config_jsonschema)
        return problems

    @classmethod
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        """Add the SDK's settings that mean something here: the stream maps."""
        PluginBase.append_builtin_config.__func__(cls, config_jsonschema)  # type: ignore[attr-defined]

    @classmethod
    def invoke(cls, *, about: bool = False, about_format: str | None = None, **kwargs: Any) -> None:
        """Run the target. Exit codes: 0 done (also with holds), 1 stopped, 2 settings or mappings, 128 + signal."""
        if about:
            cls.print_about(about_format)
            return
        try:
            cls._run(**kwargs)
        except ConfigValidationError as error:
            for problem in error.errors:
                cls.logger.error("%s", problem)
            sys.exit(2)
        except RetailError as error:
            cls.logger.error("%s", error)
            sys.exit(error.exit_code)
        except Exception as error:
            cls.logger.error("The target failed: %s. Nothing more was acknowledged. %s", named(error), REPORT)
            cls.logger.debug("%s", " -> ".join(places(error)))
            sys.exit(1)

    @classmethod
    def _run(cls, *, config: Any = None, file_input: Any = None) -> None:
        target = cls(
            config=config.config if config else {},
            parse_env_config=bool(config and config.parse_env),
            validate_config=True,
        )
        try:
            target.listen(file_input)
        except Exception as error:
            target.run.fail(type(error).__name__)
            raise
        for warning in target.run.missing_streams():
            cls.logger.warning("%s", warning)
        cls.logger.info("%s", target.run.summary())
        target.run.enforce_max_holds()
