"""`python -m node.edges.sandbox`: one sandbox process, loading nothing else of the node."""

from __future__ import annotations

import sys

from node.edges.sandbox.child import main

sys.exit(main())
