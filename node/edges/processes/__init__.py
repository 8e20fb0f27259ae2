"""The node's process tree: a supervisor that starts, watches, restarts and ends its children; reads no patient data."""
