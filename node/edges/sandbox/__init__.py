"""The sandbox: a child process per image worker that takes hostile bytes apart and can only answer with bytes.

Takes whole DICOM files from `receive` and `jobs` through a pipe. Gives what the pure functions of `deidentify` give.
Refuses with a code, never with a text of the child: bad bytes, too much memory or time. The child opens no file, socket
or process once it serves, sees no key and no environment, and is ended and replaced when it is late.
"""
