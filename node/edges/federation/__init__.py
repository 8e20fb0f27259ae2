"""The line to the federation: takes sealed frames from Flower, gives sealed frames back, refuses all shipped code.

Nothing here reads a frame. Flower's insides are imported in `flower_internals` and nowhere else in the node.
"""
