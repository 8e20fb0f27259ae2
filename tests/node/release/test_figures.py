"""Numbers on their way out: fixed point, norms, figures, counts, privacy claims, model checks."""

import math
from dataclasses import replace

import numpy as np
import pytest
from factories import RUN, SITE, an_approval
from fakes.wall_cast import (
    SHAPES,
    SPECS,
    START,
    START_BLOB,
    START_SHA256,
    a_real_manifest,
    a_real_plan,
    a_sealed_offer,
    opened,
)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from node.release.asked import Asked, Exchange
from node.release.bounds import (
    STARTING_NORM_MAX,
    Terms,
    check_acceptable,
    check_bounds_within,
    check_cohort,
    model_norm_bound,
)
from node.release.budget import Reservation, Spent, check_room
from node.release.masking import masked
from node.release.metrics import Figures, banded, released_count, released_figures
from node.release.quantise import (
    INT32_MAX,
    OutOfRange,
    RangeNotProven,
    check_range,
    quantise,
    restore,
    to_vector,
    vector_norm,
)
from node.release.refusals import (
    ArchitectureUnknown,
    AttemptOutdated,
    BudgetExhausted,
    CohortTooSmall,
    GateRefused,
    ModelRefused,
    OutsideApproval,
)
from node.release.tensors import check_manifest, read_model, running_statistics
from node.release.update import RawUpdate, door, update_message
from node.training.privacy import PrivacyClaim, unclaimed
from node.training.weights import update_norm
from protocols.approvals import Bounds
from protocols.models import Dtype
from protocols.plans import Aggregation, AggregationMode, Compression, MetricName, Privacy, PrivacyMechanism
from protocols.sparse import REACH
from protocols.strategies import Strategy, StrategyName

PLANNED = a_real_plan()
ASKED = Asked(PLANNED.plan_id, "run", Exchange.TRAIN, 1, 1, START_SHA256)
RESERVED = Reservation(ASKED, "approval", PLANNED.privacy)
SMALL = {name: np.full_like(tensor, 0.001) for name, tensor in START.items()}
DP = Privacy(mechanism=PrivacyMechanism.DP_SGD, clip_norm=1.0, noise_multiplier=1.0, epsilon_cap=3.0, delta_cap=1e-5)


def a_raw(**changes: object) -> RawUpdate:
    raw = RawUpdate(
        tensors=SMALL,
        weight_cases=44,
        figures=Figures(20, {MetricName.VALIDATION_AUC: 0.71234}),
        training_figures=Figures(44, {MetricName.TRAINING_LOSS: 0.5}),
        claim=unclaimed(4),
    )
    return replace(raw, **changes)  # type: ignore[arg-type] # each test names the field it changes


bits = st.integers(min_value=8, max_value=24)


@given(arrays(np.float32, st.integers(1, 30), elements=st.floats(-100, 100, width=32)), bits)
def test_fixed_point_is_never_off_by_more_than_half_a_step(values: NDArray[np.float32], scale_bits: int) -> None:
    error = np.abs(restore(quantise(values, scale_bits), scale_bits) - values.astype(np.float64))
    assert error.max() <= 2.0 ** -(scale_bits + 1)


@given(arrays(np.float32, st.integers(1, 30), elements=st.floats(-1000, 1000, width=32)), bits)
def test_no_update_within_a_proven_norm_ever_overflows(values: NDArray[np.float32], scale_bits: int) -> None:
    bound = INT32_MAX / 2**scale_bits
    norm = float(np.linalg.norm(values.astype(np.float64)))
    scaled = values if norm == 0 else (values * np.float32(min(1.0, 0.999 * bound / norm))).astype(np.float32)
    check_range(bound, scale_bits)
    quantise(scaled, scale_bits)


@pytest.mark.parametrize("value", [2048.0, -2048.1, math.nan, math.inf, -math.inf])
def test_a_number_that_does_not_fit_is_refused_and_never_wrapped(value: float) -> None:
    with pytest.raises(OutOfRange):
        quantise(np.array([value], dtype=np.float32), 20)


def test_a_norm_bound_that_could_overflow_is_not_accepted() -> None:
    check_range(2047.9, 20)
    with pytest.raises(RangeNotProven):
        check_range(2048.1, 20)


def test_a_vector_has_the_norm_of_its_update() -> None:
    vector = to_vector(SHAPES, SMALL, 20)
    assert vector_norm(vector, 20) == pytest.approx(update_norm(SMALL), rel=1e-3)


