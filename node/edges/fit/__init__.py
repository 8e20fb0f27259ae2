"""The edge to the fit child: a process of its own per plan that trains, can be killed, and reaches nothing.

Takes a training export and weights, gives raw updates, figures and scores over a pair of pipes. Refuses what is not one
of its frames, and answers a failure with a code, never with a text.
"""
