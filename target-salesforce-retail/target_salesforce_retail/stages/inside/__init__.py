"""What match and plan are made of: the picture of the org, evidence, references, values."""
