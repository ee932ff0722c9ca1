"""Opus files of a few kilobytes, in the current folder; called by flac-ogg.sh. They hold what each layer of Opus has to decode; beside
each NAME lies NAME.flac with what opusdec gives, at 24 bits, or NAME.f32, as interleaved float32, where it passes full scale."""
import ctypes
import os
import struct
import subprocess

import numpy
import soundfile

random = numpy.random.default_rng(16)
opus = ctypes.CDLL('libopus.so.0')
opus.opus_encoder_create.restype = ctypes.c_void_p
opus.opus_encoder_create.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
opus.opus_encode.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
opus.opus_encoder_ctl.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
BITRATE, BANDWIDTH, CHANNELS, MODE = 4002, 4008, 4022, 11002
SILK, HYBRID, CELT = 1000, 1001, 1002
WIDE, FULL = 1103, 1105


def bursts(seconds, channels):
    """Noise that begins and ends at once."""
    count = int(seconds * 48000)
    samples = numpy.zeros((count, channels))
    place = 900
    while place < count:
        length = random.integers(300, 3000)
        part = samples[place:place + length]
        part += random.uniform(0.1, 0.9) * random.uniform(-1, 1, part.shape)
        place += length + random.integers(500, 3000)
    return samples


def voice(seconds, channels):
    """Harmonics of a pitch that glides, and hissing."""
    time = numpy.arange(int(seconds * 48000)) / 48000
    phase = 2 * numpy.pi * (110 * time + 90 * time ** 2)
    tone = sum(numpy.cos(k * phase) / k ** 0.7 for k in range(1, 30)) * numpy.clip(2 * numpy.sin(25 * time), 0, 1)
    noise = random.standard_normal(len(time)) * numpy.clip(numpy.sin(25 * time + 2.5), 0, 1)
    columns = [(0.09 - 0.03 * c) * tone + (0.1 + 0.05 * c) * noise for c in range(channels)]
    return numpy.stack(columns, 1)


def chords(seconds, channels, level):
    time = numpy.arange(int(seconds * 48000)) / 48000
    columns = []
    for channel in range(channels):
        columns.append(sum(numpy.sin(2 * numpy.pi * f * (1 + 0.3 * time) * time + channel) for f in (220, 331, 1770, 5003)))
    return numpy.clip(level * numpy.stack(columns, 1) / 3 + 0.01 * random.standard_normal((len(time), channels)), -1, 1)


def expect(name):
    subprocess.run(['opusdec', '--quiet', '--float', '--rate', '48000', name, 'out.wav'], check=True, capture_output=True)
    samples, _ = soundfile.read('out.wav', dtype='float32', always_2d=True)
    if abs(samples).max() < 1:
        soundfile.write(name + '.flac', samples, 48000, subtype='PCM_24')
    else:
        samples.astype('<f4').tofile(name + '.f32')


def opusenc(name, samples, *options):
    soundfile.write('in.wav', samples, 48000, subtype='PCM_16')
    subprocess.run(['opusenc', '--quiet', '--serial', '9', '--padding', '0', '--discard-comments', *options, 'in.wav', name],
                   check=True, capture_output=True)
    expect(name)


def crc(data):
    value = 0
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
    return value


