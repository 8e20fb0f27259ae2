"""The client an AI firm installs: submit a training plan as data, follow it, fetch and verify the released model.

Imports `protocols` and httpx only. Believes the coordinator's key and authority of its card and nothing else; a release
that fails one check is not written.
"""
