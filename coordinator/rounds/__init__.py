"""Rounds of a run.

Takes an offer with its approvals in force; gives, round for round, which sites take part, the sealed instruction, and
the replies sorted into updates, results, refusals and silence. Refuses replies that are not sealed by the site that was
asked, or that answer something else. The states of runs and rounds are tables; nothing here waits for ever.
"""
