"""What may cross the hospital wall.

Every value that leaves or enters a hospital is one of the types in this package: frozen, versioned, bounded, and turned
into bytes by `protocols.encoding`, signed by `protocols.signing`. The package knows bytes, never HTTP, Flower or SQL.
"""
