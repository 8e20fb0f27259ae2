"""Drawn patients for the demo: three sites of chest-like pictures, a finding that can be learnt, invented names.

Takes a folder and a seed. Gives, byte for byte the same each time, `site-*` folders of DICOM files with labels.csv,
holdout.csv, phi.csv and burned-in.csv beside them. Nothing here is a picture of anybody: no name, number, date or
place belongs to a person, and nothing clinical may be concluded from the figures.
"""
