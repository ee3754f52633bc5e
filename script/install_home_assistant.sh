#!/usr/bin/env bash
# Installs a real Home Assistant into .cache/home-assistant, once, with the parts that the tests need. script/setup runs
# it.
#
# Home Assistant supports few versions of Python. If this computer has none of them, a Debian that has one is put into
# that folder (needs root and mmdebstrap). A command given to `run` there has that Debian as its root, in which the
# folder has the same path, in a mount namespace that ends with the command. The process keeps its number.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=2026.2.3
# What is set up in it; the integrations that these depend on are included.
integrations=(
  automation camera energy esphome frontend image input_number logbook media_source persistent_notification sensor
  stream template utility_meter zeroconf
)
debian=trixie
debian_packages=python3,python3-venv,python3-dev,ca-certificates,g++,libc6-dev
# Files of this computer without which that Debian has no network.
network_files=(/etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt)
folder=$PWD/.cache/home-assistant

say() { echo "Home Assistant: $*" >&2; }
fail() {
  say "$@"
  exit 1
}

# A python3.x on the path may be a shim that always fails.
find_python() {
  local candidate
  for candidate in python3.13 python3 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/python3.13; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 13, 2) <= sys.version_info < (3, 14))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
}

python=$(find_python)
if [ -z "$python" ] && { [ "$(id -u)" -ne 0 ] || ! command -v mmdebstrap >/dev/null; }; then
  fail "version $version needs Python 3.13.2 or newer, but below 3.14, which is not installed, or else root and" \
    "mmdebstrap to install one in a folder"
fi
wanted="$version ${integrations[*]} $debian $debian_packages $python"
if [ -e "$folder/installed" ] && [ "$(cat "$folder/installed")" = "$wanted" ]; then
  exit
fi

say "about 3 minutes and 1.7 GB in .cache/home-assistant"
rm -rf "$folder"
mkdir -p "$folder"
if [ -n "$python" ]; then
  printf '#!/bin/sh\nexec "$@"\n' >"$folder/run"
else
  say "a Debian $debian with Python"
  mmdebstrap --quiet --variant=minbase "--include=$debian_packages" "$debian" "$folder/debian" ||
    fail "mmdebstrap failed, see above"
  for file in "${network_files[@]}"; do
    [ ! -e "$file" ] || cp "$file" "$folder/debian$file"
  done
  mkdir -p "$folder/debian$folder"
  cat >"$folder/run" <<'EOF'
#!/bin/sh
exec unshare --mount sh -e -c '
  mount -t proc proc "$0/debian/proc"
  mount --bind "$0" "$0/debian$0"
  exec chroot "$0/debian" "$@"
' "$(dirname "$0")" "$@"
EOF
fi
chmod +x "$folder/run"

in_venv() { "$folder/run" "$folder/venv/bin/python" "$@"; }
pip_install() { in_venv - --no-cache-dir "$@" <script/pip_install.py || exit 1; }

say "version $version"
"$folder/run" "${python:-/usr/bin/python3}" -m venv "$folder/venv"
pip_install "homeassistant==$version"
say "the requirements of ${#integrations[@]} of its integrations"
requirements=$(
  in_venv - "${integrations[@]}" <<'EOF'
import json, pathlib, sys
import homeassistant
package = pathlib.Path(homeassistant.__file__).parent
print("--constraint", package / "package_constraints.txt")
wanted, seen = sys.argv[1:], set()
while wanted:
    name = wanted.pop()
    if name not in seen:
        seen.add(name)
        manifest = json.loads((package / "components" / name / "manifest.json").read_text())
        wanted += manifest.get("dependencies", [])
        print(*manifest.get("requirements", []))
EOF
)
# shellcheck disable=SC2086 # words of pip's command line
pip_install $requirements
echo "$wanted" >"$folder/installed"
say "done"
