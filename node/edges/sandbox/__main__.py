"""`python -m node.edges.sandbox`: one sandbox process, loading nothing else of the node."""

from __future__ import annotations

import sys

# What pydicom would load to fetch its own test files: a sandbox has no use for anything that fetches.
sys.modules.update(dict.fromkeys(("requests", "tqdm")))  # type: ignore[arg-type]  # None there refuses the import

from node.edges.sandbox.child import main  # noqa: E402 - only after that

if __name__ == "__main__":
    sys.exit(main())
