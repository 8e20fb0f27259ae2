"""The api process: site and partner routes that the front passes on, and the operator's page on the same loopback port.

Each route authenticates, parses, calls one flow and translates. The front passes `/api/` only, so that `/operator/` is
reached from this machine alone.
"""
