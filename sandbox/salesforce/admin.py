"""Verbs outside the vendor's paths: look inside the org, do what people do there, and make it misbehave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from starlette.routing import Route

from sandbox.calls import CallLog
from sandbox.salesforce.assignment import AssignmentRule
from sandbox.salesforce.bulk.engine import Engine, Trouble
from sandbox.salesforce.calls import Room
from sandbox.salesforce.duplicates import DuplicateRule
from sandbox.salesforce.faults import Refused
from sandbox.salesforce.ids import long_id
from sandbox.salesforce.oauth import Tokens
from sandbox.salesforce.people import convert_lead, merge, undelete
from sandbox.salesforce.render import render_json
from sandbox.salesforce.rows import Org
from sandbox.salesforce.rules import ValidationRule
from sandbox.salesforce.sessions import Sessions
from sandbox.salesforce.store import Frozen
from sandbox.verbs import Refusal, Verb, Words, routes_of
from sandbox.weather.plan import Forecast

Run = Callable[[Words, Any], Any]


@dataclass(frozen=True)
class Parts:
    """What the verbs reach: the org and everything around it."""

    org: Org
    weather: Forecast
    log: CallLog
    sessions: Sessions
    tokens: Tokens
    rooms: Sequence[Room]
    engine: Engine


class Admin:
    """The verbs of one org."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._org = parts, parts.org
        self._snapshots: dict[str, Frozen] = {}

    def verbs(self) -> list[Verb]:
        """Every verb, in the order of the reference."""
        return [*self._looks(), *self._people(), *self._administrators(), *self._troubles()]

    def routes(self) -> list[Route]:
        """All verbs as addresses."""
        return routes_of([replace(verb, run=_telling(verb.run)) for verb in self.verbs()], render_json)

    def _looks(self) -> list[Verb]:
        return [
            Verb("GET", "/counters", "", "calls by kind and rows written through the API", self._counters),
            Verb("GET", "/calls", "", "the latest calls received", lambda _w, _b: self._parts.log.latest()),
            Verb("GET", "/weather", "", "what is planned and what has struck", self._forecast),
            Verb("GET", "/rows/{object}", "", "every row of an object, the recycle bin too", self._rows),
            Verb("POST", "/reset", "", "an org that nobody has used, and fair weather", self._reset),
            Verb("POST", "/clock", '{"advance": 3600}', "let so many seconds pass", self._advance),
            Verb("POST", "/snapshot", '{"name": "before"}', "remember every row under a name", self._snapshot),
            Verb("POST", "/restore", '{"name": "before"}', "back to the rows that were remembered", self._restore),
        ]

    def _people(self) -> list[Verb]:
        return [
            Verb("POST", "/rows/{object}", '{"LastName": "Ann"}', "a person adds a row", self._insert),
            Verb("PATCH", "/rows/{object}/{id}", '{"Phone": "1"}', "a person edits a row", self._edit),
            Verb("DELETE", "/rows/{object}/{id}", "", "a person deletes a row", self._delete),
            Verb(
                "POST",
                "/convert_lead",
                '{"id": "00Q...", "account_id": null, "contact_id": null, "opportunity": null}',
                "a person converts a lead; only the id is needed",
                self._convert,
            ),
            Verb("POST", "/merge", '{"winner": "003...", "losers": ["003..."]}', "a person merges rows", self._merge),
            Verb("POST", "/undelete", '{"id": "003..."}', "a person brings a row back", self._undelete),
        ]

    def _administrators(self) -> list[Verb]:
        return [
            Verb(
                "POST",
                "/rules",
                '[{"object": "Account", "field": "Name", "equals": "ACME", "message": "no", "code": "..."}]',
                "the validation rules and triggers there are from now on",
                self._rules,
            ),
            Verb(
                "POST",
                "/duplicate_rules",
                '[{"object": "Contact", "fields": ["LastName", "Email"], "on_create": "block", "on_update": "report"}]',
                "the duplicate rules there are besides the standard ones; `field` for one, `action` for both; "
                "actions are block, alert, report, none",
                self._duplicate_rules,
            ),
            Verb(
                "POST",
                "/sharing",
                '{"read_only": ["003..."], "hidden": ["003..."]}',
                "the rows that the API user may only read, and those that it does not see, from now on",
                self._sharing,
            ),
            Verb(
                "POST",
                "/assignment_rules",
                '[{"object": "Lead", "owner": "005...", "field": "LeadSource", "equals": "Web", "active": true}]',
                "the assignment rules there are from now on; the criterion may be left out; answers their ids",
                self._assignment_rules,
            ),
            Verb(
                "POST", "/certificate", '{"public_key": "PEM"}', "register the key of the JWT flow", self._certificate
            ),
            Verb("POST", "/expire_sessions", "", "end every session", self._expire),
        ]

    def _troubles(self) -> list[Verb]:
        return [
            Verb("POST", "/weather", '[{"fault": "503", "times": 2}]', "plan gusts, see below", self._plan),
            Verb(
                "POST",
                "/storm",
                '{"seed": 7, "rate": 0.1, "faults": ["503", "drop"]}',
                "hit a share of all calls, the same ones for the same seed",
                self._storm,
            ),
            Verb("DELETE", "/weather", "", "fair weather", self._clear),
            Verb(
                "POST",
                "/locks",
                '["001..."]',
                "the rows that somebody else has locked, with their details",
                self._locks,
            ),
            Verb(
                "POST",
                "/deny_sessions",
                '{"message": "..."}',
                "answer every call 401 with this; empty ends it",
                self._deny,
            ),
            Verb("POST", "/long_calls", '{"running": 25}', "how many long calls seem to be running", self._long_calls),
            Verb(
                "POST",
                "/bulk",
                '{"after": 10000, "then": "fail"}',
                "the next bulk job runs out of time after so many rows, or waits there",
                self._trouble,
            ),
            Verb("DELETE", "/bulk", "", "bulk jobs run on", self._calm),
        ]

    # -- looking ----------------------------------------------------------------------------------------------------

    def _counters(self, _words: Words, _body: Any) -> Any:
        writes = {f"{verb} {name}": count for (verb, name), count in self._org.writes.items()}
        return {"calls": dict(self._org.calls), "writes": writes}

    def _forecast(self, _words: Words, _body: Any) -> Any:
        return {"planned": self._parts.weather.planned(), "struck": list(self._parts.weather.struck)}

    def _rows(self, words: Words, _body: Any) -> Any:
        return list(self._org.tables[self._org.object(words["object"]).name].values())

    def _reset(self, _words: Words, _body: Any) -> Any:
        self._org.reset()
        self._parts.weather.clear()
        self._parts.sessions.clear()
        self._parts.log.clear()
        for room in self._parts.rooms:
            room.clear()
        return {"reset": True}

    def _advance(self, _words: Words, body: Any) -> Any:
        return {"now": self._org.clock.advance(float(body["advance"])).isoformat()}

    def _snapshot(self, _words: Words, body: Any) -> Any:
        self._snapshots[body["name"]] = self._org.freeze()
        return {"snapshots": sorted(self._snapshots)}

    def _restore(self, _words: Words, body: Any) -> Any:
        self._org.thaw(self._snapshots[body["name"]])
        return {"restored": body["name"]}

    # -- people -----------------------------------------------------------------------------------------------------

    def _insert(self, words: Words, body: Any) -> Any:
        return {"id": self._org.insert_as_user(words["object"], body)}

    def _edit(self, words: Words, body: Any) -> Any:
        self._org.edit_as_user(words["object"], words["id"], body)
        return {"id": words["id"]}

    def _delete(self, words: Words, _body: Any) -> Any:
        self._org.delete_as_user(words["object"], words["id"])
        return {"id": words["id"]}

    def _convert(self, _words: Words, body: Any) -> Any:
        options = {name: value for name, value in body.items() if name != "id"}
        return convert_lead(self._org, body["id"], **options)

    def _merge(self, _words: Words, body: Any) -> Any:
        merge(self._org, body["winner"], body["losers"])
        return {"merged": len(body["losers"])}

    def _undelete(self, _words: Words, body: Any) -> Any:
        return {"undeleted": undelete(self._org, body["id"])}

    # -- administrators ---------------------------------------------------------------------------------------------

    def _rules(self, _words: Words, body: Any) -> Any:
        self._org.rules[:] = [ValidationRule(**one) for one in body]
        return {"rules": len(body)}

    def _duplicate_rules(self, _words: Words, body: Any) -> Any:
        self._org.duplicate_rules[:] = [DuplicateRule.of(one) for one in body]
        return {"duplicate_rules": len(body)}

    def _assignment_rules(self, _words: Words, body: Any) -> Any:
        rules = [AssignmentRule.of(number, one, self._org) for number, one in enumerate(body, 1)]
        self._org.assignment_rules[:] = rules
        return {"assignment_rules": [rule.id for rule in rules]}

    def _sharing(self, _words: Words, body: Any) -> Any:
        read_only, hidden = ({long_id(one) or one for one in body.get(name, ())} for name in ("read_only", "hidden"))
        self._org.read_only, self._org.hidden = read_only, hidden
        return {"read_only": len(read_only), "hidden": len(hidden)}

    def _certificate(self, _words: Words, body: Any) -> Any:
        self._parts.tokens.public_key = body["public_key"]
        return {"registered": True}

    def _expire(self, _words: Words, _body: Any) -> Any:
        return {"expired": self._parts.sessions.expire_all()}

    # -- trouble ----------------------------------------------------------------------------------------------------

    def _plan(self, _words: Words, body: Any) -> Any:
        self._parts.weather.plan_dicts(body)
        return {"planned": len(body)}

    def _storm(self, _words: Words, body: Any) -> Any:
        self._parts.weather.storm(int(body["seed"]), float(body["rate"]), body["faults"])
        return {"rate": float(body["rate"])}

    def _clear(self, _words: Words, _body: Any) -> Any:
        self._parts.weather.clear()
        return {"planned": 0}

    def _locks(self, _words: Words, body: Any) -> Any:
        self._org.locks = set(body)
        return {"locks": len(body)}

    def _deny(self, _words: Words, body: Any) -> Any:
        self._parts.sessions.denial = body["message"]
        return {"message": self._parts.sessions.denial}

    def _long_calls(self, _words: Words, body: Any) -> Any:
        self._org.long_calls = body["running"]
        return {"running": self._org.long_calls}

    def _trouble(self, _words: Words, body: Any) -> Any:
        self._parts.engine.trouble = Trouble(**body)
        return asdict(self._parts.engine.trouble)

    def _calm(self, _words: Words, _body: Any) -> Any:
        self._parts.engine.trouble = None
        return {}


def _telling(run: Run) -> Run:
    """What the org refuses, in the vendor's words."""

    def told(words: Words, body: Any) -> Any:
        try:
            return run(words, body)
        except Refused as refused:
            raise Refusal([fault.entry() for fault in refused.faults], refused.status) from refused

    return told
