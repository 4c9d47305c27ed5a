"""Which tests a lane runs, declared once (docs/decisions/0023-lanes.md).

``CASES=full`` runs every generated case; else the grids named here are sampled. A lane's sample is the same in every
process and on every machine, and whoever names a test on the command line gets it. ``SHORTCUTS=none`` starts each
command anew and makes each call over a socket; else that is so where a story is about it.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]
FULL = os.environ.get("CASES") == "full"
SHORTCUTS = os.environ.get("SHORTCUTS") != "none"
EXAMPLES = {"default": 12, "full": 60, "quick": 12}
"""What hypothesis tries per law, where the law itself names no number."""
FEWEST = 3
"""Tries of the dearest law."""

SAMPLED: Mapping[str, int] = {
    "tests/journeys/test_colleague.py::test_between_any_two_calls": 1,
    "tests/journeys/test_damaged_input.py::test_half_a_character_and_a_latin_name_hold_their_shoppers": 1,
    "tests/journeys/test_fault_by_call.py::test_any_call_may_fail": 4,
    "tests/journeys/test_fault_by_call.py::test_any_row_may_be_refused": 1,
    "tests/journeys/test_two_runs.py::test_nobody_is_doubled": 1,
    "tests/tap/test_absence.py::test_a_filter_that_is_not_heeded_is_no_deletion": 2,
    "tests/tap/test_absence.py::test_a_page_that_comes_empty_in_the_question_by_id_is_no_evidence": 2,
    "tests/tap/test_absence.py::test_a_right_that_is_taken_away_in_the_middle_is_no_deletion": 2,
    "tests/tap/test_absence.py::test_a_table_that_is_not_there_has_not_been_deleted": 2,
    "tests/tap/test_faults.py::test_a_closed_stream_is_passed_over_and_none_of_it_is_taken_for_read": 2,
    "tests/tap/test_faults.py::test_a_fault_that_passes_costs_nothing_but_time": 5,
    "tests/tap/test_faults.py::test_a_fault_that_stays_ends_the_run_and_the_next_goes_on": 4,
    "tests/tap/test_faults.py::test_changes_that_a_fault_hides_come_with_the_next_run": 2,
    "tests/tap/test_faults.py::test_in_a_storm_the_runs_together_tell_everything": 1,
    "tests/tap/test_faults_of_tokens.py::test_a_refresh_that_fails_is_tried_again": 3,
    "tests/tap/test_faults_that_lie.py::test_a_page_that_leads_to_itself_ends_the_run": 2,
    "tests/tap/test_faults_that_lie.py::test_the_clock_of_the_server_may_be_wrong_for_a_while": 3,
    "tests/tap/test_follow.py::test_bad_days_are_told_while_they_happen": 1,
    "tests/tap/test_loses_nothing.py::test_a_bad_day_under_every_doubt": 1,
    "tests/tap/test_loses_nothing.py::test_a_tap_killed_after_any_page_repeats_at_most_one": 1,
    "tests/tap/test_loses_nothing.py::test_bad_days_and_a_tap_that_is_killed": 1,
    "tests/tap/test_loses_nothing.py::test_what_a_cursor_tells_comes_with_the_next_run": 1,
    "tests/tap/test_loses_nothing.py::test_what_no_cursor_tells_comes_with_the_full_scan": 1,
    "tests/tap/test_moved_sales.py::test_whatever_happens_meanwhile": 1,
    "tests/tap/test_old_state.py::test_a_run_goes_on_from_a_state_of_the_version_before": 2,
    "tests/tap/test_proof_answers.py::test_an_answer_to_a_page": 8,
    "tests/tap/test_proof_answers.py::test_an_answer_to_a_refresh": 6,
    "tests/target/test_arrivals_fuzz.py::test_lines_of_all_kinds": 1,
    "tests/target/test_every_field.py::test_a_value_that_is_not_sound": 4,
    "tests/target/test_every_field.py::test_a_value_that_is_too_long": 2,
    "tests/target/test_every_field.py::test_a_value_that_the_org_refuses": 2,
    "tests/target/test_isolate.py::test_a_row_that_a_step_fails_on_is_held_and_its_neighbours_go_in": 20,
    "tests/target/test_one_row.py::test_a_row_that_spoils_every_call_is_held_alone": 3,
    "tests/target/test_profiles.py::test_no_rule_undoes_what_a_person_has_decided": 2,
    "tests/target/test_profiles.py::test_profiles_are_kept_as_if_shoppers_came_one_by_one": 2,
    "tests/target/test_profiles.py::test_the_same_once_more_writes_nothing_with_a_ledger_or_without": 2,
    "tests/target/test_proof_faults.py::test_a_row_alone": 26,
    "tests/target/test_proof_faults.py::test_a_row_among_others": 10,
    "tests/target/test_proof_faults.py::test_what_passes_while_it_is_tried_costs_nothing": 8,
    "tests/target/test_retired.py::test_company_changes_nothing": 3,
    "tests/target/test_retired.py::test_they_never_fight": 1,
}
"""Generated grids, each with how many of its cases run by default. Every case of them is run by ``CASES=full``."""

LONG = (
    "tests/target/test_cases.py",
    "tests/target/test_common.py",
    "tests/target/test_company.py",
    "tests/target/test_company_money.py",
    "tests/target/test_company_of_leads.py",
    "tests/target/test_company_of_rules.py",
    "tests/target/test_deletions.py",
    "tests/target/test_fillers.py",
    "tests/target/test_arrivals_fuzz.py",
    "tests/target/test_ledger_laws.py",
    "tests/target/test_moved.py",
    "tests/target/test_one_of_two_laws.py",
    "tests/target/test_order.py",
    "tests/target/test_plan_is_a_run.py",
    "tests/target/test_profiles.py",
    "tests/target/test_singer_suite.py",
    "tests/tap/test_fuzz.py",
    "tests/tap/test_catalog_door.py",
    "tests/tap/test_settings_door.py",
    "tests/tap/test_state_door.py",
)
"""Modules without a server that are no part of the inner loop: laws and fuzzing."""

SERVERS = ("sandbox", "benchmarks", "subprocess", "multiprocessing")
"""A test module that imports one of these, itself or by a helper, starts a server or a process."""


def examples(whole: int) -> int:
    """How many hypothesis tries of a law that is dear.

    Args:
        whole: With every case; the default has a fifth of them, ``LAWS=10`` ten times as many.
    """
    return max(FEWEST, round(whole * float(os.environ.get("LAWS", "1" if FULL else "0.2"))))


def sampled_out(ids: Iterable[str]) -> set[str]:
    """The ids that a default run leaves out: of each grid all but its sample, chosen by the ids alone."""
    grids: dict[str, list[str]] = {name: [] for name in SAMPLED}
    for each in ids:
        grids.get(each.partition("[")[0], []).append(each)
    return {each for name, cases in grids.items() for each in sorted(cases, key=_draw)[SAMPLED[name] :]}


def _draw(node_id: str) -> str:
    return sha256(node_id.encode()).hexdigest()


@cache
def is_quick(module: Path) -> bool:
    """Whether a module belongs to the inner loop: the tap's and the target's own, no server, no process, not long."""
    name = module.relative_to(ROOT).as_posix()
    return name.startswith(("tests/tap/", "tests/target/")) and name not in LONG and not _starts_something(module)


def _starts_something(module: Path) -> bool:
    seen, waiting = {module}, [module]
    while waiting:
        for name in imports(waiting.pop()):
            if name.partition(".")[0] in SERVERS:
                return True
            helper = ROOT / f"{name.replace('.', '/')}.py"
            if name.startswith("tests.") and helper.is_file() and helper not in seen:
                seen.add(helper)
                waiting.append(helper)
    return False


def imports(module: Path) -> Iterator[str]:
    """Dotted names of all that a module under the repository's root imports, also within functions."""
    package = module.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            within = package[: len(package) - node.level + 1] if node.level else ()
            name = ".".join((*within, *(node.module or "").split("."))).strip(".")
            yield name
            yield from (f"{name}.{alias.name}" for alias in node.names)
