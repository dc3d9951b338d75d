# Sourced by ./run and ./test: sets $python to a Python >= 3.11 that can make virtual environments, or says what is missing.

python=
for candidate in python3 python3.13 python3.12 python3.11; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "pasarbot: needs Python 3.11 or newer with venv (on Debian and Ubuntu: apt install python3 python3-venv)" >&2
  exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  echo "pasarbot: $python cannot make virtual environments (on Debian and Ubuntu: apt install python3-venv)" >&2
  exit 1
fi
