#!/usr/bin/env bash
# Makes the fixtures of WAV, AIFF, AU, CAF and MPEG audio anew, with ffmpeg, sox and lame of Debian 12, and the right values with
# ffmpeg and libsndfile (python3-soundfile):  wave-mp3.sh FOLDER
# Each sound file NAME gets NAME.f32: the interleaved samples as another decoder gives them.
set -euo pipefail
out=${1:?folder for the fixtures}
mkdir -p "$out"
cd "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 50 ms of two sweeps: left upwards, right downwards.
sox -R -n -r 8000 -c 1 -b 16 "$work/left.wav" synth 0.05 sine 200-3500 gain -2
sox -R -n -r 8000 -c 1 -b 16 "$work/right.wav" synth 0.05 sine 3000-300 gain -9
sox -R -M "$work/left.wav" "$work/right.wav" -b 32 "$work/two.wav"
sox -R "$work/two.wav" -c 1 "$work/one.wav" remix 1

ff() { ffmpeg -v error -y -bitexact -i "$1" -map_metadata -1 "${@:2}"; }
for bits in 8 16 24 32; do sox -R -D "$work/two.wav" -b $bits pcm$bits.wav; done
sox -R "$work/two.wav" -e floating-point -b 32 float32.wav
sox -R "$work/two.wav" -e floating-point -b 64 float64.wav
sox -R "$work/two.wav" -e a-law alaw.wav
sox -R "$work/two.wav" -e mu-law mulaw.wav
sox -R "$work/two.wav" -e ima-adpcm ima2.wav
sox -R "$work/one.wav" -e ima-adpcm ima1.wav
sox -R "$work/two.wav" -e ms-adpcm ms2.wav
sox -R "$work/one.wav" -e ms-adpcm ms1.wav
sox -R -D "$work/two.wav" -B -b 16 rifx16.wav
sox -R "$work/two.wav" -B -e floating-point -b 32 rifx-float.wav
ff "$work/two.wav" -c:a pcm_s16le -rf64 always rf64.wav
ff "$work/two.wav" -c:a pcm_s24le w64-24.w64
sox -R "$work/two.wav" -e ms-adpcm w64-ms.w64
for coding in s8 s16be s24be s32be; do ff "$work/two.wav" -c:a pcm_$coding aiff-$coding.aiff; done
for coding in s16le f32be f64be alaw mulaw; do ff "$work/two.wav" -c:a pcm_$coding aifc-$coding.aiff; done
ff "$work/two.wav" -c:a adpcm_ima_qt aifc-ima4.aiff
for coding in s8 s16be s24be s32be f32be f64be alaw mulaw; do ff "$work/two.wav" -c:a pcm_$coding au-$coding.au; done
ff "$work/two.wav" -c:a pcm_s16be -f au pipe:1 > au-pipe.au
for coding in s8 s16be s16le s24be s24le s32le f32be f32le f64le alaw mulaw; do ff "$work/two.wav" -c:a pcm_$coding caf-$coding.caf; done
ff "$work/two.wav" -c:a adpcm_ima_qt caf-ima4.caf
ff "$work/two.wav" -c:a pcm_s16le -f wav pipe:1 > pipe-ffmpeg.wav
sox -R "$work/two.wav" -b 16 -t wav - > pipe-sox.wav 2>/dev/null
/usr/bin/python3 - <<'PYTHON'
import glob, subprocess
import numpy, soundfile
for name in sorted(glob.glob('*')):
    if name.endswith('.f32'):
        continue
    raw = subprocess.run(['ffmpeg', '-v', 'error', '-i', name, '-f', 'f32le', '-'], capture_output=True).stdout
    other = numpy.frombuffer(raw, '<f4')
    # libsndfile does not know IMA ADPCM in CAF; the packets are those of the AIFC.
    by = 'aifc-ima4.aiff' if name == 'caf-ima4.caf' else name
    samples = soundfile.read(by, dtype='float32', always_2d=True)[0].reshape(-1)
    same = f'{numpy.abs(samples - other).max():.3g}' if len(samples) == len(other) else f'{len(other)} samples'
    print(f'{name}: {len(samples)} samples by libsndfile; ffmpeg differs by {same}')
    samples.astype('<f4').tofile(name + '.f32')
PYTHON
