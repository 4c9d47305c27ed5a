"""Who is behind a session: the identity URL and OpenID's userinfo."""

from __future__ import annotations

from typing import Any

from sandbox.salesforce.calls import Answer
from sandbox.salesforce.rows import Org

_NAMES = ("enterprise", "metadata", "partner", "rest", "sobjects", "search", "query", "recent")


def identity(org: Org, base: str) -> Answer:
    """``GET /id/{org}/{user}``, whose address every token answer gives as ``id``."""
    user = org.tables["User"][org.user_id]
    return Answer(
        200,
        {
            "id": f"{base}/id/{org.org_id}/{org.user_id}",
            "asserted_user": True,
            "user_id": org.user_id,
            "organization_id": org.org_id,
            "username": user["Username"],
            "nick_name": user["Alias"],
            "display_name": user["Name"],
            "email": user["Email"],
            "email_verified": True,
            "first_name": user["FirstName"],
            "last_name": user["LastName"],
            "timezone": "Etc/UTC",
            "photos": {},
            "addr_street": None,
            "addr_city": None,
            "addr_state": None,
            "addr_country": None,
            "addr_zip": None,
            "mobile_phone": None,
            "mobile_phone_verified": False,
            "is_lightning_login_user": False,
            "status": {"created_date": None, "body": None},
            "urls": _urls(base),
            "active": user["IsActive"],
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "utcOffset": 0,
            "last_modified_date": user["LastModifiedDate"],
            "is_app_installed": True,
        },
    )


def userinfo(org: Org, base: str) -> Answer:
    """``GET /services/oauth2/userinfo``."""
    user = org.tables["User"][org.user_id]
    return Answer(
        200,
        {
            "sub": f"{base}/id/{org.org_id}/{org.user_id}",
            "user_id": org.user_id,
            "organization_id": org.org_id,
            "preferred_username": user["Username"],
            "nickname": user["Alias"],
            "name": user["Name"],
            "email": user["Email"],
            "email_verified": True,
            "given_name": user["FirstName"],
            "family_name": user["LastName"],
            "zoneinfo": "Etc/UTC",
            "photos": {},
            "urls": _urls(base),
            "active": user["IsActive"],
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "utcOffset": 0,
            "updated_at": user["LastModifiedDate"],
            "is_app_installed": True,
        },
    )


def _urls(base: str) -> dict[str, Any]:
    """Addresses with ``{version}`` left for the client to fill in; the SOAP ones are given as orgs give them."""
    rest = f"{base}/services/data/v{{version}}/"
    places = {"enterprise": "Soap/c", "metadata": "Soap/m", "partner": "Soap/u"}
    soap = {name: f"{base}/services/{place}/{{version}}/00D" for name, place in places.items()}
    return {name: soap.get(name, rest if name == "rest" else f"{rest}{name}/") for name in _NAMES}
