"""De-identification: takes received DICOM bytes and a replacement made with keys, gives a clean image or a quarantine.

Takes the original bytes of one instance: `summary.summarise` says what must be replaced, `pseudonyms.replacement` makes
the replacement from the node's key. Gives a `CleanImage`: new UIDs, a pseudonym, shifted dates, of free text only what
the site's policy keeps once cleaned, the pixel data byte for byte. Refuses, as a verdict with a reason, what cannot be
cleaned by its header alone. The parse itself never sees a key, so it can run in the sandbox.
"""