@pytest.mark.parametrize(
    ("count", "told"), [(0, None), (4, None), (5, 10), (14, 10), (15, 20), (24, 20), (25, 30), (1004, 1000)]
)
def test_counts_leave_in_bands_and_small_ones_not_at_all(count: int, told: int | None) -> None:
    assert released_count(count) == told
    assert banded(count) >= 10


def test_figures_leave_rounded_in_the_plans_order_and_only_its_own() -> None:
    figures = Figures(20, {MetricName.VALIDATION_AUC: 0.71239, MetricName.VALIDATION_LOSS: 0.5})
    told = released_figures(figures, (MetricName.VALIDATION_LOSS, MetricName.TRAINING_LOSS, MetricName.VALIDATION_AUC))
    assert [(one.name, one.value) for one in told] == [
        (MetricName.VALIDATION_LOSS, 0.5),
        (MetricName.VALIDATION_AUC, 0.712),
    ]
    with pytest.raises(GateRefused):
        released_figures(figures, (MetricName.VALIDATION_LOSS,))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_figure_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(GateRefused):
        released_figures(Figures(20, {MetricName.VALIDATION_AUC: value}), tuple(MetricName))


def test_figures_over_a_small_cell_are_suppressed_one_by_one_with_their_own_count() -> None:
    held = door(a_raw(figures=Figures(4, {MetricName.VALIDATION_AUC: 0.7})), PLANNED, RESERVED)
    assert held.metrics == ((MetricName.TRAINING_LOSS.value, 0.5),)


def test_the_door_gives_the_vector_the_banded_weight_and_the_digest_of_the_raw_update() -> None:
    held = door(a_raw(), PLANNED, RESERVED)
    assert (held.weight, len(held.update_sha256)) == (40, 64)
    assert held.vector == to_vector(SHAPES, SMALL, 20)


def test_a_message_made_of_the_vector_carries_it_masked_and_as_int32() -> None:
    asked = replace(ASKED, run_id=RUN)
    message, blob = update_message(
        door(a_raw(), PLANNED, RESERVED), PLANNED, reservation=replace(RESERVED, asked=asked), site_id=SITE
    )
    assert blob == to_vector(SHAPES, SMALL, 20)
    assert {spec.dtype for spec in message.tensors} == {Dtype.INT32}


@pytest.mark.parametrize(
    ("claim", "reserved"),
    [
        (PrivacyClaim("dp-sgd", 1.0, 1e-5, 4), Privacy(mechanism=PrivacyMechanism.NONE)),
        (PrivacyClaim("none", None, None, 4), DP),
        (PrivacyClaim("none", 1.0, 1e-5, 4), Privacy(mechanism=PrivacyMechanism.NONE)),
        (PrivacyClaim("dp-sgd", None, None, 4), DP),
        (PrivacyClaim("dp-sgd", 3.1, 1e-5, 4), DP),
        (PrivacyClaim("dp-sgd", 3.0, 1e-4, 4), DP),
    ],
)
def test_a_privacy_claim_must_keep_to_what_was_reserved(claim: PrivacyClaim, reserved: Privacy) -> None:
    with pytest.raises(GateRefused) as refusal:
        door(a_raw(claim=claim), PLANNED, replace(RESERVED, privacy=reserved))
    assert refusal.value.check == "privacy-claim"


def test_the_privacy_claim_is_looked_at_before_anything_else() -> None:
    broken = {name: np.full_like(tensor, np.nan) for name, tensor in START.items()}
    with pytest.raises(GateRefused) as refusal:
        door(a_raw(tensors=broken, claim=PrivacyClaim("dp-sgd", 1.0, 1e-5, 4)), PLANNED, RESERVED)
    assert refusal.value.check == "privacy-claim"


def test_a_norm_above_the_plans_bound_is_refused_and_one_at_it_is_not() -> None:
    norm = update_norm(SMALL)
    door(a_raw(), a_real_plan(update_norm_bound=norm), RESERVED)
    with pytest.raises(GateRefused) as refusal:
        door(a_raw(), a_real_plan(update_norm_bound=norm * 0.999), RESERVED)
    assert refusal.value.check == "norm"


def test_the_plain_mask_is_the_identity_and_any_other_is_refused() -> None:
    assert masked(b"vector", Aggregation(mode=AggregationMode.PLAIN)) == b"vector"
    with pytest.raises(GateRefused):
        masked(b"vector", Aggregation(mode=AggregationMode.SECURE, threshold_t=3))


