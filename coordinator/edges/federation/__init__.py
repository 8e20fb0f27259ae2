"""The coordinator's side of Flower: the bundle, the control line, the SuperLink, and the courier of sealed frames.

Nothing here reads a frame. Flower's insides are imported in `flower_internals` and nowhere else in the coordinator.
"""
