"""Updates become a sum.

Takes updates of one round and the model they began from; gives the next model, the same bits in whatever order the
sites answered. Refuses an update with a tensor too many, too few or of another shape, another scale, a weight beyond
the approval, a norm over the plan's bound, and a second update of one site. Of masked updates it relays what members
say to each other, adds them up and opens the sum alone; it refuses a sum that bounded updates cannot have.
"""
