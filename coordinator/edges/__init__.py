"""Where the coordinator talks to people and machines: authenticate, parse, call one function, translate."""
