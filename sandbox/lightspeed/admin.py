"""What the sandbox's owner may do to the Lightspeed account, outside the vendor's paths."""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from sandbox.lightspeed.scopes import named
from sandbox.lightspeed.world import World
from sandbox.seeds.happenings import anonymise, complete_late, delete_line, merge
from sandbox.seeds.trade import trade
from sandbox.verbs import Verb, Words, routes_of
from sandbox.weather import Weather


class Admin:
    """The owner's verbs."""

    def __init__(self, world: World, weather: Weather) -> None:
        self._world = world
        self._weather = weather
        self._random = Random(11)

    def verbs(self) -> list[Verb]:
        """All of them."""
        gusts = '[{"fault": "503", "path": "*/Sale.json"}]'
        return [
            Verb("GET", "/counters", "", "requests, drips, refusals of both limiters, tokens, calls", self._counters),
            Verb("POST", "/reset", "", "forget every row", self._reset),
            Verb("POST", "/clock", '{"advance": 3600}', "let so many seconds pass", self._clock),
            Verb("POST", "/weather", gusts, "plan gusts", self._plan),
            Verb("DELETE", "/weather", "", "fair weather", self._calm),
            Verb(
                "POST",
                "/grant",
                '{"locked": false, "rights": "employee:register_read"}',
                "what the employee who granted access may still do, or that they are locked out",
                self._grant,
            ),
            Verb("DELETE", "/grant", "", "the merchant takes the grant back", self._revoke),
            Verb("POST", "/trade", '{"hours": 4}', "let the shops trade", self._trade),
            Verb("POST", "/merge", '{"keep": 1, "lose": 2}', "two shoppers become one", self._merge),
            Verb("POST", "/anonymise", '{"customer": 1}', "a shopper wants to be forgotten", self._anonymise),
            Verb(
                "POST", "/delete_line", '{"sale": 1}', "the last line leaves a sale, without a trace", self._delete_line
            ),
            Verb(
                "POST",
                "/complete",
                '{"sale": 1, "hours_ago": 20}',
                "an open sale is completed, with a time that is so long gone",
                self._complete,
            ),
            Verb("PUT", "/rows/{resource}", '{"name": "Acme"}', "insert or replace a row", self._put),
            Verb("DELETE", "/rows/{resource}/{key:int}", "", "delete a row without a trace", self._remove),
        ]

    def routes(self) -> list[Route]:
        """The verbs as addresses."""
        return routes_of(self.verbs(), _said)

    def _counters(self, _words: Words, _body: Any) -> Any:
        bucket = self._world.bucket
        return {
            "requests": bucket.requests,
            "drips": round(bucket.drips, 4),
            "refused": bucket.refused,
            "tokens": self._world.oauth.tally,
            "calls": self._world.calls,
        }

    def _reset(self, _words: Words, _body: Any) -> Any:
        self._world.reset()
        return {}

    def _calm(self, _words: Words, _body: Any) -> Any:
        self._weather.clear()
        return {}

    def _clock(self, _words: Words, body: Any) -> Any:
        return {"now": self._world.clock.advance(float(body["advance"])).isoformat()}

    def _plan(self, _words: Words, body: Any) -> Any:
        self._weather.plan_dicts(body)
        return {"planned": len(self._weather.planned())}

    def _grant(self, _words: Words, body: Any) -> Any:
        oauth = self._world.oauth
        oauth.locked = bool(body.get("locked", oauth.locked))
        oauth.rights = named(body["rights"]) if "rights" in body else oauth.rights
        return {"locked": oauth.locked, "rights": None if oauth.rights is None else sorted(oauth.rights)}

    def _revoke(self, _words: Words, _body: Any) -> Any:
        self._world.oauth.revoke_all()
        return {}

    def _trade(self, _words: Words, body: Any) -> Any:
        return trade(self._world, self._random, float(body["hours"]))

    def _merge(self, _words: Words, body: Any) -> Any:
        return merge(self._world, body["keep"], body["lose"], self._now())

    def _anonymise(self, _words: Words, body: Any) -> Any:
        return anonymise(self._world, body["customer"], self._now())

    def _delete_line(self, _words: Words, body: Any) -> Any:
        return delete_line(self._world, body["sale"], self._now())

    def _complete(self, _words: Words, body: Any) -> Any:
        return complete_late(self._world, body["sale"], self._now(), timedelta(hours=float(body["hours_ago"])))

    def _now(self) -> Any:
        return self._world.clock.now().replace(microsecond=0)

    def _put(self, words: Words, body: Any) -> Any:
        return self._world.put(words["resource"], body)

    def _remove(self, words: Words, _body: Any) -> Any:
        self._world.remove(words["resource"], words["key"])
        return {}


def _said(body: Any, status: int) -> Response:
    """As JSON; decimals and instants of rows as text."""
    return Response(json.dumps(body, default=str), status, media_type="application/json")
