"""The commands beside the Singer command, and the org in memory that the cases of the mappings run on."""
