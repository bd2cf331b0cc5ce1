#!/bin/sh
# Sets up what the kiosk needs on this computer: scripts/setup.sh run; for developers scripts/setup.sh test,
# or scripts/setup.sh evaluate. Does only what is missing, so that the second time needs no network and no time.
# Everything it says goes to standard error: standard output belongs to the kiosk.
set -eu
cd "$(dirname "$0")/.."
exec </dev/null >&2

MODEL=vosk-model-small-en-us-0.15
RUN_PACKAGES="libportaudio2 libasound2-plugins libespeak-ng1 libatomic1"  # the last for Vosk on ARM
TEST_PACKAGES="pulseaudio pulseaudio-utils flite espeak-ng sox chromium xvfb openbox xdotool git systemd util-linux"
EVALUATE_PACKAGES="festival festvox-kallpc16k festvox-kdlpc16k festvox-us-slt-hts"

# enough: which of requirements/*.txt will do; the first is installed, the others include it.
case "${1:-}" in
    run) packages=$RUN_PACKAGES enough="runtime dev evaluate" extra= ;;
    test) packages="$RUN_PACKAGES $TEST_PACKAGES" enough="dev evaluate" extra='[test]' ;;
    evaluate)
        packages="$RUN_PACKAGES $TEST_PACKAGES $EVALUATE_PACKAGES" enough=evaluate extra='[test,evaluate]' ;;
    *) echo "usage: scripts/setup.sh run|test|evaluate"; exit 2 ;;
esac

say() { echo "set-up: $*"; }

die() { say "$*"; exit 1; }

has() { command -v "$1" >/dev/null 2>&1; }

# --- the system's packages ---
apt() {
    [ "$(id -u)" = 0 ] && as= || as=sudo
    $as env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Acquire::Retries=1 -o Acquire::http::Timeout=15 \
        -o DPkg::Lock::Timeout=120 "$@" >/dev/null
}

apt_install() {
    has apt-get && { [ "$(id -u)" = 0 ] || has sudo; } || return 1
    say "installing by apt: $*"
    apt install --no-install-recommends "$@" 2>/dev/null ||  # a new machine has no list of packages yet
        { apt update && apt install --no-install-recommends "$@"; }
}

system_packages() {
    [ "$(uname -s)" = Linux ] || return 0
    if ! has dpkg-query; then
        say "this is neither Debian nor Ubuntu: see to it that PortAudio 2 and eSpeak NG are installed."
        return 0
    fi
    # shellcheck disable=SC2086  # the lists are words
    there=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $packages 2>/dev/null) || true
    missing=
    for package in $packages; do
        echo "$there" | grep -qx "installed $package" || missing="$missing $package"
    done
    # shellcheck disable=SC2086
    [ -z "$missing" ] || apt_install $missing || say "these could not be installed, and the kiosk may be" \
        "deaf or mute without them. With a network, as root, run: apt-get install$missing"
}

# --- Python and its packages ---
find_python() {
    for python in python3 python3.14 python3.13 python3.12 python3.11; do
        "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
    done
    return 1
}

# What .venv depends on: it moves neither to another folder nor to another Python.
python_here() { pwd && .venv/bin/python -c 'import sys; print(sys.version)'; }

stamp() { { python_here && cat "$1" pyproject.toml; } 2>/dev/null | cksum; }

is_stamped() { [ "$(stamp "$1")" = "$(cat ".venv/set-up-$(basename "$1")" 2>/dev/null)" ]; }

python_packages() {
    for name in $enough; do
        ! is_stamped "requirements/$name.txt" || return 0
    done
    pins=requirements/${enough%% *}.txt
    if ! [ -f .venv/python ] || [ "$(python_here 2>/dev/null)" != "$(cat .venv/python)" ]; then
        find_python || { apt_install python3-venv && find_python; } || { apt_install python3.11-venv && find_python; } ||
            die "Python 3.11 or newer with its venv module is missing. On Debian 12: apt-get install python3-venv"
        say "making .venv with $("$python" --version)"
        "$python" -m venv --clear .venv || die ".venv could not be made. Is the disk full, or the folder read-only?"
        python_here >.venv/python
    fi
    say "installing the Python packages of $pins"
    if [ "$(uname -s)" = Linux ]; then
        pip --no-deps --require-hashes -r "$pins" && pip --no-deps --no-build-isolation -e .
    else
        pip -e ".$extra"  # the pins are for Linux
    fi || die "the Python packages could not be installed (see above). Connect this computer to the internet and try again."
    stamp "$pins" >".venv/set-up-$(basename "$pins")"
}

pip() { .venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check --use-pep517 "$@"; }

# --- the speech model ---
speech_model() {
    [ -z "${KIOSK_MODEL:-}" ] || return 0  # another one is named, and it is where it is
    now=$(cksum "models/$MODEL.toml")
    [ "$now" = "$(cat .venv/model 2>/dev/null)" ] && [ -f "models/$MODEL/am/final.mdl" ] && return
    .venv/bin/kiosk model install ||
        { ! has mvn && say "Maven may bring the model." && apt_install maven && .venv/bin/kiosk model install; } ||
        { say "there is no speech model, so the kiosk can only be typed to, until: .venv/bin/kiosk model install"; return; }
    echo "$now" >.venv/model
}

system_packages
python_packages
speech_model
