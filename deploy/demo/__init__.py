"""The demo: starts real processes on loopback and walks the main job once, through public HTTP and command lines only.

It imports nothing of the two roles. What it knows of a node or the coordinator, their own staff could know too.
"""
