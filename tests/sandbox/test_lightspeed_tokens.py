"""The authorization server: codes, rotation, reuse, revocation, scopes, and what a JWT says.

Source: docs/vendors/lightspeed-r-series.md, tokens.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests

from sandbox.clock import Clock
from sandbox.lightspeed.resources import RESOURCES
from sandbox.lightspeed.scopes import PUBLIC, named, opens
from sandbox.serve import running
from tests.sandbox.lightspeed_client import Retail

START = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)
DAY = 86_400
VERIFIER = "v" * 43
EXPIRED, REVOKED = "Access token could not be verified", "Access token has been revoked"


@pytest.fixture
def retail() -> Iterator[Retail]:
    with running(clock=Clock(START)) as box:
        yield Retail(box)


@pytest.fixture(scope="module")
def served() -> Iterator[Retail]:
    with running(clock=Clock(START)) as box:
        yield Retail(box)


@pytest.fixture
def shared(served: Retail) -> Retail:
    """One server for the tests that leave nothing behind; a minute after the one before."""
    served.box.clock.advance(61)
    served.renew()
    return served


def said(answer: requests.Response) -> tuple[int, str]:
    """Status, and the error or the hint of a 401."""
    body = answer.json()
    return answer.status_code, body.get("hint", "") if answer.status_code == 401 else body.get("error", "")


def use(retail: Retail, token: str) -> int:
    return retail.call("/API/V3/Account.json", token).status_code


def authorized(retail: Retail, **more: str) -> dict[str, str]:
    """What the browser brings back."""
    client_id = retail.box.lightspeed_client[0]
    asked = {"response_type": "code", "client_id": client_id, "redirect_uri": "https://x.example", "state": "s"}
    answer = requests.get(
        f"{retail.box.lightspeed_url}/auth/oauth/authorize", params={**asked, **more}, timeout=5, allow_redirects=False
    )
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def redeemed(retail: Retail, code: str, **more: str) -> requests.Response:
    return retail.grant(grant_type="authorization_code", code=code, **more)


def granted(retail: Retail, scope: str) -> str:
    """An access token with these scopes."""
    token: str = redeemed(retail, authorized(retail, scope=scope)["code"]).json()["access_token"]
    return token


def test_a_refresh_may_be_repeated_until_its_access_token_is_used(retail: Retail) -> None:
    """Each time with another pair; then it is over, and only with the newest goes it on."""
    spent = retail.refresh_token
    first, second = retail.refresh(spent).json(), retail.refresh(spent).json()
    assert len({first["access_token"], second["access_token"], first["refresh_token"], second["refresh_token"]}) == 4
    assert use(retail, second["access_token"]) == 200
    assert said(retail.refresh(spent)) == (400, "invalid_grant")
    assert retail.refresh(second["refresh_token"]).status_code == 200
    assert retail.counters()["tokens"]["reused"] == 1


def test_a_call_that_is_refused_for_another_reason_is_a_use(retail: Retail) -> None:
    """Authenticating is what counts, not the answer."""
    spent = retail.refresh_token
    fresh = retail.refresh(spent).json()
    assert retail.call("Nonsense.json", fresh["access_token"]).status_code == 404
    assert said(retail.refresh(spent)) == (400, "invalid_grant")


@pytest.mark.parametrize("ends", ["true", "false"])
def test_reuse_ends_all_tokens_or_itself_alone(ends: str) -> None:
    """By the switch."""
    with running(switches={"reuse_revokes_all": ends}, clock=Clock(START)) as box:
        retail = Retail(box)
        assert use(retail, retail.token) == 200
        retail.refresh(box.lightspeed_client[2])
        assert use(retail, retail.token) == (401 if ends == "true" else 200)
        assert retail.refresh(retail.refresh_token).status_code == (400 if ends == "true" else 200)


def test_an_unused_refresh_token_lives_for_thirty_days(retail: Retail) -> None:
    """Each use is a new beginning for the one it brings."""
    retail.box.clock.advance(30 * DAY)
    retail.renew()
    retail.box.clock.advance(30 * DAY)
    retail.renew()
    retail.box.clock.advance(30 * DAY + 1)
    assert said(retail.refresh(retail.refresh_token)) == (400, "invalid_grant")


def test_an_access_token_lives_for_an_hour(retail: Retail) -> None:
    """Then it could not be verified; long after, it has been revoked. So has one that nobody gave: not verified."""
    retail.box.clock.advance(3599)
    assert use(retail, retail.token) == 200
    retail.box.clock.advance(1)
    assert said(retail.call("Sale.json")) == (401, EXPIRED)
    retail.box.clock.advance(2 * DAY)
    assert said(retail.call("Sale.json")) == (401, REVOKED)
    assert said(retail.call("Sale.json", "nonsense")) == (401, EXPIRED)


def test_a_code_is_good_for_a_minute_and_once(shared: Retail) -> None:
    code = authorized(shared)["code"]
    shared.box.clock.advance(59)
    assert redeemed(shared, code).status_code == 200
    assert said(redeemed(shared, code)) == (400, "invalid_grant")
    late = authorized(shared)["code"]
    shared.box.clock.advance(60)
    assert said(redeemed(shared, late)) == (400, "invalid_grant")


S256 = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("challenge", "verifier", "status"),
    [
        ({"code_challenge": S256, "code_challenge_method": "S256"}, VERIFIER, 200),
        ({"code_challenge": S256, "code_challenge_method": "S256"}, "w" * 43, 400),
        ({"code_challenge": S256, "code_challenge_method": "S256"}, "", 400),
        ({"code_challenge": VERIFIER, "code_challenge_method": "plain"}, VERIFIER, 200),
        ({"code_challenge": VERIFIER}, VERIFIER, 200),
        ({"code_challenge": VERIFIER}, "w" * 43, 400),
        ({"code_challenge": "short", "code_challenge_method": "plain"}, "short", 400),
    ],
)
def test_the_verifier_fits_its_challenge(shared: Retail, challenge: dict[str, str], verifier: str, status: int) -> None:
    """S256 and plain, which is what no method means; 43 characters at least."""
    code = authorized(shared, **challenge)["code"]
    assert redeemed(shared, code, code_verifier=verifier).status_code == status


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"grant_type": "refresh_token"}, (400, "invalid_request")),
        ({"grant_type": "authorization_code"}, (400, "invalid_request")),
        ({"grant_type": "refresh_token", "refresh_token": "never issued"}, (400, "invalid_grant")),
        ({"grant_type": "authorization_code", "code": "never issued"}, (400, "invalid_grant")),
        ({"grant_type": "refresh_token", "refresh_token": "x", "scope": "employee:moon"}, (400, "invalid_scope")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
        ({"grant_type": "refresh_token", "client_secret": "wrong"}, (401, "Client authentication failed")),
        ({"grant_type": "refresh_token", "client_id": "other"}, (401, "Client authentication failed")),
    ],
)
def test_what_the_token_endpoint_refuses(shared: Retail, form: dict[str, str], expected: tuple[int, str]) -> None:
    assert said(shared.grant(**form)) == expected


def test_tokens_are_asked_for_by_post(shared: Retail) -> None:
    answer = requests.get(f"{shared.box.lightspeed_url}/auth/oauth/token", timeout=5)
    assert said(answer) == (405, "invalid_request")


def test_a_scope_that_nobody_grants_is_sent_back(shared: Retail) -> None:
    """To where the person came from."""
    assert authorized(shared, scope="employee:moon") == {"error": "invalid_scope", "state": "s"}


@pytest.mark.parametrize("encoding", ["json", "data", "files"])
def test_the_form_comes_in_three_encodings(retail: Retail, encoding: str) -> None:
    """JSON, urlencoded, multipart."""
    client_id, secret, _ = retail.box.lightspeed_client
    form: dict[str, Any] = {"client_id": client_id, "client_secret": secret, "grant_type": "refresh_token"}
    form["refresh_token"] = retail.refresh_token
    body = {name: (None, value) for name, value in form.items()} if encoding == "files" else form
    answer = requests.post(f"{retail.box.lightspeed_url}/auth/oauth/token", timeout=5, **{encoding: body})
    assert answer.status_code == 200
    assert use(retail, answer.json()["access_token"]) == 200


@pytest.mark.parametrize("body", [b"{", b"[1]"])
def test_a_body_that_is_no_form_is_an_empty_one(shared: Retail, body: bytes) -> None:
    url, headers = f"{shared.box.lightspeed_url}/auth/oauth/token", {"Content-Type": "application/json"}
    assert requests.post(url, data=body, headers=headers, timeout=5).status_code == 401


@pytest.mark.parametrize(("strict", "status"), [("true", 400), ("false", 200)])
def test_a_scope_on_refresh_is_refused_or_not(strict: str, status: int) -> None:
    """By the switch."""
    with running(switches={"strict_refresh": strict}, clock=Clock(START)) as box:
        retail = Retail(box)
        answer = retail.refresh(retail.refresh_token, scope="employee:register_read")
        assert answer.status_code == status
        assert strict == "false" or said(answer) == (400, "invalid_grant")


def test_the_token_says_what_it_is(shared: Retail) -> None:
    """A JWT that the published key verifies; its instants are floats; there are no scopes beside it."""
    pair = shared.refresh(shared.refresh_token).json()
    assert set(pair) == {"token_type", "expires_in", "access_token", "refresh_token"}
    (key,) = requests.get(f"{shared.box.lightspeed_url}/.well-known/jwks", timeout=5).json()["keys"]
    head = jwt.get_unverified_header(pair["access_token"])
    assert (head["alg"], head["kid"]) == ("RS256", key["kid"])
    lax = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    claims = jwt.decode(
        pair["access_token"], jwt.PyJWK(key).key, algorithms=["RS256"], audience="sandbox-client", options=lax
    )
    assert claims["acct"] == shared.box.account_id
    assert claims["iss"] == "https://cloud.lightspeedapp.com"
    assert "employee:register_read" in claims["scope"].split()
    assert all(isinstance(claims[name], float) for name in ("iat", "nbf", "exp"))
    assert claims["exp"] - claims["iat"] == pair["expires_in"]
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(f"{pair['access_token'][:-8]}AAAAAAAA", jwt.PyJWK(key).key, algorithms=["RS256"], options=lax)


def test_a_token_can_be_looked_into(shared: Retail) -> None:
    """For debugging; a bad one is a 401."""
    found = shared.call("/auth/oauth/introspect")
    assert found.json()["active"] is True
    assert "employee:register_read" in found.json()["scope"].split()
    assert said(shared.call("/auth/oauth/introspect", "nonsense")) == (401, EXPIRED)


def test_the_session_says_who_has_come(shared: Retail) -> None:
    """Account, shops, rights, and the employee, who came in at a time with an offset of its own."""
    assert "Employee" not in shared.call("/API/Session.json").json()
    shared.box.world.put("Employee", {"employeeID": 2, "firstName": "Jo", "lastName": "Keeper"})
    body = shared.call("/API/Session.json").json()
    assert (body["systemCustomerID"], body["shopCount"]) == (shared.box.account_id, "0")
    assert body["Rights"]["register_read"] == "true"
    assert body["Employee"]["employeeID"] == "2"
    assert body["Employee"]["checkedInAt"].endswith("-04:00")


def revoke(retail: Retail, **more: str) -> requests.Response:
    client_id, secret, _ = retail.box.lightspeed_client
    form = {"client_id": client_id, "client_secret": secret, "refresh_token": retail.refresh_token, **more}
    return requests.post(f"{retail.box.lightspeed_url}/auth/oauth/revoke", data=form, timeout=5)


def test_what_is_revoked_is_over(retail: Retail) -> None:
    """The refresh token, and the access token that came with it; not by somebody else."""
    assert revoke(retail, client_secret="wrong").status_code == 401
    assert use(retail, retail.token) == 200
    assert revoke(retail).status_code == 200
    assert said(retail.call("Sale.json")) == (401, REVOKED)
    assert said(retail.refresh(retail.refresh_token)) == (400, "invalid_grant")


def test_a_merchant_takes_the_grant_back(retail: Retail) -> None:
    """Everything that was given is over."""
    older = retail.refresh(retail.refresh_token).json()["access_token"]
    retail.admin("grant", method="DELETE")
    assert [said(retail.call("Sale.json", token)) for token in (older, retail.token)] == [(401, REVOKED)] * 2
    assert said(retail.refresh(retail.refresh_token)) == (400, "invalid_grant")


def test_a_locked_employee_stops_the_token(retail: Retail) -> None:
    """Until they are let in again."""
    retail.admin("grant", {"locked": True})
    assert said(retail.call("Sale.json")) == (401, REVOKED)
    assert said(retail.refresh(retail.refresh_token)) == (400, "invalid_grant")
    retail.admin("grant", {"locked": False})
    assert retail.call("Sale.json").status_code == 200


def test_fewer_rights_of_the_employee_shrink_the_token(retail: Retail) -> None:
    """403 where it does not go any more, and the session says what is left; never more than was granted."""
    retail.admin("grant", {"rights": "employee:customers_read employee:admin"})
    assert retail.call("Customer.json").status_code == 200
    refused = retail.call("Sale.json")
    assert (refused.status_code, refused.json()["httpCode"]) == (403, "403")
    assert "Sale" in refused.json()["message"]
    assert retail.call("/API/Session.json").json()["Rights"] == {"customers_read": "true"}


NEEDS = {
    "Sale": "register_read",
    "SaleLine": "register_read",
    "SalePayment": "register_read",
    "Shop": "register_read",
    "Register": "register_read",
    "PaymentType": "register_read",
    "RegisterCount": "register_read",
    "Customer": "customers_read",
    "CreditAccount": "customers_read",
    "Quote": "customers_read",
    "Item": "inventory_read",
    "ItemMatrix": "inventory_read",
    "ItemShop": "inventory_read",
    "SaleVoid": "admin_void_sale",
    "InventoryLog": "product_cost",
    "Order": "purchase_orders",
    "SpecialOrder": "special_orders",
    "Workorder": "workbench",
}


@pytest.mark.parametrize(("resource", "scope"), NEEDS.items())
def test_a_resource_opens_to_the_scope_of_the_table(resource: str, scope: str) -> None:
    """Whether read-only scopes suffice is a switch, and only for them (docs/vendors/lightspeed-r-series.md, scopes)."""
    assert opens(named(f"employee:{scope}"), resource, read_scopes_suffice=True)
    named_by_its_page = scope in RESOURCES[resource].scopes
    assert opens(named(f"employee:{scope}"), resource, read_scopes_suffice=False) is named_by_its_page
    assert opens(frozenset({"all"}), resource, read_scopes_suffice=False)
    assert not opens(frozenset({"tags"}), resource, read_scopes_suffice=True)
    assert scope in PUBLIC


@pytest.mark.parametrize(("suffice", "status"), [("true", 200), ("false", 403)])
def test_a_missing_scope_is_403_for_its_resource_alone(suffice: str, status: int) -> None:
    """Lists and single rows; the switch decides on read-only scopes. Master data asks for none."""
    with running(switches={"read_scopes_suffice": suffice}, clock=Clock(START)) as box:
        retail = Retail(box)
        box.world.put("Sale", {"saleID": 1})
        token = granted(retail, "employee:register_read")
        assert retail.call("Sale.json", token).status_code == status
        assert retail.call("Sale/1.json", token).status_code == status
        assert retail.call("Workorder.json", token).status_code == 403
        assert retail.call("Category.json", token).status_code == 200
        assert retail.call("Sale.json", granted(retail, "employee:register")).status_code == 200


def test_a_gift_cards_code_is_masked_without_its_scope(retail: Retail) -> None:
    """On lists, single rows and nested; with it, it is said whole."""
    retail.box.world.put("CreditAccount", {"creditAccountID": 3, "code": "2312345678904", "giftCard": True})
    retail.box.world.put("Customer", {"customerID": 1, "creditAccountID": 3})
    whole = granted(retail, "employee:customers_read employee:customers_view_gift_card_numbers")
    for token, code in ((retail.token, "**********8904"), (whole, "2312345678904")):
        assert retail.call("CreditAccount.json", token, giftCard="true").json()["CreditAccount"]["code"] == code
        assert retail.call("CreditAccount/3.json", token).json()["CreditAccount"]["code"] == code
        shopper = retail.call("Customer/1.json", token, load_relations='["CreditAccount"]').json()["Customer"]
        assert shopper["CreditAccount"]["code"] == code
