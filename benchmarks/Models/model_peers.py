"""A vision transformer in plain PyTorch, as papers write it down: what the library's models are compared with.

A line "TYPE FREQUENCY TIME PATCH STRIDE DIM DEPTH HEADS CLASSES" on standard input is answered with the seconds of one
clip, "peak" with the most memory that the process had since that model was made, in bytes.
"""
import os
import sys
import time

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.fc1 = nn.Linear(dim, 4 * dim)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(4 * dim, dim)

    def attend(self, x):
        b, n, d = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-2, -1) * (d // self.heads) ** -0.5).softmax(dim=-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(b, n, d))

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.fc2(self.act(self.fc1(self.norm2(x))))


class VisionTransformer(nn.Module):
    def __init__(self, frequency, time, patch, stride, dim, depth, heads, classes):
        super().__init__()
        self.patches = nn.Conv2d(1, dim, patch, stride)
        count = ((frequency - patch) // stride + 1) * ((time - patch) // stride + 1)
        self.tokens = nn.Parameter(torch.zeros(1, 2, dim))
        self.positions = nn.Parameter(torch.zeros(1, count + 2, dim))
        self.blocks = nn.Sequential(*[Block(dim, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.head = nn.Linear(dim, classes)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.tokens.expand(len(x), -1, -1), x], dim=1) + self.positions
        return self.head(self.norm(self.blocks(x))[:, :2].mean(dim=1))


def reset_peak():
    """Linux: 5 resets the mark that VmHWM reads."""
    if os.path.exists("/proc/self/clear_refs"):
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")


def peak_bytes():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))


def main():
    torch.set_num_threads(1)
    print("vit", flush=True)
    made_for, model, clip = None, None, None
    for line in sys.stdin:
        words = line.split()
        if words == ["peak"]:
            print(peak_bytes(), flush=True)
            continue
        if words != made_for:
            model = clip = None
            dtype = getattr(torch, words[0])
            sizes = [int(word) for word in words[1:]]
            model = VisionTransformer(*sizes).eval()
            reset_peak()
            model = model.to(dtype)
            clip = torch.randn(1, 1, *sizes[:2]).to(dtype)
            made_for = words
        start = time.perf_counter()
        with torch.no_grad():
            model(clip)
        print(time.perf_counter() - start, flush=True)


main()
