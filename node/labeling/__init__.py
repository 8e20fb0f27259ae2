"""Cases and what readers say about them: project, case, assignment, draft, reading, and who may see which.

Takes admitted images and label schemas; gives readings, immutable and hash-chained, one per reader and case. Refuses a
second reading by the same reader, an answer the schema does not know, a draft written over a newer one, and every look
at another reader's work before one's own is submitted.
"""
