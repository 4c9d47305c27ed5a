"""The contract: one JSON Schema per canonical stream, the same for both series."""
