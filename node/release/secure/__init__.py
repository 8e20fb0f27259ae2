"""Secure aggregation, the node's side: its update leaves masked, and the mask opens only for a sum it agreed to.

Takes the coordinator's instructions and the other hospitals' sealed words; gives the next state of a round and the
message that may leave. Believes hospitals alone, by the keys of the roster. Refuses a key nobody vouched for, members
or thresholds other than the plan's and the run's, an older attempt, a second model or list, peers or models that differ
between members, lists too short or without itself; a lie ends the attempt and its secrets are destroyed. Never shows
both shares of one member. Pure: states in, states out; time, storage and the line are elsewhere.
Not held off here: two rounds over almost the same model whose lists differ. The very same model or update is refused;
what the difference of two like ones tells of a hospital, only the noise of a privacy plan bounds.
"""
