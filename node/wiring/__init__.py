"""Where parts meet: every port is given its implementation here, and nowhere else.

`__main__` names the processes and commands; each module here builds one of them. No rule lives here.
"""
