#!/usr/bin/env bash
# After it a Chromium stands on PATH for the browser tests; where it may not be installed, one line says how to.
set -euo pipefail
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "set-up: Chromium for the browser tests, and a Korean font"
    if apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-nanum >/dev/null; then
        exit 0
    fi
fi
echo "The browser tests need Chromium. Remedy: sudo apt-get install chromium fonts-nanum" >&2
# In CI a missing browser is a failure, never a silent skip.
[ "${CI:-}" != true ]
