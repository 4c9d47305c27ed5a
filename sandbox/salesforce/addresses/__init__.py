"""State and country picklists: code fields beside the texts, and both in step (docs/vendors/salesforce.md, states)."""

from __future__ import annotations

from sandbox.salesforce.addresses.codes import with_codes
from sandbox.salesforce.addresses.step import in_step

__all__ = ["in_step", "with_codes"]
