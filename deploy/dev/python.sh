#!/usr/bin/env bash
# Prints the Python to build .venv with: $PYTHON where given, else the first that fits. Refuses with the remedy.
set -euo pipefail

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' >/dev/null 2>&1; }

version_of() { if command -v "$1" >/dev/null; then "$1" --version 2>&1 | tail -n 1; else echo "not here"; fi; }

refuse() {
    printf '%s\n' "$1" \
        'Intramuros runs on Python 3.11 or 3.12. Debian 12: apt-get install python3.11 python3.11-venv' \
        'Ubuntu 24.04: apt-get install python3.12 python3.12-venv    Another place: make setup PYTHON=/path/to/python3.11' >&2
    exit 1
}

if [ -n "${PYTHON:-}" ]; then
    fits "$PYTHON" || refuse "PYTHON=$PYTHON is $(version_of "$PYTHON")."
    found=$PYTHON
else
    found=
    for name in python3.11 python3.12 python3; do
        if fits "$name"; then found=$name; break; fi
    done
    [ -n "$found" ] || refuse "No fitting Python was found; python3 is $(version_of python3)."
fi

version=$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if ! "$found" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    echo "Python $version is here without its venv module. Remedy: apt-get install python$version-venv" >&2
    exit 1
fi
command -v "$found"
