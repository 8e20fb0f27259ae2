"""The DICOM port: takes C-ECHO and C-STORE from configured peers, answers success only for what is durable.

Rejects associations with another called AE title and from peers not configured (PS3.8 section 9.3.4); one too many
waits in line. Accepts any storage SOP class, also private and unknown ones, compressed before uncompressed. Plain
storage is served by own code from the socket to the sealed file, everything else by pynetdicom. No data set is parsed.
"""
