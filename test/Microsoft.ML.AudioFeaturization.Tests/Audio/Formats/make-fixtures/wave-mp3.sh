#!/usr/bin/env bash
# Makes the fixtures of WAV, AIFF, AU, CAF and MPEG audio anew, with ffmpeg, sox and lame of Debian 12, and the right values with
# ffmpeg and libsndfile (python3-soundfile):  wave-mp3.sh FOLDER
# Each sound file NAME gets NAME.f32 or, for MPEG audio, NAME.s16: the interleaved samples as another decoder gives them.
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

# MPEG audio: a tenth of a second, so that files and values are small.
sox -R -n -r 44100 -c 1 -b 16 "$work/m1.wav" synth 0.1 sine 100-15000 synth 0.1 pinknoise mix gain -4
sox -R -n -r 44100 -c 1 -b 16 "$work/m2.wav" synth 0.1 square 80-3000 gain -8
sox -R -M "$work/m1.wav" "$work/m2.wav" "$work/music.wav"
mp3() { lame --quiet "${@:2}" "$work/music.wav" "$1"; }
mp3 mp3-cbr.mp3 -b 128
mp3 mp3-vbr.mp3 -V 4
mp3 mp3-vbr-untagged.mp3 -t -V 2
mp3 mp3-mono.mp3 -m m -b 64
mp3 mp3-stereo.mp3 -m s -b 192
mp3 mp3-middle.mp3 -m f -b 96
mp3 mp3-crc.mp3 -p -b 128
mp3 mp3-free.mp3 --freeformat -b 100
mp3 mp3-mpeg2.mp3 -b 64 --resample 22.05
mp3 mp3-mpeg25.mp3 -b 32 --resample 11.025
mp3 mp3-8khz.mp3 -b 8 -m m --resample 8
ff "$work/music.wav" -c:a mp2 -b:a 192k mp2.mp2
ff "$work/m1.wav" -c:a mp2 -b:a 64k mp2-mono.mp2
ff "$work/music.wav" -c:a mp2 -ar 22050 -b:a 64k mp2-mpeg2.mp2
/usr/bin/python3 - <<'PYTHON'
import random
# Intensity stereo, which no encoder here makes: the bit set in joint stereo of MPEG-1 and of MPEG-2.
for source, name, version in (('mp3-middle.mp3', 'mp3-intensity.mp3', 0xFB), ('mp3-mpeg2.mp3', 'mp3-intensity2.mp3', 0xF3)):
    data = bytearray(open(source, 'rb').read())
    for place in range(len(data) - 3):
        if data[place] == 0xFF and data[place + 1] == version and data[place + 3] >> 6 == 1:
            data[place + 3] |= 0x10
    open(name, 'wb').write(data)
# Layer I, which no encoder here makes: frames of random allocation, scale factors and samples, stereo and joint stereo.
random.seed(1)
frames = b''
for frame in range(8):
    joint = frame % 2
    bound = 8 if joint else 32
    steps = [[min(random.randrange(9), 8 if band < 8 else 3) for channel in (0, 1)] for band in range(32)]
    bits = ''
    for band in range(32):
        for channel in (0, 1):
            if band >= bound and channel == 1:
                steps[band][1] = steps[band][0]
            else:
                bits += f'{steps[band][channel]:04b}'
    for band in range(32):
        for channel in (0, 1):
            if steps[band][channel]:
                bits += f'{random.randrange(12, 62):06b}'
    for slot in range(12):
        for band in range(32):
            for channel in (0, 1):
                width = steps[band][channel] + 1 if steps[band][channel] else 0
                if width and not (band >= bound and channel == 1):
                    bits += f'{random.randrange(2 ** width - 1):0{width}b}'
    size = 4 * (12 * 448000 // 44100)
    bits = bits.ljust(8 * (size - 4), '0')
    assert len(bits) == 8 * (size - 4), len(bits)
    frames += bytes([0xFF, 0xFF, 0xE0, (0x40 | 0x10) if joint else 0])
    frames += int(bits, 2).to_bytes(size - 4, 'big')
open('mp1.mp1', 'wb').write(frames)
PYTHON

/usr/bin/python3 - <<'PYTHON'
import glob, subprocess
import numpy, soundfile
for name in sorted(glob.glob('*')):
    if name.endswith(('.f32', '.s16')):
        continue
    if name.startswith('mp'):
        tool = ['mpg123', '-q', '-e', 'f32', '-s', name] if 'free' in name or 'mp1' in name else [
            'ffmpeg', '-v', 'error', '-i', name, '-f', 'f32le', '-']
        samples = numpy.frombuffer(subprocess.run(tool, capture_output=True).stdout, '<f4')
        print(f'{name}: {len(samples)} samples by {tool[0]}')
        numpy.clip(numpy.round(samples * 32768), -32768, 32767).astype('<i2').tofile(name + '.s16')
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
