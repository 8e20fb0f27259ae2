"""One CT series to ask both sides for: invented, as large as real slices, with the attributes of clean ones."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from pydicom import Dataset, FileMetaDataset, dcmwrite
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

INSTANCES = 200
PIXELS = 512
FRAME_BYTES = PIXELS * PIXELS * 2
ROOT = "1.2.826.0.1.3680043.10.511.77"


def series() -> list[bytes]:
    """The files of the slices."""
    rng = np.random.default_rng(511)
    noise = rng.integers(0, 4096, (PIXELS, PIXELS), dtype=np.uint16)
    return [_file(number, np.roll(noise, number, axis=0).tobytes()) for number in range(1, INSTANCES + 1)]


def _file(number: int, pixels: bytes) -> bytes:
    image, file = _slice(number), BytesIO()
    image.PixelData = pixels
    image["PixelData"].VR = "OW"
    dcmwrite(file, image, enforce_file_format=True)
    return file.getvalue()


def _slice(number: int) -> Dataset:
    image = Dataset()
    image.SpecificCharacterSet = "ISO_IR 192"
    image.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    image.SOPClassUID, image.SOPInstanceUID = CTImageStorage, f"{ROOT}.1.1.{number}"
    image.StudyInstanceUID, image.SeriesInstanceUID, image.FrameOfReferenceUID = f"{ROOT}.1", f"{ROOT}.1.1", f"{ROOT}.2"
    image.StudyDate = image.SeriesDate = image.AcquisitionDate = image.ContentDate = "20250314"
    image.StudyTime = image.AccessionNumber = image.StudyID = ""
    image.Modality, image.Manufacturer, image.BodyPartExamined = "CT", "Example", "CHEST"
    image.PatientID, image.PatientSex, image.PatientAge = "P-TROXNUU6D7GAS76C", "F", "044Y"
    image.PatientName = image.PatientBirthDate = ""
    image.PatientIdentityRemoved, image.DeidentificationMethod = "YES", "Bench"
    image.SliceThickness, image.KVP, image.SpacingBetweenSlices = "1.25", "120", "1.25"
    image.DataCollectionDiameter, image.ReconstructionDiameter = "500", "360"
    image.DistanceSourceToDetector, image.DistanceSourceToPatient = "949.1", "541"
    image.GantryDetectorTilt, image.TableHeight, image.RotationDirection = "0", "150.5", "CW"
    image.ExposureTime, image.XRayTubeCurrent, image.Exposure = "500", "260", "130"
    image.FocalSpots, image.PatientPosition = "0.7", "HFS"
    image.SeriesNumber, image.AcquisitionNumber, image.InstanceNumber = 2, 1, number
    image.ImagePositionPatient = ["-180.0", "-180.0", f"{number * 1.25:.2f}"]
    image.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    image.SliceLocation = f"{number * 1.25:.2f}"
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.Rows = image.Columns = PIXELS
    image.PixelSpacing = ["0.703125", "0.703125"]
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 12, 11, 0
    image.WindowCenter, image.WindowWidth = ["40", "-600"], ["400", "1600"]
    image.RescaleIntercept, image.RescaleSlope, image.RescaleType = "-1024", "1", "HU"
    image.BurnedInAnnotation = "NO"
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return image
