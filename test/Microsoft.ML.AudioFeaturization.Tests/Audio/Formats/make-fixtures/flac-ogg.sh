#!/usr/bin/env bash
# Makes the fixtures of FLAC and Ogg anew with flac, oggenc, opusenc and ffmpeg of Debian 12:  flac-ogg.sh FOLDER
# FLAC: NAME.flac, and in flac.txt for each its rate, channels, frames, and the MD5 of the encoder's input as interleaved float32.
# Ogg: NAME.ogg, .opus, .oga or .ogv, and beside it NAME.flac: what ffmpeg, opusdec or the encoder had, at 24 bits; NAME.f32 past
# full scale.
set -euo pipefail
out=${1:?folder for the fixtures}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"
cd "$out"
/usr/bin/python3 "$here/flac-fixtures.py"
/usr/bin/python3 "$here/ogg-fixtures.py"
/usr/bin/python3 "$here/opus-fixtures.py"
