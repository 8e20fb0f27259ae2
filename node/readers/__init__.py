"""People of the hospital, what was verified of them, and how they prove who they are.

Takes names, roles, departments, licences and credentials as IT enters them, applications of specialists, a lay
labeler's pledge and certificates; gives persons, who may be given which case, one-time log-in codes and sessions.
Refuses a role that does not go with another, a reader without a verified licence that still holds, a labeler without
pledge or certificate or outside the house, a code used twice or too late, a password that is too short, and guessing.
"""
