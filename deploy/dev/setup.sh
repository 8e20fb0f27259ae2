#!/usr/bin/env bash
# After it, the folder named first holds an environment with exactly what requirements.lock pins, and this tree in it.
set -euo pipefail
here=$(dirname "$0")
venv=$1

for tool in git openssl ssh-keygen; do
    package=${tool/ssh-keygen/openssh-client}
    command -v "$tool" >/dev/null || echo "note: $tool is not here; some verbs need it. Remedy: apt-get install $package" >&2
done

# A Python asked for by name must fit, and an environment of another version gives way to it.
if [ -n "${PYTHON:-}" ] || [ ! -x "$venv/bin/python" ]; then python=$("$here/python.sh"); else python=$venv/bin/python; fi
minor='import sys; print("%d.%d" % sys.version_info[:2])'
if [ "$("$python" -c "$minor")" != "$("$venv/bin/python" -c "$minor" 2>/dev/null || true)" ]; then
    echo "set-up: a new environment in $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
fi

echo "set-up: what requirements.lock pins (the first time a minute or two)"
models=$(grep '^rapidocr-onnxruntime==' requirements.lock)
grep --invert-match --fixed-strings --line-regexp "$models" requirements.lock |
    "$venv/bin/python" -m pip install -qq --no-compile --requirement /dev/stdin
# Only its model files are read: the OpenCV it asks for, with FFmpeg and Qt inside, is left out.
"$venv/bin/python" -m pip install -qq --no-compile --no-deps "$models"
"$venv/bin/python" -m pip install -qq --no-deps --no-build-isolation --editable .
# Compiled here, once, on every core: otherwise the first start of a node's processes does it, each for itself. Parts may
# carry files for other Pythons, which do not compile and are never imported.
"$venv/bin/python" -m compileall -qq -j 0 -x '/tests?/' "$venv/lib" >/dev/null || true
