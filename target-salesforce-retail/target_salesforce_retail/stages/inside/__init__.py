"""What match and plan are made of: folding profiles, resolving references, comparing values."""