def page(packet, granule, flags, sequence):
    lacing = [255] * (len(packet) // 255) + [len(packet) % 255]
    data = bytearray(b'OggS' + struct.pack('<BBqIIIB', 0, flags, granule, 9, sequence, 0, len(lacing)) + bytes(lacing) + packet)
    data[22:26] = struct.pack('<I', crc(data))
    return bytes(data)


def encode(name, samples, steps):
    """Frames by libopus, before some of which the encoder is set anew: steps is (frames, samples of each, settings)."""
    channels = samples.shape[1]
    encoder = opus.opus_encoder_create(48000, channels, 2049, None)
    pcm = (numpy.clip(samples, -1, 1) * 32767).astype('<i2')
    room = ctypes.create_string_buffer(4000)
    head = b'OpusHead' + struct.pack('<BBHIhB', 1, channels, 312, 48000, 0, 0)
    pages = [page(head, 0, 2, 0), page(b'OpusTags' + bytes(8), 0, 0, 1)]
    place = 0
    for index, (frames, length, settings) in enumerate(steps):
        for key, value in settings.items():
            assert opus.opus_encoder_ctl(encoder, key, value) == 0
        for frame in range(frames):
            part = numpy.ascontiguousarray(pcm[place:place + length])
            size = opus.opus_encode(encoder, part.ctypes.data, length, ctypes.cast(room, ctypes.c_void_p), 4000)
            place += length
            is_last = index == len(steps) - 1 and frame == frames - 1
            pages.append(page(room.raw[:size], place, 4 if is_last else 0, len(pages)))
    open(name, 'wb').write(b''.join(pages))
    expect(name)


opusenc('opus-hybrid.opus', bursts(0.2, 1), '--speech', '--bitrate', '32')
opusenc('opus-hybrid-10.opus', bursts(0.12, 2), '--speech', '--bitrate', '40', '--framesize', '10', '--hard-cbr')
opusenc('opus-narrow.opus', voice(0.2, 1), '--speech', '--bitrate', '8')
opusenc('opus-medium.opus', voice(0.2, 1), '--speech', '--bitrate', '14', '--set-ctl-int', '4008=1102')
opusenc('opus-wide.opus', voice(0.16, 2), '--speech', '--bitrate', '24', '--framesize', '40', '--set-ctl-int', '4008=1103')
opusenc('opus-copies.opus', voice(0.24, 2), '--speech', '--bitrate', '40', '--framesize', '60', '--expect-loss', '25',
        '--set-ctl-int', '4008=1103')
opusenc('opus-transient.opus', bursts(0.12, 2), '--music', '--bitrate', '64')
opusenc('opus-low.opus', chords(0.1, 2, 0.3), '--music', '--bitrate', '28')
opusenc('opus-high.opus', chords(0.06, 2, 0.3), '--music', '--bitrate', '256', '--framesize', '10')
opusenc('opus-quick.opus', bursts(0.08, 2), '--music', '--bitrate', '96', '--framesize', '5')
opusenc('opus-loud.opus', numpy.sign(chords(0.08, 1, 1)) * 0.999, '--music', '--bitrate', '40')
encode('opus-modes.opus', voice(0.36, 1), [
    (3, 960, {BITRATE: 40000, MODE: SILK, BANDWIDTH: WIDE}), (3, 960, {MODE: HYBRID, BANDWIDTH: FULL}), (3, 960, {MODE: CELT}),
    (3, 960, {MODE: HYBRID, BITRATE: 48000}), (2, 960, {MODE: CELT}), (3, 960, {MODE: SILK, BANDWIDTH: WIDE})])
encode('opus-channels.opus', voice(0.32, 2), [
    (3, 960, {BITRATE: 32000, MODE: SILK, BANDWIDTH: WIDE, CHANNELS: 2}), (3, 960, {CHANNELS: 1}), (3, 960, {CHANNELS: 2}),
    (2, 960, {MODE: CELT, BANDWIDTH: FULL, BITRATE: 48000}), (2, 960, {CHANNELS: 1}), (2, 960, {CHANNELS: 2})])
encode('opus-bandwidths.opus', voice(0.36, 1), [
    (2, 960, {BITRATE: 40000, MODE: SILK, BANDWIDTH: 1101}), (2, 960, {MODE: CELT}), (2, 960, {MODE: SILK, BANDWIDTH: 1102}),
    (2, 960, {MODE: CELT, BANDWIDTH: 1104}), (2, 1920, {MODE: SILK, BANDWIDTH: WIDE}), (3, 960, {MODE: HYBRID, BANDWIDTH: 1104}),
    (2, 480, {})])
for name in ('in.wav', 'out.wav'):
    os.remove(name)
