"""DICOMweb over clean images: search (QIDO-RS), retrieve (WADO-RS), store (STOW-RS). Source: PS3.18.

Takes requests that the guard of the web process let in. Gives clean images alone, from headers made after cleaning
and byte ranges of clean files; what is stored goes the way of a C-STORE and can be retrieved only once it is clean,
under its new UIDs. Refuses media types, keys and bodies it does not know with a problem in Korean and English.
"""
