"""Plans on their way to the hospitals.

Takes a partner's sealed plan and the digest of its starting weights; gives a sealed offer, and the approvals and
withdrawals hospitals answer it with. Refuses a plan with reasons, and an approval for anything but exactly this offer.
"""
