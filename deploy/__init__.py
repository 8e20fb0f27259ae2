"""How Intramuros is started: takes the roles as they are, gives processes, refuses to know their insides.

Of our own packages only `protocols` may be imported here; the roles are started as processes and spoken to over
their public doors.
"""
