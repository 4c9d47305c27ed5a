"""The table CARRIERS: which records have ever carried which trait, so that it is known how many share one.

A record that comes again counts once, and one that has changed its e-mail counts for both. Traits are kept as
hashes with a secret of this ledger's own: whoever has the table alone cannot tell whether a given address is in it.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, func, select, update

from target_salesforce_retail.errors import LedgerError
from target_salesforce_retail.ledger.rows import in_chunks, insert_new
from target_salesforce_retail.ledger.tables import CARRIERS, LEDGER
from target_salesforce_retail.nouns import Carrier, Sharing, Trait

BYTES = 32
SECRET = re.compile(rf"[0-9a-f]{{{2 * BYTES}}}")


def new_secret() -> str:
    """A secret for the hashes of one ledger."""
    return secrets.token_hex(BYTES)


def mend_secret(connection: Connection) -> None:
    """Give a ledger that has counted nobody yet the secret that it lacks.

    Raises:
        LedgerError: The secret of those counted is gone.
    """
    if not connection.scalar(select(LEDGER.c.secret)) and connection.scalar(select(CARRIERS.c.hash).limit(1)) is None:
        connection.execute(update(LEDGER).values(secret=new_secret()))
    _secret(connection)


def sharing(connection: Connection, stream: str, traits: Iterable[Trait], keys: Iterable[str]) -> dict[Trait, Sharing]:
    """How many records of the stream have carried each trait, and which of ``keys`` are among them."""
    by_hash = _hashes(connection, traits)
    counted = select(CARRIERS.c.hash, func.count().label("records")).where(CARRIERS.c.stream == stream)
    counts = list(in_chunks(connection, counted.group_by(CARRIERS.c.hash), CARRIERS.c.hash, by_hash))
    known: dict[str, set[str]] = defaultdict(set)
    theirs = select(CARRIERS.c.hash, CARRIERS.c.key).where(CARRIERS.c.stream == stream)
    for row in in_chunks(connection, theirs, CARRIERS.c.key, keys):
        known[row.hash].add(row.key)
    return {by_hash[row.hash]: Sharing(row.records, frozenset(known[row.hash])) for row in counts}


def save(connection: Connection, carriers: Iterable[Carrier]) -> None:
    """Note who carries which trait; who is there already stays."""
    wanted = list(carriers)
    hashes = {trait: each for each, trait in _hashes(connection, (each.trait for each in wanted)).items()}
    rows = {(each.stream, hashes[each.trait], each.key): None for each in wanted}
    insert_new(connection, CARRIERS, [dict(zip(("stream", "hash", "key"), row, strict=True)) for row in rows])


def _hashes(connection: Connection, traits: Iterable[Trait]) -> dict[str, Trait]:
    secret = _secret(connection)
    return {hmac.digest(secret, _text(each).encode(), "sha256").hex(): each for each in traits}


def _secret(connection: Connection) -> bytes:
    secret = connection.scalar(select(LEDGER.c.secret))
    if not isinstance(secret, str) or not SECRET.fullmatch(secret):  # SQLite keeps any type in any column
        raise LedgerError(
            "The ledger is damaged: its secret, by which shared values are counted, is missing or cannot be read.",
            where="ledger",
            hint="Nothing was acknowledged. Bring the ledger back from a backup; without one, empty its table carriers "
            "and set the column secret of its table ledger to NULL: then it begins to count anew.",
        )
    return bytes.fromhex(secret)


def _text(trait: Trait) -> str:
    """What tells it from every other: match keys hold no character that nobody sees."""
    return "\0".join((*trait.by, *trait.values))
