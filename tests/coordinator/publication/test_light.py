import pytest
from factories import NOW, PLAN, RUN, SITE

from coordinator.acceptance.choice import ModelNotAccepted
from coordinator.offers.approval import HeldApproval
from coordinator.publication.light import attack_light, check_light
from coordinator.rounds.run import Measurement
from protocols.passports import AttackLight
from protocols.plans import AttackPolicy, MetricName


def attacked(*values: float) -> list[Measurement]:
    name = MetricName.MEMBERSHIP_AUC
    return [Measurement(RUN, 3, True, f"site-{number}", name, value, 10) for number, value in enumerate(values)]


def approved(*, accepts_red: bool) -> HeldApproval:
    return HeldApproval("x", SITE, PLAN, "ab" * 32, 3, 3, 10, accepts_red, NOW, NOW)


@pytest.mark.parametrize(
    ("values", "light"),
    [
        ((), AttackLight.NOT_MEASURED),
        ((0.5, 0.55), AttackLight.GREEN),
        ((0.5, 0.5, 0.58), AttackLight.AMBER),
        ((0.5, 0.5, 0.5, 0.61), AttackLight.RED),
    ],
)
def test_the_light_is_the_worst_sites_and_never_the_mean(values: tuple[float, ...], light: AttackLight) -> None:
    assert attack_light(attacked(*values)) is light


def test_only_the_final_measurement_counts() -> None:
    early = Measurement(RUN, 3, False, SITE, MetricName.MEMBERSHIP_AUC, 0.9, 10)
    assert attack_light([early]) is AttackLight.NOT_MEASURED


@pytest.mark.parametrize("light", [AttackLight.RED, AttackLight.NOT_MEASURED])
def test_the_policy_block_holds_back_what_is_red_or_was_not_measured(light: AttackLight) -> None:
    with pytest.raises(ModelNotAccepted):
        check_light(light, AttackPolicy.BLOCK, [])


def test_the_policy_report_lets_a_red_light_out_only_with_every_hospitals_yes() -> None:
    check_light(AttackLight.RED, AttackPolicy.REPORT, [approved(accepts_red=True)])
    with pytest.raises(ModelNotAccepted):
        check_light(AttackLight.RED, AttackPolicy.REPORT, [approved(accepts_red=True), approved(accepts_red=False)])


@pytest.mark.parametrize("light", [AttackLight.GREEN, AttackLight.AMBER, AttackLight.NOT_MEASURED])
def test_the_policy_report_lets_out_what_is_not_red(light: AttackLight) -> None:
    check_light(light, AttackPolicy.REPORT, [approved(accepts_red=False)])
