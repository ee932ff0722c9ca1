"""Ogg files of a few kilobytes, in the current folder; called by flac-ogg.sh. Beside each NAME lies NAME.flac with what another
decoder gives: ffmpeg for Vorbis, opusdec for Opus, the encoder's input for FLAC, at 24 bits."""
import os
import struct
import subprocess

import numpy
import soundfile

random = numpy.random.default_rng(15)


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, **options).stdout


def music(seconds, rate, channels, level=0.3):
    """Sweeps with a click each: long and short blocks."""
    count = int(seconds * rate)
    time = numpy.arange(count) / rate
    columns = []
    for channel in range(channels):
        tone = numpy.sin(2 * numpy.pi * (200 + 150 * channel) * time * (1 + time))
        noise = 0.1 * random.standard_normal(count)
        click = numpy.zeros(count)
        click[count // 2 + 40 * channel] = 1.5
        columns.append(level * (tone + noise + click))
    return numpy.clip(numpy.stack(columns, 1), -0.8, 0.8)


def expect(name, samples, rate):
    soundfile.write(name + '.flac', samples, rate, subtype='PCM_24')


def by_ffmpeg(name, rate, channels, seconds):
    """ffmpeg 5.1 gives all of the last block of Vorbis; the last granule position is the length of the encoder's input."""
    raw = run('ffmpeg', '-v', 'error', '-i', name, '-map', '0:a', '-f', 'f32le', '-')
    expect(name, numpy.frombuffer(raw, '<f4').reshape(-1, channels)[:int(seconds * rate)], rate)


def by_opusdec(name):
    run('opusdec', '--quiet', '--float', '--rate', '48000', name, 'out.wav')
    samples, _ = soundfile.read('out.wav', dtype='float32', always_2d=True)
    expect(name, samples, 48000)


def source(seconds, rate, channels, **options):
    soundfile.write('in.wav', music(seconds, rate, channels, **options), rate, subtype='PCM_16')
    return 'in.wav'


def crc(page):
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
    return value


def oggenc(name, rate, channels, seconds, *options):
    run('oggenc', '-Q', '--serial', '7', *options, '-o', name, source(seconds, rate, channels))
    by_ffmpeg(name, rate, channels, seconds)


def opusenc(name, rate, channels, seconds, *options):
    run('opusenc', '--quiet', '--serial', '9', '--padding', '0', *options, source(seconds, rate, channels), name)
    by_opusdec(name)


oggenc('vorbis-mono.ogg', 8000, 1, 0.4, '-q', '2')
oggenc('vorbis-stereo.ogg', 44100, 2, 0.2, '-q', '4')
oggenc('vorbis-low.ogg', 22050, 2, 0.3, '-q', '-1')
oggenc('vorbis-tiny.ogg', 8000, 1, 0.01, '-q', '2')
run('ffmpeg', '-v', 'error', '-y', '-bitexact', '-i', source(0.05, 48000, 6), '-channel_layout', '5.1', '-c:a', 'libvorbis',
    '-q:a', '1', 'vorbis-6.ogg')
by_ffmpeg('vorbis-6.ogg', 48000, 6, 0.05)
run('ffmpeg', '-v', 'error', '-y', '-bitexact', '-i', source(0.12, 32000, 2), '-c:a', 'vorbis', '-strict', '-2', 'vorbis-other.ogg')

# Of this one ffmpeg's own decoder differs from the reference decoder, which gives 16 bits.
run('oggdec', '-Q', '-o', 'out.wav', 'vorbis-other.ogg')
expect('vorbis-other.ogg', soundfile.read('out.wav', always_2d=True)[0], 32000)

opusenc('opus-mono.opus', 48000, 1, 0.2, '--bitrate', '48')
opusenc('opus-stereo.opus', 48000, 2, 0.1, '--bitrate', '96')
opusenc('opus-speech.opus', 16000, 1, 0.4, '--bitrate', '10', '--speech', '--framesize', '60')
opusenc('opus-short.opus', 48000, 1, 0.1, '--bitrate', '64', '--framesize', '2.5')
opusenc('opus-6.opus', 48000, 6, 0.05, '--bitrate', '400')
run('ffmpeg', '-v', 'error', '-y', '-bitexact', '-i', source(0.05, 48000, 3), '-c:a', 'libopus', '-mapping_family', '255', '-b:a',
    '300k', 'opus-255.opus')

# ffmpeg takes even these channels, which have no meaning, for left, centre and right, and puts the second one last.
raw = run('ffmpeg', '-v', 'error', '-c:a', 'libopus', '-request_sample_fmt', 'flt', '-i', 'opus-255.opus', '-f', 'f32le', '-')
expect('opus-255.opus', numpy.frombuffer(raw, '<f4').reshape(-1, 3)[:, [0, 2, 1]], 48000)

# An output gain of -3 dB and a little, as loudness tools write it.
opus = bytearray(open('opus-mono.opus', 'rb').read())
place = opus.index(b'OpusHead')
opus[place + 16:place + 18] = struct.pack('<h', -800)
opus[22:26] = bytes(4)
opus[22:26] = struct.pack('<I', crc(opus[:place + 19]))
open('opus-gain.opus', 'wb').write(opus)
by_opusdec('opus-gain.opus')

for name, channels, bits in (('flac-mono.oga', 1, 16), ('flac-stereo.oga', 2, 24)):
    samples = music(0.1, 16000, channels)
    soundfile.write('in.wav', samples, 16000, subtype='PCM_16' if bits == 16 else 'PCM_24')
    run('flac', '-s', '-f', '--ogg', '--serial-number', '11', '-b', '256', '--no-padding', '-o', name, 'in.wav')
    expect(name, soundfile.read('in.wav', always_2d=True)[0], 16000)
run('ffmpeg', '-v', 'error', '-y', '-bitexact', '-i', source(0.1, 16000, 2), '-c:a', 'flac', 'flac-ffmpeg.oga')
expect('flac-ffmpeg.oga', soundfile.read('in.wav', always_2d=True)[0], 16000)

# A video beside the audio, and the audio's stream beginning second.
run('ffmpeg', '-v', 'error', '-y', '-bitexact', '-f', 'lavfi', '-i', 'testsrc=size=32x32:rate=10:duration=0.5', '-i',
    source(0.5, 8000, 1), '-map', '0:v', '-map', '1:a', '-c:v', 'libtheora', '-q:v', '1', '-c:a', 'libvorbis', '-q:a', '0', 'video.ogv')
by_ffmpeg('video.ogv', 8000, 1, 0.5)
run('ffmpeg', '-v', 'error', '-y', '-bitexact', '-i', 'video.ogv', '-map', '0:v', '-c', 'copy', 'video-only.ogv')
for name in ('in.wav', 'out.wav'):
    os.remove(name)
