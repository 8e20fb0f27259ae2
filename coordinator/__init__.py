"""Outside the hospitals: membership, offers, rounds, aggregation, publication."""
