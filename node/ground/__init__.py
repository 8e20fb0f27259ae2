"""The pavement every station stands on: clock, ids, keys, audit events, errors, texts, configuration."""
