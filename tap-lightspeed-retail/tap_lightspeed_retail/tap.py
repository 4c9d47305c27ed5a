"""The Singer side: settings, discovery, and the steering of the SDK that our promises need."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar, NoReturn

import requests
from jsonschema import Draft7Validator
from singer_sdk import Stream, Tap
from singer_sdk import typing as th
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities

from tap_lightspeed_retail import __version__
from tap_lightspeed_retail.clock import Clock
from tap_lightspeed_retail.errors import SettingsError, TapError
from tap_lightspeed_retail.follow import Follow
from tap_lightspeed_retail.r_series.account import Account, inside
from tap_lightspeed_retail.r_series.auth import Authenticator
from tap_lightspeed_retail.r_series.client import Client
from tap_lightspeed_retail.r_series.guard import FEW
from tap_lightspeed_retail.r_series.source import Connection
from tap_lightspeed_retail.r_series.streams import RetailStream, streams
from tap_lightspeed_retail.streams import OPT_IN, POLLED, RANK
from tap_lightspeed_retail.throttle import Throttle
from tap_lightspeed_retail.tokens import TokenStore
from tap_lightspeed_retail.writer import WholeLineWriter

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
        th.IntegerType(minimum=1, nullable=False),
        default=120,
        title="Overlap seconds",
        description="A bookmark stays this far behind the server's clock, for rows that are committed late.",
    ),
    th.Property(
        "reconcile_hours",
        th.NumberType(minimum=0, nullable=False),
        default=24,
        title="Reconcile hours",
        description="So often each table is walked again for silent changes and vanished rows; 0 is never.",
    ),
    th.Property(
        "reconcile_days",
        th.IntegerType(minimum=1, nullable=False),
        default=90,
        title="Reconcile days",
        description="Sales of the last so many days are walked again, and read again while they are open.",
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
            *(th.Property(name, th.NumberType(exclusive_minimum=0, nullable=False)) for name in POLLED),
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
        """The streams of the series; needs no network."""
        return list(streams(self, lambda: self.connection))

    def load_streams(self) -> list[Stream]:  # type: ignore[misc]  # final for type checkers only
        """Parents before children: the SDK alone would read in alphabetical order."""
        return sorted(super().load_streams(), key=lambda stream: RANK[stream.name])

    @cached_property
    def connection(self) -> Connection:
        """The client and the account; one for all streams, and with it one token and one throttle."""
        http = requests.Session()
        http.headers["User-Agent"] = f"{self.name}/{__version__}"
        auth = Authenticator(
            self.config["auth_url"],
            self.config["client_id"],
            self.config["client_secret"],
            store=TokenStore(Path(self.config["token_store"]), self.config.get("refresh_token") or ""),
            http=http,
            now=self.clock.now,
            sleep=self.clock.sleep,
        )
        if auth.warning:
            self.logger.warning("%s", auth.warning)
        throttle = Throttle(float(self.config["rate_reserve"]), self.clock.passed, self.clock.sleep)
        client = Client(self.config["api_url"], auth=auth, throttle=throttle, http=http, sleep=self.clock.sleep)
        account_id = self.config.get("account_id") or auth.account_id() or _only_account(client)
        return Connection(client, Account.read(client, account_id))

    def sync_all(self) -> None:  # type: ignore[misc]  # final for type checkers only
        """Read everything that is selected. STATE carries the account; another account's is refused."""
        account_id = self.connection.account.id
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
        """Take a state in, with the account it belongs to."""
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

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        self.append_builtin_config(self.config_jsonschema)
        properties = self.config_jsonschema["properties"]
        defaults = {name: spec["default"] for name, spec in properties.items() if "default" in spec}
        self._config = {**defaults, **_numbers_read(properties, self._config)}
        faults = _config_faults(self.config_jsonschema, self._config, self._env_var_prefix)
        if faults and raise_errors:
            summary = "Config validation failed"
            raise ConfigValidationError(summary, errors=faults, schema=self.config_jsonschema)
        return faults

    @classmethod
    def invoke(cls, **kwargs: Any) -> None:
        """Run the tap. Exit codes: 0 done, 1 stopped, 2 settings, 128 + signal."""
        try:
            super().invoke(**kwargs)
        except ConfigValidationError as error:
            for fault in error.errors:
                cls.logger.error("%s", fault)
            sys.exit(2)
        except TapError as error:
            cls.logger.error("%s", error)
            sys.exit(error.exit_code)


def _only_account(client: Client) -> str:
    answer = client.read("Account.json")
    return str(inside(answer, "Account").get("accountID", ""))


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


def _numbers_read(properties: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """The environment holds text only, and the SDK leaves a decimal as it came; what is no number stays."""
    decimals = [name for name in config if "number" in properties.get(name, {}).get("type", ())]
    texts = {name: config[name] for name in decimals if isinstance(config[name], str)}
    return {**config, **{name: float(text) for name, text in texts.items() if _is_decimal(text)}}


def _is_decimal(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _config_faults(schema: Mapping[str, Any], config: Mapping[str, Any], env_prefix: str) -> list[str]:
    """What is wrong with the settings and what to do; never a value, for it may be a secret."""
    faults: list[str] = []
    for error in Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER).iter_errors(config):
        if error.validator == "required" and not error.path:
            for name in sorted(set(error.validator_value) - set(error.instance)):
                about = schema["properties"][name].get("description", name)
                where = f"Set it in meltano.yml, in the config file, or as {env_prefix}{name.upper()}."
                faults.append(f"Setting `{name}` is missing: {about} {where}")
        else:
            name = ".".join(map(str, error.path)) or "config"
            rule = f"{error.validator}: {error.validator_value}"
            faults.append(f"Setting `{name}` breaks `{rule}`. Mend it in meltano.yml or in the config file.")
    return sorted(dict.fromkeys(faults))
