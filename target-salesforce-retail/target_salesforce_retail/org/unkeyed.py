"""Records with a phone number whose key is blank: how many, and which. No index finds them, so that few calls ask.

Converted leads are left out: nobody can change them, and what they became has a number of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.org.composite import HEAVY_PER_CALL, no_answer, read
from target_salesforce_retail.org.ids import long_id
from target_salesforce_retail.org.query import FieldValues, checked_name, pages, typed
from target_salesforce_retail.org.session import Session


def count(session: Session, phones: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    """Object -> how many of its records have a phone number and no key beside it.

    Args:
        session: The session.
        phones: Object -> its keys, each with the phone field beside it.

    Raises:
        OrgRefused: The answer is none.
    """
    urls = [_url(session, "COUNT()", name, pairs) for name, pairs in phones.items()]
    answers = read(session, urls, HEAVY_PER_CALL)
    try:
        return {name: int(part.body["totalSize"]) for name, part in zip(phones, answers, strict=True)}
    except (LookupError, TypeError, ValueError):
        raise no_answer("query") from None


def select(
    session: Session,
    describe: ObjectDescribe,
    phones: Mapping[str, str],
    fields: Sequence[str],
    piece: tuple[int, str],
) -> list[FieldValues]:
    """Records of an object by id.

    Args:
        session: The session.
        describe: The object.
        phones: Its keys, each with the phone field beside it.
        fields: Fields to bring.
        piece: At most so many, from behind an id up; the empty text is before all of them.
    """
    limit, after = piece
    names = list(dict.fromkeys(["Id", *map(checked_name, fields)]))
    behind = f" AND Id > '{long_id(after)}'" if after else ""
    url = _url(session, ", ".join(names), describe.name, phones, f"{behind} ORDER BY Id LIMIT {int(limit)}")
    (answer,) = read(session, [url], HEAVY_PER_CALL)
    return [typed(record, describe) for record in pages(session, answer.body, names)]


def _url(session: Session, what: str, name: str, phones: Mapping[str, str], rest: str = "") -> str:
    pairs = (f"({checked_name(phone)} != null AND {checked_name(key)} = null)" for key, phone in phones.items())
    alive = " AND IsConverted = false" if name == "Lead" else ""
    soql = f"SELECT {what} FROM {checked_name(name)} WHERE ({' OR '.join(pairs)}){alive}{rest}"  # noqa: S608  # checked
    return f"{session.base}/query?q={quote(soql)}"
