"""Vendor row -> canonical record. Pure, and the only room with R-Series field names.

Amounts stay ``Decimal``; how values are written is ``fields.py``'s business.
"""
