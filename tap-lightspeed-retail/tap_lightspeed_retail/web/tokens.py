"""The token store: the rotating pair of one connection, kept where every run finds it.

A pair is on disk before it is used (temporary file, fsync, rename, mode 0600), so that a crash at any point
leaves either the old pair, which still works, or the new one. A lock across processes lets one of them refresh;
the others adopt.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tap_lightspeed_retail.errors import AUTHORIZE, SettingsError

NO_FILE = "no file can have this name"


@dataclass(frozen=True)
class Tokens:
    """A pair.

    Attributes:
        refresh_token: For the next refresh.
        access_token: Empty before the first refresh.
        expires_at: Of the access token, epoch seconds.
        previous_refresh_token: Works until the access token is first used; empty when there is none.
        refreshed_at: Epoch seconds; a refresh token that nobody uses dies after 30 days.
        seed: Digest of the setting that the pair grew from; of nothing, where a person has authorized the tap.
        attempts: When tokens were asked for lately, epoch seconds: five a minute are allowed to all processes together.
    """

    refresh_token: str
    access_token: str = ""
    expires_at: float = 0.0
    previous_refresh_token: str = ""
    refreshed_at: float = 0.0
    seed: str = ""
    attempts: tuple[float, ...] = ()

    def __repr__(self) -> str:
        return "Tokens(...)"  # never in a log


class TokenStore:
    """One file, and a lock beside it.

    Args:
        path: The file; its folder is made when it is not there.
        seed: The refresh token of the settings: where the chain of pairs begins, and begins anew when it changes.
            Without one, the chain is whatever the file holds, which ``authorize`` has begun.

    Raises:
        SettingsError: From any method: the file cannot be read or written, or there is no token at all.
    """

    def __init__(self, path: Path, seed: str = "") -> None:
        self._path = path
        self._seed = seed
        self._digest = hashlib.sha256(seed.encode()).hexdigest()

    def load(self) -> Tokens:
        """The current pair; the seed, when there is none or the setting has changed."""
        try:
            tokens = Tokens(**json.loads(self._path.read_text("utf-8")))
        except FileNotFoundError:
            return self._first()
        except (OSError, ValueError, TypeError) as error:
            raise self._trouble("read", error, "it holds no token pair") from None
        is_ours = not self._seed or tokens.seed == self._digest
        return replace(tokens, attempts=tuple(tokens.attempts)) if is_ours else self._first()

    def _first(self) -> Tokens:
        if not self._seed:
            raise SettingsError(
                "There is no token yet: the token store does not exist, and refresh_token is not set.",
                where="token_store",
                hint=f"Run {AUTHORIZE}, or set refresh_token.",
            )
        return Tokens(self._seed, seed=self._digest)

    def save(self, tokens: Tokens) -> None:
        """Put a pair on disk, all or nothing, before anybody uses it."""
        try:
            fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                json.dump({**asdict(tokens), "seed": self._digest}, file)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except (OSError, ValueError) as error:
            raise self._trouble("written", error, NO_FILE) from None

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Held by whoever refreshes; waits for the other processes of the same store."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path.with_name(f"{self._path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except (OSError, ValueError) as error:
            raise self._trouble("locked", error, NO_FILE) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _trouble(self, done: str, error: Exception, otherwise: str) -> SettingsError:
        kind = error.strerror if isinstance(error, OSError) else otherwise
        return SettingsError(
            f"The token store cannot be {done}: {kind}.",
            where="token_store",
            hint="Point token_store at a file that this user may read and write and that outlives the run.",
        )
