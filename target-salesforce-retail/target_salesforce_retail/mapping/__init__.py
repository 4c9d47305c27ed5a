"""What a stream becomes: the grammar, the loader that finds every fault at once, and the closed list of converters."""
