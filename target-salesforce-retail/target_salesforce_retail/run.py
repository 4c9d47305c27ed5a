"""From settings to a pipeline with its org and ledger. The Singer target and the companion command both start here."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from target_salesforce_retail.defects import REPORT
from target_salesforce_retail.errors import HoldsExceeded, MappingError, TooManyDeleted
from target_salesforce_retail.invocation import invoked
from target_salesforce_retail.ledger.store import SqlLedger, open_ledger
from target_salesforce_retail.mapping.load import lint_streams, load
from target_salesforce_retail.mapping.preflight import preflight
from target_salesforce_retail.mapping.rules import Mappings
from target_salesforce_retail.merging import Merging
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Arrival, Outcome, Reason, Verdict
from target_salesforce_retail.org.live import LiveOrg
from target_salesforce_retail.org.session import OrgSettings, Session
from target_salesforce_retail.pipeline import Pipeline
from target_salesforce_retail.ports import Org
from target_salesforce_retail.sentences import are, in_number, left_behind
from target_salesforce_retail.stages.inside.bridges import counted, pairs_of
from target_salesforce_retail.stages.inside.common import Common
from target_salesforce_retail.stages.inside.deletions import SETTING, Deletions
from target_salesforce_retail.stages.inside.profiles import Written
from target_salesforce_retail.stages.inside.unkeyed import BOUND, Unkeyed
from target_salesforce_retail.stages.inside.unkeyed import SETTING as BOUND_OF_UNKEYED

LOG = logging.getLogger("target-salesforce-retail")


class Run:
    """One run's pipeline, made when it is first needed: mappings, then the org (preflight), then the ledger.

    Args:
        config: The target's settings.

    Raises:
        MappingError: From any method that needs the mappings: every problem at once, before the first write.
        OrgError: From any method that needs the org.
        LedgerError: From any method that needs the ledger.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        self._arrived: Counter[Verdict] = Counter()
        self._retried: Counter[Verdict] = Counter()
        self._filled = 0
        self._moved: Counter[Verdict] = Counter()
        self._filtered = 0
        self._common = Common()
        self._written = Written()
        self._unkeyed = Unkeyed(int(config.get(BOUND_OF_UNKEYED, BOUND)), LOG.info, LOG.warning)
        self._removed = 0
        self._suspects = 0
        self.merged: list[Merging] = []
        self._defects: set[str | None] = set()
        self._refused_moves: set[tuple[str | None, Reason | None, str | None]] = set()
        self._seen_streams: set[str] = set()
        self._has_begun = False

    @cached_property
    def mappings(self) -> Mappings:
        """What becomes of each stream."""
        return load(Path(self._config["transforms"]))

    @cached_property
    def session(self) -> Session:
        """The HTTP session with the org."""
        return Session(
            OrgSettings(
                login_url=self._config["login_url"],
                client_id=self._config["client_id"],
                client_secret=self._config["client_secret"],
                api_version=self._config["api_version"],
                expected_org_id=self._config.get("expected_org_id"),
                budget_share=float(self._config["api_budget_share"]),
            )
        )

    @cached_property
    def org(self) -> Org:
        """The org."""
        return LiveOrg(self.session)

    @cached_property
    def ledger(self) -> SqlLedger:
        """The ledger, with this run opened in it."""
        ledger = open_ledger(self._config["ledger_url"])
        ledger.open_run()
        return ledger

    @cached_property
    def describes(self) -> dict[str, ObjectDescribe]:
        """What the org says of every object that the mappings name, after every mapping has been held against it."""
        describes, problems = preflight(self.mappings, self.org.describe, self.org.find)
        if problems:
            raise MappingError(problems)
        return describes

    @cached_property
    def pipeline(self) -> Pipeline:
        """The pipeline, once the mappings fit the org and the ledger is this org's."""
        describes = self.describes
        self.ledger.claim(self.session.org_id)
        warned = self.ledger.last_failed_with(TooManyDeleted.__name__)
        deletions = Deletions(float(self._config[SETTING]), warned=warned)
        return Pipeline(
            self.mappings,
            self.org,
            self.ledger,
            describes,
            deletions,
            common=self._common,
            unkeyed=self._unkeyed,
            written=self._written,
        )

    @property
    def _streams(self) -> list[str]:
        """Those that are mapped, parents first."""
        return [mapping.stream for mapping in self.mappings.ordered]

    def rank(self, stream: str) -> int:
        """Where a stream stands: parents before children, unmapped streams last."""
        return self.mappings.rank(stream)

    def is_mapped(self, stream: str) -> bool:
        """True when records of this stream become something."""
        return self.mappings.of(stream) is not None

    @property
    def has_heard(self) -> bool:
        """True once a record has come in, whatever became of it."""
        return bool(self._arrived.total() or self._filtered)

    def count_filtered(self) -> None:
        """Count a record that the user's own ``stream_maps`` have filtered out: it never became an arrival."""
        self._filtered += 1

    def check_schema(self, stream: str, schema: Mapping[str, Any]) -> None:
        """Hold a stream's mapping against its SCHEMA, and at the first mapped stream all mappings against the org."""
        self._seen_streams.add(stream)
        if not self.is_mapped(stream):
            return
        problems = lint_streams(self.mappings, {stream: schema["properties"]})
        if problems:
            raise MappingError(problems)
        if not self._has_begun:
            self._has_begun = True
            self._tell_of_older_mappings()
            self.retry_waiting(decided=True)

    def _tell_of_older_mappings(self) -> None:
        """Say how many records the mappings have not seen since they were changed."""
        digests = self.pipeline.mappings.digests  # the pipeline first: it sees whose ledger it is
        older = sorted(self.ledger.settled_under_others(digests).items())
        if older:
            counted = ", ".join(f"{records:,} {stream}" for stream, records in older)
            LOG.info("%s were settled under an older mapping; each is settled anew when it comes again.", counted)

    def load(self, stream: str, arrivals: Sequence[Arrival]) -> list[Outcome]:
        """Take one stream's batch through the six stages."""
        pipeline = self.pipeline if self.is_mapped(stream) else Pipeline(self.mappings, self.org, self.ledger, {})
        outcomes = pipeline.run(stream, arrivals)
        self._report(stream, outcomes)
        self._removed += sum(outcome.removed for outcome in outcomes)
        self._arrived.update(outcome.verdict for outcome in outcomes)
        self._follow(stream)
        return outcomes

    def finish(self) -> None:
        """Try again what waits for a parent: it may have come in this run. Then close the run."""
        if self._has_begun:
            self.retry_waiting()
            self._merge_suspects()
            self._suspects = len(pairs_of(self.pipeline.renew_suspects()))
        if "ledger" in self.__dict__:
            self.ledger.close_run("done", self.summary())

    def _merge_suspects(self) -> None:
        """Merge whom nobody but us has touched, until nobody is left, and try again what waits for that."""
        is_merging = True
        while is_merging:
            ended = self.pipeline.merge_suspects()
            self.merged += ended
            for each in ended:
                if each.against:
                    LOG.warning("%s", each)
            is_merging = any(not each.against for each in ended)
            if sum(self._retry(stream, self.pipeline.retry_merged(stream)) for stream in self._streams):
                self.retry_waiting()

    def retry_waiting(self, *, decided: bool = False) -> int:
        """Try again what waits and may fare better now, parents first; fill in lookups that were left blank.

        And let those that are filled follow what has moved.

        Args:
            decided: Also what was left for a person, where somebody has decided since. The org is asked for that.

        Returns:
            How many records were tried again, or filled in.
        """
        before = sum(self._retried.values()) + self._filled
        for stream in self._streams:
            outcomes = self.pipeline.retry_decided(stream) if decided else []
            self._retry(stream, [*outcomes, *self.pipeline.retry_waiting(stream)])
            filled = self.pipeline.fill_blanks(stream)
            self._filled += len(filled)
            self._report(stream, filled)
            self._follow(stream)
        return sum(self._retried.values()) + self._filled - before

    def _retry(self, stream: str, outcomes: Sequence[Outcome]) -> int:
        """Count what was tried again."""
        self._retried.update(outcome.verdict for outcome in outcomes)
        self._removed += sum(outcome.removed for outcome in outcomes)
        self._report(stream, outcomes)
        return len(outcomes)

    def _follow(self, stream: str) -> None:
        """Let rows in the org follow the records of a stream that have moved; say which of them may not."""
        if not self.mappings.followers(stream):
            return
        outcomes = self.pipeline.follow(stream)
        self._moved.update(outcome.verdict for outcome in outcomes)
        for outcome in outcomes:
            fault = (outcome.object, outcome.reason, outcome.code)
            if outcome.verdict is Verdict.HELD and fault not in self._refused_moves:
                self._refused_moves.add(fault)
                LOG.warning("%s", left_behind(outcome))

    def moved(self) -> str:
        """How many lookups have followed, and how many could not; empty when none was to."""
        in_vain = self._moved[Verdict.HELD]
        moved = f"; {in_number(self._moved[Verdict.UPDATED], 'lookup')} moved" if self._moved[Verdict.UPDATED] else ""
        return moved + (f"; {in_vain:,} could not be moved, and {are(in_vain)} tried in every run" if in_vain else "")

    def _report(self, stream: str, outcomes: Sequence[Outcome]) -> None:
        """Say once per run and place where the target itself has failed on a record."""
        for outcome in outcomes:
            if outcome.reason is Reason.DEFECT and outcome.code not in self._defects:
                self._defects.add(outcome.code)
                LOG.error("%s: a record is held, for the target failed on it (%s). %s", stream, outcome.code, REPORT)

    def fail(self, note: str) -> None:
        """Close the run as failed."""
        if "ledger" in self.__dict__:
            self.ledger.close_run("failed", note)

    @property
    def profiles_written(self) -> int:
        """How many profiles it has written."""
        return len(self._written.profiles)

    def summary(self) -> str:
        """One line that adds up: what arrived, what became of it, what is held."""
        total = sum(self._arrived.values())
        parts = " + ".join(f"{self._arrived[verdict]:,} {verdict.value}" for verdict in Verdict)
        removed = f"; {self._removed:,} deleted from Salesforce with them" if self._removed else ""
        retried = f"; {in_number(sum(self._retried.values()), 'earlier hold')} tried again" if self._retried else ""
        filled = f"; {in_number(self._filled, 'blank lookup')} filled" if self._filled else ""
        filtered = f"; {self._filtered:,} more filtered out by stream_maps" if self._filtered else ""
        shared = f"; no evidence, for too many share it: {self._common}" if str(self._common) else ""
        pairs = f"; {counted(self._suspects)}, see {invoked('suspects')}" if self._suspects else ""
        persons = f"{self._written}{shared}{pairs}"
        open_holds = self.ledger.open_holds() if "ledger" in self.__dict__ else 0
        held = f"; {open_holds:,} held, see {invoked('holds')}" if open_holds else ""
        return f"{total:,} arrived = {parts}{removed}{filtered}{retried}{filled}{self.moved()}{persons}{held}."

    def missing_streams(self) -> list[str]:
        """A sentence for each stream that holds wait for and that did not come in this run, not even empty."""
        awaited = self.ledger.awaited() if "ledger" in self.__dict__ else {}
        return [
            f"{holds:,} {'holds wait' if holds > 1 else 'hold waits'} for `{stream}`, which did not come in this run: "
            "select it, unless another run brings it; or say `missing: blank` for a lookup that can do without."
            for stream, holds in sorted(awaited.items())
            if stream not in self._seen_streams
        ]

    def enforce_max_holds(self) -> None:
        """Fail the run when it leaves more held than ``max_holds``.

        Raises:
            HoldsExceeded: It did. Everything is settled and acknowledged all the same.
        """
        allowed = self._config.get("max_holds")
        if allowed is None or "ledger" not in self.__dict__:
            return
        held = self.ledger.open_holds(this_run=True)
        if held > allowed:
            raise HoldsExceeded(
                f"{held} records were held, more than max_holds = {allowed}.",
                where="ledger",
                hint=f"See {invoked('holds')}; mend, then {invoked('replay')}.",
            )
