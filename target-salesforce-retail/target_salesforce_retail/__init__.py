"""Singer target that matches, then upserts retail records into Salesforce (read ``pipeline.py`` first)."""

__version__ = "0.1.0"
