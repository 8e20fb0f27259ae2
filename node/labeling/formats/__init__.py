"""What was said about a project's cases, in the formats others read: CSV, COCO, FHIR and DICOM.

Takes consensus and readings as `exported` values, which stand under the project's own names and have no room for free
text; gives bytes, the same ones for the same values, and takes bytes back. Every format says in `says` which part it
can hold: what it is read back as equals that part, and what it cannot say stays in the others. Nothing here knows a
person, a patient of the hospital or a day.
"""
