"""A model leaves the coordinator.

Takes the chosen model, the record of its rounds and what sites measured as attackers; gives model.safetensors and a
sealed passport. Refuses a release whose attack light the plan's policy or a hospital's approval does not allow.
"""
