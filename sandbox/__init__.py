"""Both vendors on loopback, with weather. Shares no code with the tap or the target."""
