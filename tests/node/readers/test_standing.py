"""Licences, applications, pledges, certificates and rates: what is refused, and every state walked."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from ipaddress import ip_network
from itertools import product

import pytest

from node.ground.config import ON_SITE
from node.readers.application import MOVES, ApplicationState, check_move
from node.readers.errors import (
    ApplicationDecided,
    CertificateRefused,
    LicenceRefused,
    PledgeOutdated,
    RateRefused,
)
from node.readers.licence import NewLicence, verified
from node.readers.pledge import PLEDGE_VERSION, Certificate, check_certificate, in_the_house, signed
from node.readers.rate import Rate
from node.readers.roles import Role

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = NOW.date()


def test_a_verified_licence_says_who_checked_it_when_and_until_when() -> None:
    licence = verified(NewLicence("제12345호", "A-77", TODAY), by="it", now=NOW)
    assert (licence.checked_by, licence.checked_at, licence.valid_until) == ("it", NOW, TODAY)
    assert licence.holds(NOW)
    assert not licence.holds(NOW + timedelta(days=1))


@pytest.mark.parametrize("number", ["", " ", "-1", "1" * 25, "a b", "900101-1234567", "9001011234567", "x\n"])
def test_what_is_no_licence_number_is_refused_and_not_repeated(number: str) -> None:
    for new in (NewLicence(number, "1", TODAY), NewLicence("1", number, TODAY)):
        with pytest.raises(LicenceRefused) as refused:
            verified(new, by="it", now=NOW)
        assert not number.strip() or number not in str(refused.value)


def test_a_licence_whose_last_day_has_passed_is_not_verified() -> None:
    with pytest.raises(LicenceRefused):
        verified(NewLicence("1", "2", TODAY - timedelta(days=1)), by="it", now=NOW)


@pytest.mark.parametrize(("current", "wanted"), list(product(ApplicationState, ApplicationState)))
def test_every_move_of_an_application_is_as_the_table_says(current: ApplicationState, wanted: ApplicationState) -> None:
    allowed = current is ApplicationState.WAITING and wanted is not ApplicationState.WAITING
    assert (wanted in MOVES[current]) is allowed
    if allowed:
        check_move(current, wanted)
    else:
        with pytest.raises(ApplicationDecided):
            check_move(current, wanted)


def test_a_pledge_is_signed_in_its_present_version_only() -> None:
    assert signed(PLEDGE_VERSION, NOW).signed_at == NOW
    with pytest.raises(PledgeOutdated):
        signed(PLEDGE_VERSION + 1, NOW)


def test_certificates_are_for_labelers_and_for_days_to_come() -> None:
    check_certificate({Role.LABELER}, until=TODAY, now=NOW)
    for roles, until in (({Role.READER}, TODAY), ({Role.LABELER}, TODAY - timedelta(days=1))):
        with pytest.raises(CertificateRefused):
            check_certificate(roles, until=until, now=NOW)
    certificate = Certificate("p", "task", "t", NOW, date(2026, 3, 2))
    assert certificate.holds(NOW)
    assert not certificate.holds(NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("127.0.0.1", True), ("10.1.2.3", True), ("172.31.0.1", True), ("192.168.7.7", True), ("::1", True),
        ("fd00::1", True), ("::ffff:10.0.0.1", True), ("8.8.8.8", False), ("172.32.0.1", False), ("2001:db8::1", False),
        ("::ffff:8.8.8.8", False), ("", False), ("testclient", False),
    ],
)  # fmt: skip
def test_the_house_is_the_private_networks_unless_the_hospital_names_its_own(address: str, inside: bool) -> None:
    assert in_the_house(address, ON_SITE) is inside
    assert not in_the_house(address, [ip_network("203.0.113.0/24")])


@pytest.mark.parametrize(
    ("amount", "currency"), [("-1", "KRW"), ("NaN", "KRW"), ("1", "won"), ("100000001", "KRW"), ("0.00001", "KRW")]
)
def test_what_is_no_exact_amount_in_a_currency_is_no_rate(amount: str, currency: str) -> None:
    assert Rate(Decimal("1500.0000"), "KRW", NOW).amount == 1500
    with pytest.raises(RateRefused):
        Rate(Decimal(amount), currency, NOW)
