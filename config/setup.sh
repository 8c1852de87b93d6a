#!/usr/bin/env bash
# Installs what is missing and nothing else: the virtual environment with its locked dependencies,
# the libraries and fonts that PDFs need and, with "test", a browser and a PDF reader.
#
#   config/setup.sh [run|test]
#
# Safe to repeat. Everything is looked for by what it provides, not by package name, so a system
# that brings it in another way is left alone. pip is used as this machine has configured it.
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD
venv="$repository/.venv"
fonts="$repository/var/fonts"
fandol_fonts=(FandolFang-Regular.otf FandolKai-Regular.otf FandolHei-Regular.otf)
purpose=${1:-run}

say() { printf '%s\n' "$@" >&2; }

fail() {
    say "$@"
    exit 1
}

find_python() {
    local candidate
    for candidate in python3.11 python3.12 python3; do
        "$candidate" -c 'import sys; (3, 11) <= sys.version_info[:2] < (3, 13) or sys.exit(1); print(sys.executable)' \
            2>/dev/null && return
    done
    fail "需要 Python 3.11 或 3.12，未找到（当前 python3：$(python3 --version 2>/dev/null || echo 无)）。" \
        "Debian 12 上请以 root 执行：apt-get install -y python3 python3-venv"
}

has_cjk_fonts() {
    local folders=(/usr/share/fonts /usr/local/share/fonts "${HOME:-/root}/.local/share/fonts" "${HOME:-/root}/.fonts")
    [ -n "$(find "${folders[@]}" -iname 'Noto*CJK*' -print -quit 2>/dev/null)" ]
}

# Debian's names of the packages whose content this system lacks.
# harfbuzz-subset: without it one page of Chinese takes six seconds instead of a tenth.
missing_packages() {
    "$python" - "$purpose" <<'PYTHON'
import ctypes, sys

try:
    import ensurepip, venv
except ImportError:
    print("python3-venv")
libraries = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
if sys.argv[1] == "test":
    libraries["libatomic.so.1"] = "libatomic1"  # Playwright's driver links it
for library, package in libraries.items():
    try:
        ctypes.CDLL(library)
    except OSError:
        print(package)
PYTHON
    has_cjk_fonts || echo fonts-noto-cjk
    if [ "$purpose" = test ]; then
        command -v chromium chromium-browser google-chrome >/dev/null || printf '%s\n' chromium chromium-headless-shell
        command -v pdffonts >/dev/null || echo poppler-utils
    fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_install() {
    command -v apt-get >/dev/null && as_root true 2>/dev/null
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y -o Dpkg::Use-Pty=0 \
        --no-install-recommends "$@" </dev/null >/dev/null
}

install_packages() {
    local missing
    mapfile -t missing < <(missing_packages)
    [ ${#missing[@]} -gt 0 ] || return 0
    can_install || fail "缺少系统软件包，且当前用户无法安装。请以 root 执行：" \
        "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" \
        "非 Debian 系统请安装同等软件包，然后重试。"
    say "正在安装系统软件包：${missing[*]}"
    # The lists are fetched only when the ones at hand do not do: they take longer than the packages.
    apt_install "${missing[@]}" 2>/dev/null || {
        as_root apt-get update -qq >/dev/null
        apt_install "${missing[@]}"
    }
    mapfile -t missing < <(missing_packages)
    [ ${#missing[@]} -eq 0 ] || fail "安装后仍缺少：${missing[*]}"
}

# Scripts in a virtual environment carry its absolute path: one that was moved here is of no use.
has_venv() { grep -qsF "$venv/bin/python" "$venv/bin/pip" && "$venv/bin/python" -c '' 2>/dev/null; }

install_dependencies() {
    local stamp
    stamp=$(cat requirements.lock config/setup.sh | sha256sum)
    if has_venv && [ "$(cat "$venv/.stamp" 2>/dev/null)" = "$stamp" ]; then return; fi
    say "正在安装 Python 依赖（首次约半分钟）……"
    has_venv || "$python" -m venv --clear "$venv"
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock >&2
    echo "$stamp" >"$venv/.stamp"
}

has_fandol() {
    local font
    for font in "${fandol_fonts[@]}"; do [ -s "$fonts/$font" ] || return 1; done
}

# 仿宋、楷体、黑体: free to embed, not ours to redistribute. The package is only unpacked, TeX is not installed.
fetch_fandol() (
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    cd "$scratch"
    apt-get download -qq -o APT::Sandbox::User=root texlive-lang-chinese >/dev/null 2>&1 ||
        { can_install && as_root apt-get update -qq >/dev/null 2>&1 &&
            apt-get download -qq -o APT::Sandbox::User=root texlive-lang-chinese >/dev/null 2>&1; } || return 1
    dpkg-deb --fsys-tarfile texlive-lang-chinese_*.deb | tar -x --wildcards '*/fandol/*'
    for font in "${fandol_fonts[@]}"; do
        install -m 644 "$(find . -name "$font" -print -quit)" "$fonts/$font" || return 1
    done
)

install_fandol() {
    mkdir -p "$fonts"
    if ! has_fandol; then
        # One try for each state of the venv: a start without network must not wait for it every time.
        if ! cmp -s "$venv/.stamp" "$fonts/.fandol-tried"; then
            say "正在提取 Fandol 字体（仿宋、楷体、黑体）……"
            fetch_fandol || cp "$venv/.stamp" "$fonts/.fandol-tried"
        fi
        has_fandol || say "警告：未能取得 Fandol 字体，公文 PDF 将以 Noto 字体代替仿宋、楷体。" \
            "  可将 ${fandol_fonts[*]} 放入 var/fonts/；或删除 var/fonts/.fandol-tried 后重试。"
    fi
    local wanted="${DATA_DIR:-$repository/var}/fonts"
    mkdir -p "$wanted"
    [ "$wanted" -ef "$fonts" ] || ! has_fandol || cp -u "$fonts"/Fandol*.otf "$wanted/"
}

python=$(find_python)
install_packages
install_dependencies
install_fandol