@pytest.mark.parametrize(
    "name",
    [
        "norm1.running_mean",
        "features.norm.running_var",
        "bn.num_batches_tracked",
        "BN.Running_Mean",
        "layer.moving_average",
        "x_running_std",
    ],
)
def test_batch_statistics_are_known_by_name(name: str) -> None:
    assert running_statistics([name, "norm1.weight"]) == [name]


def test_ordinary_tensors_are_no_batch_statistics() -> None:
    assert running_statistics(name for name, _ in SHAPES) == []


def test_the_catalogs_own_manifest_is_accepted_and_no_other() -> None:
    check_manifest(a_real_manifest())
    for changes in (
        {"architecture": "resnet-50"},
        {"input_pixels": 256},
        {"input_channels": 3},
        {"hyperparameters": ()},
        {"tensors": SPECS[:-1]},
        {"tensors": tuple(reversed(SPECS))},
    ):
        with pytest.raises(ArchitectureUnknown):
            check_manifest(a_real_manifest(**changes))


def test_a_good_model_is_read_and_one_above_the_honest_norm_is_not() -> None:
    read_model(PLANNED.model, START_BLOB, sha256=START_SHA256, norm_bound=model_norm_bound(PLANNED))
    with pytest.raises(ModelRefused):
        read_model(PLANNED.model, START_BLOB, sha256=START_SHA256, norm_bound=1.0)


def test_a_model_moved_by_a_server_optimiser_may_be_as_long_as_its_steps_add_up_to() -> None:
    adam = Strategy(name=StrategyName.FEDADAM, server_rate=0.1, beta_1=0.9, beta_2=0.99, tau=0.001)
    moved = a_real_plan(strategy=adam, rounds=10)
    size = sum(spec.size_bytes for spec in SPECS) // 4
    assert model_norm_bound(moved) == STARTING_NORM_MAX + 10 * adam.step_norm(size=size, mean_norm=0.0)
    assert model_norm_bound(PLANNED) == STARTING_NORM_MAX + PLANNED.rounds * PLANNED.update_norm_bound


def test_a_model_made_in_turns_may_be_moved_as_far_as_what_was_kept_back_reaches() -> None:
    turns = a_real_plan(
        aggregation=Aggregation(mode=AggregationMode.SECURE, threshold_t=3, compression=Compression.TURNS)
    )
    assert model_norm_bound(turns) == STARTING_NORM_MAX + turns.rounds * REACH * turns.update_norm_bound


def test_secure_aggregation_below_the_nodes_survivors_is_refused() -> None:
    secure = a_real_plan(aggregation=Aggregation(mode=AggregationMode.SECURE, threshold_t=2), quorum=2)
    with pytest.raises(OutsideApproval, match="2 sites"):
        check_acceptable(secure, min_survivors=3)
    check_acceptable(PLANNED, min_survivors=3)


@pytest.mark.parametrize(
    ("spent", "refusal"),
    [
        (Spent(0, 0, None), None),
        (Spent(2, 0, None), None),
        (Spent(3, 0, None), BudgetExhausted),
        (Spent(3, 1, START_SHA256), None),
        (Spent(0, 2, START_SHA256), AttemptOutdated),
        (Spent(0, 1, "cd" * 32), ModelRefused),
    ],
)
def test_room_in_the_budget(spent: Spent, refusal: type[Exception] | None) -> None:
    bounds = Bounds(max_rounds=3, max_attempts_per_round=3, max_cases=10)
    if refusal is None:
        check_room(ASKED, spent, bounds)
    else:
        with pytest.raises(refusal):
            check_room(ASKED, spent, bounds)


def test_cohorts_and_bounds_stay_inside_plan_and_approval() -> None:
    terms = Terms(
        opened(a_sealed_offer(PLANNED)),
        an_approval(bounds=Bounds(max_rounds=3, max_attempts_per_round=1, max_cases=50)),
    )
    check_cohort(50, terms)
    with pytest.raises(OutsideApproval):
        check_cohort(51, terms)
    with pytest.raises(CohortTooSmall):
        check_cohort(9, terms)
    with pytest.raises(OutsideApproval):
        check_bounds_within(Bounds(max_rounds=4, max_attempts_per_round=1, max_cases=1), PLANNED)
