"""A call of the API: what its address names, and how it is to be answered."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from sandbox.lightspeed.answers import wants_json
from sandbox.lightspeed.resources import RESOURCES

SUFFIXES = (".json", ".xml")
FOLDER = "/Inventory/"


@dataclass(frozen=True)
class Call:
    """A request, taken apart.

    Attributes:
        account: The account in the address; empty where there is none.
        resource: The last word before the key; ``Account`` and ``Session`` are not in the table of resources.
        key: The row's key as it was written; empty for lists.
        json: Whether the answer is JSON, else XML.
        bearer: The Authorization header.
    """

    request: Request
    account: str
    resource: str
    key: str
    json: bool
    bearer: str

    @classmethod
    def of(cls, request: Request, *, accept_wins: bool) -> Call:
        """Take a request apart."""
        path, headers = request.url.path, request.headers
        named = {name: _bare(value) for name, value in request.path_params.items()}
        return cls(
            request,
            named.get("account", ""),
            named.get("resource") or ("Account" if "account" in named else _bare(path.rpartition("/")[2])),
            named.get("key", ""),
            wants_json(path, headers.get("accept", ""), accept_wins=accept_wins),
            headers.get("authorization", ""),
        )

    @property
    def params(self) -> list[tuple[str, str]]:
        """The query, in its order."""
        return self.request.query_params.multi_items()

    @property
    def is_at_home(self) -> bool:
        """Whether there is such a resource in that folder of the API."""
        known = RESOURCES.get(self.resource)
        return known is not None and (known.folder == "Inventory") is (FOLDER in self.request.url.path)

    @property
    def base(self) -> str:
        """The address without its query, under the host that was asked."""
        url = self.request.url
        return f"{url.scheme}://{self.request.headers['host']}{url.path}"


def _bare(word: str) -> str:
    return next((word.removesuffix(suffix) for suffix in SUFFIXES if word.endswith(suffix)), word)
