"""The operator's command line: each command parses, calls one flow and prints, for a person or as JSON."""
