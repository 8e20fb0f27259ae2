#!/usr/bin/env bash
# After it, requirements.lock pins every part that pyproject.toml's extras resolve to today, without names of hosts.
set -euo pipefail
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$("$here/python.sh")" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -qq --no-compile ".[node,coordinator,partner,postgres,dev]"
# Asked for by rapidocr-onnxruntime alone, of which only model files are read; set-up leaves them out.
unwanted=(--exclude opencv-python --exclude pyclipper --exclude shapely --exclude six)
{
    echo "# Every part of the environment, exactly. Made by 'make lock' from pyproject.toml; installed by 'make setup'."
    # A local build tag (torch's +cpu) names one machine's wheel, not the version: pip finds the fitting build itself.
    "$work/venv/bin/python" -m pip freeze --all --exclude pip --exclude intramuros "${unwanted[@]}" | sed -E 's/\+[A-Za-z0-9.]+$//'
} >"$work/requirements.lock"
mv "$work/requirements.lock" requirements.lock
echo "requirements.lock: $(grep -c == requirements.lock) parts"
