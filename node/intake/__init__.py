"""Intake: takes DICOM instances from peers and folders, gives received images that nothing can lose, twice or half.

Gives, for each instance, a received image with a random identifier, its bytes sealed, its place in the queue; a patient
number of the node's own. An exclusion binds first. Refuses what is too large or finds no room, so that the
sender keeps it; quarantines with a reason the same instance UID with other bytes, and files that cannot be read.
"""
