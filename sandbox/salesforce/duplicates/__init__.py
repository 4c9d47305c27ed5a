"""Duplicate management: the standard rules of a new org, and those an administrator adds."""

from __future__ import annotations

from sandbox.salesforce.duplicates.custom import DuplicateRule
from sandbox.salesforce.duplicates.standard import StandardRules

__all__ = ["DuplicateRule", "StandardRules"]
