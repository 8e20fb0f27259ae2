"""Pixels: takes an image whose header is clean, gives it back without the text that its pictures carry, or a reason.

Blanks what a maker is known to write into (`rectangles.csv`), what lies outside ultrasound regions, and each line of
text found in the pictures that is not a permitted mark; looks again afterwards as proof. Every other pixel keeps its
value. Refuses, as a verdict, pictures that cannot be decoded, and those where text covers too much or the anatomy.
"""
