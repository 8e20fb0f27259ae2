"""The pavement of the coordinator: clock, ids, keys, errors, configuration."""
