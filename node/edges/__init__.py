"""Talks to people and machines: authenticate, parse, call one flow, translate. No medical or privacy rule here."""
