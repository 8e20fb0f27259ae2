"""What a reading is paid, and what a reader is owed for a month.

Takes rate cards as the fund holder sets them and readings as they are submitted; gives the rate that is bound to a case
when its reader takes it, and statements with withheld tax and net. Refuses a card that says two things of one reading,
pay by the second, a rate that reaches back, and a change to what was closed: a correction is an entry of its own.
"""
