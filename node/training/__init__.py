"""The training station: cases with a consensus become an update, and the update never leaves from here.

Takes the hospital's labelled cases, an audited architecture by its id, weights as named float32 arrays and the
settings of an approved plan. Gives the split by patient, the read-only training export, the raw update of one round
(`FitReport`), figures on the validation part, the hospital's own model, the benefit verdict and the attack light.
Refuses an architecture outside the catalog, tensors of another shape, a cohort too small, a film without contrast, a
loss that is not finite and a privacy mechanism it cannot account for. Knows no network, no database and no DICOM.
"""
