"""Figures, printed and never asserted: records per second, calls per thousand records, memory."""
