"""Takes Singer messages in: each record goes to the sink of its stream, and past nothing.

What the SDK (0.54.9) does by itself, and this class steers:

* A damaged record ends the run. Here it is held; what ends the run is what no STATE may pass (``messages.py``).
* A line that is not JSON, a message that lacks something, at debug level every record: logged whole. Here none is.
* BATCH files go past everything that a record goes through, and are acknowledged. Here they are read record by record.
* What ``stream_maps`` take out is gone in silence. Here it is counted; a record that they fail on is held.
* ACTIVATE_VERSION is meant to delete what the newest version of a table lacks. Here nothing is deleted.
"""

from __future__ import annotations

import copy
import logging
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from singer_sdk.exceptions import MapExpressionError, RecordsWithoutSchemaException, StreamMapConfigError
from singer_sdk.mapper import PluginMapper, RemoveRecordTransform
from singer_sdk.target_base import Target

from target_salesforce_retail.errors import ConfigError, InputError
from target_salesforce_retail.singer.batches import records_of
from target_salesforce_retail.singer.messages import schema_of, stream_of
from target_salesforce_retail.singer.sink import RetailSink


class Mapper(PluginMapper):
    """Applies ``stream_maps``; what is wrong with them is a setting at fault."""

    def register_raw_stream_schema(self, stream_name: str, schema: Any, key_properties: Any) -> None:
        """Note a stream, and what the user's maps make of it."""
        with _as_config_error():
            super().register_raw_stream_schema(stream_name, schema, key_properties)
            if not all(isinstance(each.stream_alias, str) for each in self.stream_maps[stream_name]):
                raise StreamMapConfigError("An alias is no text.")


class SchemaMissing(InputError, RecordsWithoutSchemaException):
    """A message came before the SCHEMA of its stream; also by the SDK's name for it."""


class Intake(Target):
    """Knows the messages; what becomes of a full sink, and when STATE leaves, is the target's."""

    def __init__(self, **kwargs: Any) -> None:
        self._versioned: set[str] = set()
        super().__init__(**kwargs)

    @abstractmethod
    def count_filtered(self) -> None:
        """Count a record that the user's own ``stream_maps`` take out."""

    def setup_mapper(self) -> None:
        """Read ``stream_maps``. What their filters make of a record is logged at no level."""
        logging.getLogger("singer_sdk.mapper").setLevel(logging.INFO)
        with _as_config_error():
            self._mapper = Mapper(plugin_config=dict(self.config), logger=self.logger)

    def _process_schema_message(self, message_dict: dict[str, Any]) -> None:
        super()._process_schema_message(schema_of(message_dict))

    def _process_record_message(self, message_dict: dict[str, Any]) -> None:
        self._add(self._known_stream(message_dict), message_dict.get("record"))

    def _process_batch_message(self, message_dict: dict[str, Any]) -> None:
        stream = self._known_stream(message_dict)
        for record in records_of(message_dict):
            self._add(stream, record)

    def _known_stream(self, message: dict[str, Any]) -> str:
        stream = stream_of(message)
        if stream not in self.mapper.stream_maps:
            raise SchemaMissing(f"This {message['type']} is of the stream `{stream}`, whose SCHEMA has not come.")
        return stream

    def _add(self, stream: str, record: object) -> None:
        for stream_map in self.mapper.stream_maps[stream]:
            sink = cast("RetailSink", self.get_sink(stream_map.stream_alias))
            mapped, flaw = _mapped(stream_map, record)
            if mapped is None and flaw is None:
                self.count_filtered()
                continue
            sink.add(mapped, flaw)
            if sink.is_full:
                self.drain_one(sink)
        self._handle_max_record_age()

    def _process_activate_version_message(self, message_dict: dict[str, Any]) -> None:
        """Take nothing away: records that the newest version of a table lacks may still be somebody's in the CRM."""
        stream = self._known_stream(message_dict)
        if stream not in self._versioned:
            self._versioned.add(stream)
            self.logger.warning("%s: ACTIVATE_VERSION is ignored: what is missing from a table is not deleted.", stream)


@contextmanager
def _as_config_error() -> Iterator[None]:
    """``stream_maps`` that are at fault are a setting at fault; the SDK quotes the expression, no record.

    It foresees little of what they may be: of the rest only the kind is said.
    """
    try:
        yield
    except (MapExpressionError, StreamMapConfigError) as error:
        raise ConfigError(f"stream_maps: {error}", where="settings") from None
    except Exception as error:
        raise ConfigError(
            f"stream_maps, or faker_config, cannot be used: {type(error).__name__}.",
            where="settings",
            hint="They look like {stream: {property: expression}}.",
        ) from None


def _mapped(stream_map: Any, record: object) -> tuple[object, str | None]:
    """What the user's ``stream_maps`` make of a record, and what is wrong with it; twice None: they take it out."""
    if isinstance(stream_map, RemoveRecordTransform):
        return None, None
    if not isinstance(record, dict):
        return record, "is no object"
    try:
        return stream_map.transform(copy.copy(record)), None
    except Exception as error:
        return record, f"its stream map fails ({type(error).__name__})"
