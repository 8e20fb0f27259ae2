"""The site's policy reaches the child, and the words it keeps texts by are there before its walls go up."""

from __future__ import annotations

from io import BytesIO

from fakes.instances import dataset, dicom_file
from pydicom import dcmread

from node.deidentify.clean import clean
from node.deidentify.policy import Dates, Policy
from node.deidentify.pseudonyms import replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage
from node.edges.sandbox.pool import SandboxPool

KEY = bytes(range(32))
POLICY = Policy(dates=Dates.FULL, device=True, descriptors=True, structured=True, safe_private=True)


def test_a_child_cleans_by_the_policy_it_is_given() -> None:
    image = dataset()
    image.SeriesDescription, image.StationName = "흉부 CT Gildong follow up", "CT3"
    raw = dicom_file(image)
    stand_ins = replacement(summarise(raw), KEY, POLICY)
    with SandboxPool(1) as pool:
        verdict = pool.clean(raw, stand_ins)
    assert verdict == clean(raw, stand_ins)
    assert isinstance(verdict, CleanImage)
    kept = dcmread(BytesIO(verdict.contents))
    assert (kept.SeriesDescription, kept.StationName, kept.StudyDate) == ("흉부 CT follow up", "CT3", "20250314")
