"""The ledger's tables. Times are ISO text in UTC, payloads JSON text, so that any SQL database will do.

What is taken from a record is ``Text``: a value that is too long for its column would stop a whole batch.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text, text

VERSION = 7
"""Of this layout; kept in the table ``ledger`` and checked at every opening. ``migrate.py`` brings older ones up."""

METADATA = MetaData()

LEDGER = Table(  # one row
    "ledger",
    METADATA,
    Column("version", Integer, nullable=False),
    Column("org", String(15)),  # whose ledger it is
    Column("seq", Integer, nullable=False, server_default="0"),  # counts settles: says what is newer without a clock
    Column("holder", String(80)),  # whose turn it is
    Column("until", BigInteger, nullable=False, server_default="0"),  # and how long, in ms
    Column("secret", String(64)),  # of the keyed hashes of traits; no two ledgers have one
)

RUNS = Table(
    "runs",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("started_at", String(32), nullable=False),
    Column("ended_at", String(32)),
    Column("state", String(10), nullable=False),  # running, done, failed
    Column("note", Text),
)

RUN_COUNTS = Table(
    "run_counts",
    METADATA,
    Column("run", String(32), primary_key=True),
    Column("stream", String(255), primary_key=True),
    Column("verdict", String(10), primary_key=True),
    Column("reason", String(40), primary_key=True),  # empty for verdicts that need none
    Column("again", Boolean, primary_key=True),  # an earlier hold tried again, or our own request: not an arrival
    Column("records", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
)

RECORDS = Table(  # the outcome of the newest version of every record, and where it went
    "records",
    METADATA,
    Column("stream", String(255), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("object", String(80)),
    Column("id", String(18)),
    Column("version", Text),  # the newest that was settled
    Column("verdict", String(10), nullable=False),
    Column("stage", String(10), nullable=False),
    Column("rule", Text),
    Column("reason", String(40)),
    Column("fields", Text, nullable=False),
    Column("sent", Text, nullable=False),
    Column("code", Text),
    Column("message", Text),
    Column("run", String(32)),
    Column("at", String(32), nullable=False),
    Column("told_version", Text),  # the newest that had an outcome
    Column("candidates", Text, nullable=False, server_default=text("'[]'")),
    Column("seq", Integer, nullable=False, server_default="0"),  # the settle that changed its link or outcome last
    Column("owner", Text),  # stamped_key: the key that the record in the org carried then
    Column("trail", Text),  # what each match rule said
    Column("mapping", String(16)),  # digest of the mapping that settled it last
    Column("earlier", Integer, nullable=False, server_default="0"),  # outcomes that it had before this one
)
RECORDS_BY_MAPPING = Index("records_by_mapping", RECORDS.c.stream, RECORDS.c.mapping)

OUTCOMES = Table(  # the last of the outcomes that a record had before the one in RECORDS; a ring of some places
    "outcomes",
    METADATA,
    Column("stream", String(255), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("place", Integer, primary_key=True),  # its number modulo the places
    Column("number", Integer, nullable=False),
    Column("object", String(80)),
    Column("id", String(18)),
    Column("told_version", Text),
    Column("verdict", String(10), nullable=False),
    Column("stage", String(10), nullable=False),
    Column("rule", Text),
    Column("reason", String(40)),
    Column("fields", Text, nullable=False),
    Column("sent", Text, nullable=False),
    Column("code", Text),
    Column("message", Text),
    Column("candidates", Text, nullable=False),
    Column("run", String(32)),
    Column("at", String(32), nullable=False),
    Column("trail", Text),
    Column("mapping", String(16)),
)

HOLDS = Table(
    "holds",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("stream", String(255), nullable=False),
    Column("key", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("faults", Text, nullable=False),
    Column("version", Text),
    Column("stage", String(10), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("waits", Boolean, nullable=False),
    Column("fields", Text, nullable=False),
    Column("code", Text),
    Column("message", Text),
    Column("attempts", Integer, nullable=False),
    Column("first_seen", String(32), nullable=False),
    Column("last_seen", String(32), nullable=False),
    Column("state", String(10), nullable=False),  # open, resolved, superseded
    Column("run", String(32)),
    Column("candidates", Text, nullable=False, server_default=text("'[]'")),
    Column("due", BigInteger, nullable=False, server_default="0"),  # when it is worth a try for no sign at all, epoch s
    Index("holds_open", "state", "stream", "number"),
    Index("holds_of_record", "stream", "key", "state"),
    sqlite_autoincrement=True,
)
_IS_OPEN = HOLDS.c.state == "open"
HOLDS_WAITING = Index(  # holds all that says whether a hold is due, so that no payload is read to find out
    "holds_waiting", HOLDS.c.state, HOLDS.c.stream, HOLDS.c.waits, HOLDS.c.number, HOLDS.c.key, HOLDS.c.run, HOLDS.c.due
)
HOLDS_ONE_OPEN = Index(
    "holds_one_open", HOLDS.c.stream, HOLDS.c.key, unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN
)

WAITS = Table(  # which record waits for which
    "waits",
    METADATA,
    Column("stream", String(255), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("label", String(255), primary_key=True),
    Column("parent_stream", String(255), primary_key=True),
    Column("parent_key", Text, primary_key=True),
    Column("kind", String(10), nullable=False),  # hold: it is held; blank: it is in, and its lookup was left blank
    Column("seq", Integer, nullable=False),  # the settle that wrote it: what its parent did since then is news
    Index("waits_of_kind", "stream", "kind", "key"),
)

SIBLINGS = Table(  # the newest complete set of the children of every parent
    "siblings",
    METADATA,
    Column("stream", String(255), primary_key=True),
    Column("parent", Text, primary_key=True),
    Column("version", Text),
    Column("keys", Text, nullable=False),
)

CARRIERS = Table(  # which records have ever carried which trait
    "carriers",
    METADATA,
    Column("stream", String(255), primary_key=True),
    Column("hash", String(64), primary_key=True),  # keyed, of the trait: no shopper's value
    Column("key", Text, primary_key=True),
    Index("carriers_of_record", "stream", "key"),
)

MOVED = Table(  # records whose link leads elsewhere than before: what refers to them in the org has yet to follow
    "moved",
    METADATA,
    Column("stream", String(255), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("seq", Integer, nullable=False),  # the settle that changed the link
    Column("run", String(32)),  # which has tried in vain
)

DECISIONS = Table(  # what persons have said of which person a record is: the audit
    "decisions",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("stream", String(255), nullable=False),
    Column("key", Text, nullable=False),
    Column("what", String(10), nullable=False),  # is, not, new, unheeded, is_beside
    Column("person", String(18), nullable=False),  # empty for a new one
    Column("before", String(18), nullable=False),  # the id that was linked before
    Column("who", Text, nullable=False),
    Column("at", String(32), nullable=False),
    Index("decisions_of_record", "stream", "key", "number"),
)

SUSPECTS = Table(  # two who may be one person: a record is one of them, and another rule takes it for the other
    "suspects",
    METADATA,
    Column("stream", String(255), primary_key=True),
    Column("key", Text, primary_key=True),  # the record's
    Column("id", String(18), primary_key=True),  # whom it is
    Column("other", String(18), primary_key=True),  # whom it may be as well
    Column("object", String(80), nullable=False),
    Column("other_object", String(80), nullable=False),
    Column("rule", Text, nullable=False),  # by which it is whom it is
    Column("other_rule", Text, nullable=False),
)
