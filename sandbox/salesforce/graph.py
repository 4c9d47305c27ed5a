"""Composite Graph: several graphs of subrequests, each all or nothing (docs/vendors/salesforce.md, composite)."""

from __future__ import annotations

from typing import Any

from sandbox.salesforce.calls import Answer, Call, Handler, Route, split_path
from sandbox.salesforce.composite import all_or_none, requests_of
from sandbox.salesforce.faults import Refused, refuse

_MOST_NODES = 500
_MOST_GRAPHS = 75  # not verified
_OLDEST = 50.0


def graph(call: Call, perform: Handler) -> Answer:
    """``POST /composite/graph``."""
    if float(call.version) < _OLDEST:
        raise refuse("NOT_FOUND", "The requested resource does not exist")
    graphs = _graphs(call.json_object())
    return Answer(200, {"graphs": [_one(call, each, perform) for each in graphs]})


def _graphs(body: dict[str, Any]) -> list[dict[str, Any]]:
    graphs = body.get("graphs")
    if not isinstance(graphs, list) or not all(isinstance(one, dict) for one in graphs):
        raise refuse("JSON_PARSER_ERROR", "graphs must be a list of objects, each with graphId and compositeRequest")
    names = [one.get("graphId") for one in graphs]
    if not all(isinstance(name, str) and name for name in names) or len(set(names)) < len(names):
        raise refuse("JSON_PARSER_ERROR", "Every graph needs a graphId of its own")
    if len(graphs) > _MOST_GRAPHS:
        raise refuse("LIMIT_EXCEEDED", f"The number of graphs exceeds the limit of {_MOST_GRAPHS}")
    if sum(len(one.get("compositeRequest") or ()) for one in graphs) > _MOST_NODES:
        raise refuse("LIMIT_EXCEEDED", f"The number of nodes exceeds the limit of {_MOST_NODES}")
    return graphs


def _one(call: Call, one: dict[str, Any], perform: Handler) -> dict[str, Any]:
    requests = requests_of(one, limit=_MOST_NODES)
    for request in requests:
        _check_node(request)
    answers = all_or_none(call, requests, perform)
    return {
        "graphId": one["graphId"],
        "graphResponse": {"compositeResponse": answers},
        "isSuccessful": all(answer["httpStatusCode"] < 300 for answer in answers),
    }


def _check_node(request: dict[str, Any]) -> None:
    """Only rows, by id or by external id, may be nodes."""
    try:
        _, parts = split_path(request["url"].partition("?")[0])
    except Refused:
        parts = []
    if parts[:1] != ["sobjects"] or not 2 <= len(parts) <= 4:
        raise refuse("INVALID_INPUT", f"{request['url']} is no row: a graph takes sobjects/T, /T/id and /T/field/value")


def routes(perform: Handler) -> list[Route]:
    """What is served here.

    Args:
        perform: Answers one node.
    """
    return [
        Route(
            "POST",
            "composite/graph",
            lambda call: graph(call, perform),
            "composite",
            "graphs of up to 500 nodes in all, each graph all or nothing; rows only; from version 50",
            "how many graphs and how deep; codes of refusals",
        )
    ]
