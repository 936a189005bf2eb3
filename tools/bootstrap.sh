#!/usr/bin/env bash
# Installs what a task needs, and only what is missing: tools/bootstrap.sh demo|check|test|fuzz
# Debian packages come from tools/packages.txt, the Python packages of the tests go into build/venv, a Kafka broker
# into build/kafka.
set -euo pipefail
cd "$(dirname "$0")/.."

task=${1:-}
case $task in
    demo) groups="build" ;;
    check) groups="build test" ;;
    test) groups="build test kafka" ;;
    fuzz) groups="build test fuzz" ;;
    *) echo "usage: tools/bootstrap.sh demo|check|test|fuzz" >&2; exit 2 ;;
esac

say() { printf 'bootstrap: %s\n' "$*" >&2; }

wanted_packages() {
    local group package rest
    while read -r group package rest; do
        [[ $group == \#* || -z ${package:-} ]] && continue
        [[ " $groups " == *" $group "* ]] && printf '%s\n' "$package"
    done <tools/packages.txt
    return 0
}

missing_packages() {
    local package
    for package in $(wanted_packages); do
        dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            printf '%s\n' "$package"
    done
}

install_packages() {
    local missing sudo=() try
    if ! command -v dpkg-query >/dev/null; then
        say "this is not a Debian system: make sure these are installed:" $(wanted_packages)
        return 0
    fi
    missing=$(missing_packages | tr '\n' ' ')
    [[ -z $missing ]] && return 0
    say "installing: $missing"
    if [[ $(id -u) -ne 0 ]]; then
        if ! command -v sudo >/dev/null; then
            say "not root and no sudo; as root run: apt-get update && apt-get install -y $missing"
            return 1
        fi
        sudo=(sudo)
    fi
    local apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
    for try in 1 2 3; do
        # shellcheck disable=SC2086
        if "${apt[@]}" update </dev/null >&2 &&
            "${apt[@]}" install -y --no-install-recommends $missing </dev/null >&2; then
            return 0
        fi
        say "apt-get failed (try $try of 3)"
        sleep $((try * 5))
    done
    say "cannot install packages. Offline? Connect once, or install by hand: $missing"
    return 1
}

install_venv() {
    local venv=build/venv
    if [[ -x $venv/bin/python ]] && cmp -s tests/requirements.txt "$venv/requirements.txt"; then
        return 0
    fi
    say "making $venv from tests/requirements.txt"
    rm -rf "$venv"
    mkdir -p build
    python3 -m venv "$venv"
    # The system's certificates, so that a certificate the administrator added counts for pip too.
    local certificates=/etc/ssl/certs/ca-certificates.crt
    [[ -z ${PIP_CERT:-} && -s $certificates ]] && export PIP_CERT=$certificates
    if ! "$venv/bin/python" -m pip install -q --disable-pip-version-check \
        -r tests/requirements.txt </dev/null >&2; then
        rm -rf "$venv"
        say "pip could not install tests/requirements.txt. Offline? The tests need these packages once."
        return 1
    fi
    cp tests/requirements.txt "$venv/requirements.txt"
}

install_packages
if [[ $task == test || $task == fuzz ]]; then
    install_venv
fi
if [[ $task == test ]]; then
    tools/kafka_install.py
fi
