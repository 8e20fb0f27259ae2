"""What several blind readings say together, and how well they agree.

Takes the readings of a case once all are in; gives per question the winning option with its posterior, or no option,
and who dissented; takes the closed readings of a project and gives agreement with intervals. Refuses to speak before
the last reading, and to show a figure that speaks of one reader to anybody but that reader.
"""
