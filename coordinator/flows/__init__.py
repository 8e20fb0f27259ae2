"""One function per use case: stations strung together over ports, in the transactions of one unit of work.

Takes sealed bytes and the operator's decisions; gives answers, receipts, runs and releases. Refuses what the stations
refuse; knows no HTTP, SQL or Flower.
"""
