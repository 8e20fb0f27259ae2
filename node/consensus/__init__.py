"""What several blind readings say together.

Takes the readings of a case once all are in; gives per question the winning option with its posterior, or no option,
and who dissented. Refuses to speak before the last reading.
"""
