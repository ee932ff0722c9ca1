"""Peers of the features benchmark: prints its cases, then times the one whose name comes on each line of input.

A time is the best of three runs, as on the other side: what a run before left in the caches is not the peer's doing.
"""

import sys
import time

import torch

torch.set_num_threads(1)
torch.manual_seed(1)
cases = {}


def kaldi_fbank():
    import torchaudio

    clip = 0.2 * torch.rand(1, 160000) - 0.1
    return lambda: torchaudio.compliance.kaldi.fbank(
        clip, htk_compat=True, sample_frequency=16000, use_energy=False, window_type="hanning",
        num_mel_bins=128, dither=0.0, frame_shift=10)


def stft_mel(window, bands, logarithm):
    clip = 0.2 * torch.rand(1, 320000) - 0.1
    mel = torch.rand(bands, 513)

    def run():
        spectrum = torch.view_as_real(torch.stft(clip, 1024, 320, window.numel(), window, return_complex=True))
        power = spectrum[..., 0].square() + spectrum[..., 1].square()
        return logarithm(mel @ power)

    return run


def torch_resample():
    import torchaudio

    clip = 0.2 * torch.rand(1, 441000) - 0.1
    transform = torchaudio.transforms.Resample(44100, 16000)
    return lambda: transform(clip)


def librosa_mel():
    import librosa

    clip = (0.2 * torch.rand(320000) - 0.1).numpy()
    return lambda: librosa.power_to_db(librosa.feature.melspectrogram(
        y=clip, sr=32000, n_fft=1024, hop_length=320, n_mels=64, fmin=50, fmax=14000))


def decibel(value):
    return 10 * torch.log10(torch.clamp(value, min=1e-10))


for name, make in {
    "torchaudio kaldi.fbank": kaldi_fbank,
    "torch.stft + 64 mel": lambda: stft_mel(torch.hann_window(1024), 64, decibel),
    "torch.stft + 128 mel": lambda: stft_mel(
        torch.hann_window(800, periodic=False), 128, lambda value: (torch.log(value + 1e-5) + 4.5) / 5),
    "torchaudio Resample": torch_resample,
    "librosa melspectrogram": librosa_mel,
}.items():
    try:
        run = make()
        run()
        cases[name] = run
    except ImportError:
        pass

print("\t".join(cases), flush=True)
with torch.inference_mode():
    for line in sys.stdin:
        run = cases[line.strip()]
        seconds = []
        for _ in range(3):
            start = time.process_time()
            run()
            seconds.append(time.process_time() - start)
        print(min(seconds), flush=True)
