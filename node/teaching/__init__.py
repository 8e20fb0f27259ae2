"""What somebody was taught and examined for, and its proof.

Takes certificates as a trainer issues them; gives each holder a file that the hospital's identity signed, and reads the
file of another hospital. Refuses a file of which a byte was changed, another signer than the one whose fingerprint was
compared, and a certificate whose last day has passed.
"""
