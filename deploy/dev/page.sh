#!/usr/bin/env bash
# page.sh build: the built page of each role stands in its web/dist, made from the sources as they are now.
# page.sh check: each page's own types and lint hold.
set -euo pipefail
verb=$1
pages=()
for web in node/web coordinator/web; do
    if [ -f "$web/package.json" ]; then pages+=("$web"); fi
done
[ ${#pages[@]} -gt 0 ] || exit 0

fits() { command -v npm >/dev/null && node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' 2>/dev/null; }

if ! fits; then
    export PATH="$PWD/.venv/bin:$PATH"
    if ! fits; then
        echo "set-up: Node 20 or later is not here; fetching one into .venv (only building the page needs it)"
        .venv/bin/python -m pip install -qq --requirement deploy/dev/requirements-node.lock || {
            echo "The page needs Node 20 or later to be built. Remedy: apt-get install nodejs npm (where that is 20 or later)" >&2
            exit 1
        }
    fi
fi

sources() { find "$1" -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1; }

for web in "${pages[@]}"; do
    if [ "$web/package-lock.json" -nt "$web/node_modules/.package-lock.json" ]; then
        echo "set-up: the parts of $web"
        npm --prefix "$web" ci --no-audit --no-fund --loglevel=error
        mkdir -p "$web/node_modules" && touch "$web/node_modules/.package-lock.json"
    fi
    if [ "$verb" = check ]; then
        npm --prefix "$web" run --silent check
        continue
    fi
    stamp=$web/node_modules/.built-from
    now=$(sources "$web")
    if [ ! -d "$web/dist" ] || [ "$now" != "$(cat "$stamp" 2>/dev/null || true)" ]; then
        echo "set-up: building $web"
        npm --prefix "$web" run --silent build
        sources "$web" >"$stamp"
    fi
done
