"""What the client tells a person, in Korean or English after the terminal's language."""

from __future__ import annotations

import os
from collections.abc import Mapping

_WORDS: Mapping[str, tuple[str, str]] = {
    "made": (
        "A key was made in {home}. Give the operator this line:",
        "{home}에 키를 만들었습니다. 운영자에게 다음 줄을 전하십시오:",
    ),
    "connected": (
        "Connected to {name} at {address} as {partner}.",
        "{address}의 {name}에 {partner}(으)로 연결했습니다.",
    ),
    "fingerprint": ("The coordinator's fingerprint: {fingerprint}", "조정 기관의 지문: {fingerprint}"),
    "submitted": ("The plan is offered to the hospitals: {plan_id}", "계획을 병원에 제안했습니다: {plan_id}"),
    "state": ("{title}: {state}", "{title}: {state}"),
    "approvals": ("approvals {approvals} of at least {quorum}", "승인 {approvals}, 정족수 {quorum}"),
    "rounds": ("rounds {done} of {planned}", "라운드 {planned} 중 {done} 완료"),
    "end": ("ended: {reason}", "중단 사유: {reason}"),
    "fetched": ("Verified and written to {folder}.", "검증을 마치고 {folder}에 저장했습니다."),
    "light": ("attack light: {light} (policy {policy})", "공격 신호등: {light} (정책 {policy})"),
    "chosen": ("chosen round: {round} of {rounds}", "선택한 라운드: {rounds} 중 {round}"),
    "figure": ("{name}: {value:.3f} over {sites} sites", "{name}: {value:.3f} ({sites}개 기관)"),
}


def korean() -> bool:
    """Whether the terminal's language is Korean."""
    chosen = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return chosen.lower().startswith("ko")


def say(key: str, **fields: object) -> str:
    """One line in the terminal's language."""
    english, in_korean = _WORDS[key]
    return (in_korean if korean() else english).format(**fields)
