"""The Singer side: discovery, the choice of the series, and the steering of the SDK that our promises need."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cached_property, partial
from pathlib import Path
from types import FrameType
from typing import IO, Any, ClassVar, NoReturn

import click
from singer_sdk import Stream, Tap
from singer_sdk.configuration._dict_config import parse_environment_config
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities

from tap_lightspeed_retail.catalog import read_catalog
from tap_lightspeed_retail.clock import Clock
from tap_lightspeed_retail.defects import last_door
from tap_lightspeed_retail.emit import RetailStream, sdk_streams
from tap_lightspeed_retail.errors import SettingsError, TapError
from tap_lightspeed_retail.files import json_object
from tap_lightspeed_retail.follow import Follow
from tap_lightspeed_retail.r_series import connect as r_series
from tap_lightspeed_retail.r_series.bookmark_schema import bookmark_misfit
from tap_lightspeed_retail.series import Offer, Series
from tap_lightspeed_retail.settings import SETTINGS, invalid_settings, with_defaults
from tap_lightspeed_retail.state import refuse_unreadable
from tap_lightspeed_retail.streams import RANK, STREAMS
from tap_lightspeed_retail.writer import WholeLineWriter

SERIES: dict[str, Offer] = {"r": Offer(r_series.connect, bookmark_misfit)}
"""What each series offers."""
ENVIRONMENT = "ENV"
"""What the command calls the environment, where it takes the path of a config file."""
MAPS_ARE_TOLD = "See https://sdk.meltano.com/en/latest/stream_maps.html, or leave it unset."


class TapLightspeedRetail(Tap):
    """Streams Lightspeed Retail as one clean contract."""

    name = "tap-lightspeed-retail"
    config_jsonschema: ClassVar[dict[str, Any]] = SETTINGS.to_dict()
    capabilities: ClassVar[list[Any]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.DISCOVER,
        TapCapabilities.STATE,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]
    message_writer_class = WholeLineWriter
    clock = Clock()

    def discover_streams(self) -> list[Stream]:
        """The streams of the series, those to opt in to where the settings do; needs no network."""
        series, opted_in = self.config["series"], self.config["opt_in"]
        rows = [row for row in STREAMS if series in row.series and (not row.opt_in or row.name in opted_in)]
        return list(sdk_streams(self, rows, lambda: self.series))

    def setup_mapper(self) -> None:
        """Make the user's stream maps.

        Raises:
            SettingsError: The SDK cannot; it says so in errors of many kinds, which quote the setting.
        """
        try:
            super().setup_mapper()
        except TapError:
            raise
        except Exception as error:
            if not self.config.get("stream_maps"):
                raise
            what = f"The SDK cannot make stream maps of it: {type(error).__name__}."
            raise SettingsError(what, where="stream_maps", hint=MAPS_ARE_TOLD) from None

    def load_streams(self) -> list[Stream]:  # type: ignore[misc]  # final for type checkers only
        """Parents before children: the SDK alone would read in alphabetical order."""
        return sorted(super().load_streams(), key=lambda stream: RANK[stream.name])

    @cached_property
    def series(self) -> Series:
        """The account, connected; one for all streams, and with it one token and one throttle."""
        return SERIES[self.config["series"]].connect(self.config, self.clock)

    def sync_all(self) -> None:  # type: ignore[misc]  # final for type checkers only
        """Read everything that is selected. STATE carries the account; another account's is refused."""
        account_id = self.series.account_id
        _refuse_foreign(self.state, account_id)
        self._keep_account(account_id)
        super().sync_all()
        if self.config["follow"]:
            self._follow()
        for stream in self.streams.values():
            if isinstance(stream, RetailStream) and stream.stopped_by:
                raise stream.stopped_by

    def _follow(self) -> None:
        """Poll what is selected, from where one run has come, until a signal."""
        chosen = [each for each in self.streams.values() if each.selected or each.has_selected_descendents]
        followed = [each for each in chosen if isinstance(each, RetailStream)]
        Follow(followed, self.clock, lambda: self._state_writer.write_state(self.state)).forever()

    def load_state(self, state: dict[str, Any]) -> None:
        """Take a state in, with the account it belongs to.

        Raises:
            SettingsError: Something of it cannot be read.
        """
        if state:
            refuse_unreadable(state, SERIES[self.config["series"]].bookmark_misfit)
        super().load_state(state)
        if state.get("account_id"):
            self._keep_account(state["account_id"])

    def _keep_account(self, account_id: str) -> None:
        state: dict[str, Any] = self._state  # type: ignore[assignment]  # the SDK's type knows bookmarks only
        state["account_id"] = account_id

    # Termination

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        del frame
        writer = self.message_writer
        if isinstance(writer, WholeLineWriter) and writer.busy:
            writer.then = lambda: self._terminate(signum)
        else:
            self._terminate(signum)

    def _terminate(self, signum: int) -> NoReturn:
        """Bookmarks follow what was written, so that the last state may leave; the exit code says it was cut short."""
        if self.state.get("account_id"):
            self._state_writer.write_state(self.state)
        self.logger.warning("Terminated by signal %d; the next run goes on from the last state.", signum)
        sys.exit(128 + signum)

    # Settings and the command line

    @property
    def _env_var_config(self) -> dict[str, Any]:
        """One setting after the other, so that the one that cannot be read is named."""
        self.append_builtin_config(self.config_jsonschema)
        found: dict[str, Any] = {}
        for name, spec in self.config_jsonschema["properties"].items():
            found |= self._from_environment(name, spec)
        return found

    def _from_environment(self, name: str, spec: dict[str, Any]) -> dict[str, Any]:
        try:
            return parse_environment_config({"properties": {name: spec}}, self._env_var_prefix)
        except (ValueError, RecursionError):
            hint = f"Mend {self._env_var_prefix}{name.upper()}."
            raise SettingsError("The environment holds no such value.", where=name, hint=hint) from None

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        self.append_builtin_config(self.config_jsonschema)
        self._config = with_defaults(self.config_jsonschema, self._config)
        invalid = invalid_settings(self.config_jsonschema, self._config, self._env_var_prefix)
        if invalid and raise_errors:
            summary = "Config validation failed"
            raise ConfigValidationError(summary, errors=invalid, schema=self.config_jsonschema)
        return invalid

    @classmethod
    def invoke(  # type: ignore[override]  # as the SDK's own for taps
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: Any = None,
        state: IO[str] | None = None,
        catalog: IO[str] | None = None,
    ) -> None:
        """Run the tap. Exit codes: 0 done, 1 stopped, 2 settings, 128 + signal."""
        with last_door(cls.logger):
            if about:
                cls.print_about(about_format)
                return
            cls.print_version(print_fn=cls.logger.info)
            tap = cls(
                config=config.config if config else {},
                state=json_object("--state", state.read) if state else None,
                catalog=read_catalog(json_object("--catalog", catalog.read)) if catalog else None,
                parse_env_config=bool(config and config.parse_env),
            )
            tap.sync_all()

    @classmethod
    def cb_config(cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]) -> Any:
        """The settings of all files together; the SDK's own reading ends in a traceback where a file is none."""
        merged = super().cb_config(ctx, param, tuple(word for word in value if word == ENVIRONMENT))
        for path in value:
            if path != ENVIRONMENT:
                merged.config.update(json_object("--config", partial(Path(path).read_text, encoding="utf-8")))
        return merged

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """The command. Its options do work of their own before there is an ``invoke``: discover, test, read files."""
        command = super().get_singer_command()
        for option in command.params:
            if option.callback:
                option.callback = last_door(cls.logger)(option.callback)
        return command


def _refuse_foreign(state: Mapping[str, Any], account_id: str) -> None:
    """Refuse a state that another account's run has left (parallel runs of one plugin have been seen to mix them up).

    Raises:
        SettingsError: It is another account's, or nobody's although it holds bookmarks.
    """
    owner = state.get("account_id")
    if owner == account_id or (owner is None and not state.get("bookmarks")):
        return
    raise SettingsError(
        f"The state belongs to {f'account {owner}' if owner else 'no account'}, this run reads account {account_id}.",
        where="state",
        hint="Give each account a state of its own: `meltano el --state-id <account>`; or clear this one.",
    )
