"""The wall's routes, each answering with nothing: enough to ask who gets that far."""

from fastapi import APIRouter

router = APIRouter()


def nothing(offer_sha256: str = "") -> dict[str, str]:
    return {}


for path in (
    "federation",
    "plans",
    "plans/{offer_sha256}",
    "ledger",
    "ledger/file",
    "ledger/root",
    "verdicts",
    "peers",
):
    router.add_api_route(f"/api/{path}", nothing, methods=["GET"])
for path in ("approval", "first-yes", "first-yes/{yes_id}/confirmation", "stop", "stop/lifting"):
    router.add_api_route(f"/api/plans/{{offer_sha256}}/{path}", nothing, methods=["POST"])
router.add_api_route("/api/plans/{offer_sha256}/first-yes/{yes_id}", nothing, methods=["DELETE"])
router.add_api_route("/api/exclusions/rounds", nothing, methods=["POST"])
for path in ("comparison", "signature", "revocation"):
    router.add_api_route(f"/api/peers/{{site_id}}/{path}", nothing, methods=["POST"])
