"""What a stream becomes: the grammar, the loader that finds all problems at once, the closed list of converters."""
