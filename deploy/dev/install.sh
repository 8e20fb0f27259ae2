#!/usr/bin/env bash
# install.sh FOLDER: Intramuros in a new environment in FOLDER, from the files beside this script and nothing else.
# Every file is compared with SHA256SUMS first; no network is asked. PYTHON=/path/to/python chooses another Python.
set -euo pipefail

refuse() { # English, Korean
    printf '%s\n%s\n' "$1" "$2" >&2
    exit 1
}

[ $# -eq 1 ] || refuse 'usage: install.sh FOLDER' '사용법: install.sh 폴더'
target=$(realpath --canonicalize-missing "$1")
cd "$(dirname "$(realpath "$0")")"
wanted=$(cat python)
python=${PYTHON:-python$wanted}

[ ! -e "$target" ] || refuse "$target is there already. Name a folder that is not." "$target 폴더가 이미 있습니다. 없는 폴더 이름을 쓰십시오."
sha256sum --check --quiet --strict SHA256SUMS || refuse \
    'These files are not the ones that were packed; nothing was installed. Copy the bundle again and compare its SHA-256.' \
    '포장할 때의 파일과 다르므로 아무것도 설치하지 않았습니다. 설치 묶음을 다시 복사하고 SHA-256 값을 비교하십시오.'
found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true)
[ "$found" = "$wanted" ] || refuse \
    "This bundle is for Python $wanted; $python is ${found:-not here}. Remedy: apt-get install python$wanted python$wanted-venv" \
    "이 설치 묶음은 Python $wanted 용입니다. $python: ${found:-없음}. 해결: apt-get install python$wanted python$wanted-venv"
"$python" -c 'import ensurepip, venv' 2>/dev/null || refuse \
    "Python $wanted is here without its venv module. Remedy: apt-get install python$wanted-venv" \
    "Python $wanted 에 venv 모듈이 없습니다. 해결: apt-get install python$wanted-venv"

whole=no
trap '[ "$whole" = yes ] || rm -rf "$target"' EXIT
"$python" -m venv "$target"
"$target/bin/python" -m pip install --isolated --disable-pip-version-check -qq --no-index --find-links wheels --no-deps \
    --require-hashes --requirement requirements.txt || refuse \
    "Not installed, and $target is removed. What pip says above names the reason." \
    "설치하지 못했으며 $target 폴더를 지웠습니다. 이유는 위의 pip 출력에 있습니다."
"$target/bin/intramuros" --version
whole=yes
echo "Next: $target/bin/intramuros node --help    다음: $target/bin/intramuros node --help"
