"""The six verbs: check, map, match, plan, send, settle. Each returns; none logs, sleeps or reads the clock."""
