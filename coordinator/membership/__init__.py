"""Who belongs to the federation.

Takes invitations and sealed enrolment requests; gives sites (waiting, admitted, removed) with their certified
transport keys, and partners. Refuses an invitation that is unknown, expired or used, a transport key that the site's
identity does not certify, and an admission whose fingerprint was not the one read out by voice.
"""
