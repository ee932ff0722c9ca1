"""FLAC files of a few hundred bytes to a few kilobytes, in the current folder; called by flac-ogg.sh."""
import hashlib
import os
import struct
import subprocess

import numpy

random = numpy.random.default_rng(14)
lines = []


def wav(samples, bits, rate):
    """WAVE_FORMAT_EXTENSIBLE, which says how many bits of a sample's bytes are used: the highest ones."""
    frames, channels = samples.shape
    size = (bits + 7) // 8
    shifted = samples.astype(numpy.int64) << (8 * size - bits)
    if size == 1:
        shifted += 128
    data = b''.join(int(value).to_bytes(size, 'little', signed=size > 1) for value in shifted.ravel())
    guid = struct.pack('<H', 1) + bytes.fromhex('000000001000800000aa00389b71')
    mask = {1: 4, 2: 3, 3: 7, 4: 0x33, 5: 0x37, 6: 0x3F, 7: 0x70F, 8: 0x63F}[channels]
    form = struct.pack('<HHIIHHHHI', 0xFFFE, channels, rate, rate * channels * size, channels * size, 8 * size, 22, bits, mask) + guid
    body = b'WAVEfmt ' + struct.pack('<I', len(form)) + form + b'data' + struct.pack('<I', len(data)) + data
    return b'RIFF' + struct.pack('<I', len(body)) + body


def expect(name, samples, bits, rate):
    frames, channels = samples.shape
    floats = samples.astype(numpy.float64).ravel() * 2.0 ** (1 - bits)
    digest = hashlib.md5(floats.astype('<f4').tobytes()).hexdigest()
    lines.append(f'{name} {rate} {channels} {frames} {digest}')


def encode(name, samples, bits, *options, rate=8000, pipe=False):
    samples = numpy.asarray(samples)
    if samples.ndim == 1:
        samples = samples[:, None]
    if pipe:
        # Neither the length of its input nor a way back to the header: both stay unknown.
        raw = ['--force-raw-format', '--endian=little', '--sign=signed', '--channels=1', '--bps=16', f'--sample-rate={rate}']
        result = subprocess.run(
            ['flac', '-s', '--no-padding', *options, *raw, '-', '-c'], input=samples.astype('<i2').tobytes(),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        open(name + '.flac', 'wb').write(result.stdout)
    else:
        open('in.wav', 'wb').write(wav(samples, bits, rate))
        subprocess.run(['flac', '-s', '-f', '--no-padding', *options, '-o', name + '.flac', 'in.wav'], check=True)
        os.remove('in.wav')
    expect(name, samples, bits, rate)


def tone(frames, bits, level=0.5, noise=0.002, frequency=0.031):
    """A sweep with a little noise."""
    time = numpy.arange(frames)
    values = level * numpy.sin(frequency * time + 1e-5 * time * time) + noise * random.standard_normal(frames)
    return numpy.clip(numpy.round(values * 2 ** (bits - 1)), -2 ** (bits - 1), 2 ** (bits - 1) - 1).astype(numpy.int64)


for bits in (4, 5, 7, 8, 12, 13, 16, 20, 24, 31, 32):
    encode(f'bits-{bits}', tone(500, bits), bits, '-5', '--lax')
for channels in range(1, 9):
    columns = [tone(200, 16, frequency=0.02 * (1 + channel)) for channel in range(channels)]
    encode(f'channels-{channels}', numpy.stack(columns, 1), 16, '-5', rate=48000)

# The side of 32-bit audio needs 33 bits: left and right at opposite full scale.
loud = tone(600, 32, level=0.99, noise=0)
encode('side-33', numpy.stack([loud, -loud], 1), 32, '-5', '-m', '--lax')
encode('side-33-noise', numpy.stack([loud, -loud + random.integers(-9, 9, 600)], 1), 32, '-0', '-m', '--lax')
full = numpy.where(numpy.arange(64) % 2 == 0, -2 ** 31, 2 ** 31 - 1)
encode('side-33-extremes', numpy.stack([full, full[::-1]], 1), 32, '-5', '-m', '--lax')

# Which of the stereo modes is shortest: one channel that is quiet, and one that is the other and little more.
base = tone(1200, 16)
drift = numpy.cumsum(random.integers(-1, 2, 1200))
encode('stereo-left-side', numpy.stack([base, base + drift], 1), 16, '-5', '-m')
encode('stereo-right-side', numpy.stack([tone(1200, 16, noise=0.01), base], 1), 16, '-5', '-m')
encode('stereo-mid-side', numpy.stack([base + random.integers(-60, 60, 1200), base + random.integers(-60, 60, 1200)], 1), 16, '-5', '-m')
encode('stereo-adaptive', numpy.stack([base, numpy.roll(base, 3)], 1), 16, '-5', '-M', '-b', '256')

encode('block-16', tone(200, 16), 16, '-b', '16', '--lax')
encode('block-192', tone(500, 16), 16, '-b', '192')
encode('block-577', tone(1500, 16), 16, '-b', '577', '--lax')
steps = numpy.repeat(random.integers(-100, 100, 18), 4000)
encode('block-65535', steps, 16, '-b', '65535', '--lax')
encode('wasted-bits', tone(400, 19) * 32, 24, '-5')
encode('wasted-bits-stereo', numpy.stack([tone(400, 12) * 16, tone(400, 10) * 64], 1), 16, '-5', '-m')
encode('order-12', tone(800, 16), 16, '-8', '-l', '12')
encode('order-32', tone(1200, 24), 24, '-8', '-l', '32', '--lax')
encode('order-fixed', tone(800, 16, noise=0.0001), 16, '-0')
encode('silence', numpy.zeros((5000, 2), numpy.int64), 16)
encode('noise', random.integers(-2 ** 15, 2 ** 15, 300), 16)
encode('noise-24', random.integers(-2 ** 23, 2 ** 23, 300), 24)
impulses = numpy.zeros(1000, numpy.int64)
impulses[::90] = random.integers(-2 ** 23, 2 ** 23, len(impulses[::90]))
encode('impulses', impulses, 24, '-e')
encode('rate-odd', tone(300, 16), 16, rate=37801)
encode('rate-655350', tone(300, 16), 16, '--lax', rate=655350)
encode('seek-table', tone(6000, 8, noise=0), 8, '-b', '512', '-S', '40x')
encode('unknown-length', tone(900, 16), 16, '-b', '256', pipe=True)
encode('id3', tone(300, 16), 16)
plain = open('id3.flac', 'rb').read()
open('id3.flac', 'wb').write(b'ID3\x04\x00\x00' + bytes([0, 0, 2, 10]) + bytes(2 * 128 + 10) + plain)

# ffmpeg: another encoder, with other predictors, and as CD rips come.
music = numpy.stack([tone(2000, 16), tone(2000, 16, frequency=0.05)], 1)
open('in.wav', 'wb').write(wav(music, 16, 44100))
subprocess.run(['ffmpeg', '-v', 'error', '-y', '-bitexact', '-i', 'in.wav', '-map_metadata', '-1', '-compression_level', '12',
                '-lpc_type', 'cholesky', 'ffmpeg.flac'], check=True)
os.remove('in.wav')
expect('ffmpeg', music, 16, 44100)
open('flac.txt', 'w').write('\n'.join(sorted(lines)) + '\n')
