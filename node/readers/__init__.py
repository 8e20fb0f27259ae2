"""People of the hospital, and how they prove who they are.

Takes names, roles, departments and credentials as IT enters them; gives persons, one-time log-in codes and sessions.
Refuses a role that does not go with another, a reader without a verified licence, a code used twice or too late, a
password that is too short, and guessing.
"""
