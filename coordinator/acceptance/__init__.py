"""Which model of a run is good enough to leave it.

Takes what the sites measured and the models of all rounds; gives the chosen round. Refuses a model that is not finite,
moved too far, was measured by nobody, or is worse than the weights it began with.
"""
