"""The release station: the one door in the hospital's wall.

Takes what a flow wants to send (a request to join, an approval, a withdrawal, a raw update, figures, a refusal) with
what was promised about it: the approved plan, the approval and the reservation made before training. Gives the exact
frame that may leave, the next ledger entry, and the states of approvals and parcels. Refuses every type without a row
in the gate table, anything outside plan or approval, tensors that are not those of the plan, values that are not
finite or too large, figures outside the closed list, small counts. Knows no database and no line.
"""
