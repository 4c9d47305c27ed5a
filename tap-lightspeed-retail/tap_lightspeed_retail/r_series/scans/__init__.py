"""The kinds of reading of one source, a file each. Each can be left after any batch and taken up again."""
