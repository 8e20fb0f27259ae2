"""The DICOM port: takes C-ECHO and C-STORE from configured peers, answers success only for what is durable.

Rejects associations with another called AE title and from peers not configured (PS3.8 section 9.3.4). Accepts any
storage SOP class, also private and unknown ones, in the transfer syntax the sender prefers. No data set is parsed here.
"""
