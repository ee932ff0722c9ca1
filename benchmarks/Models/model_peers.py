"""Transformers in plain PyTorch, as papers write them down: what the library's models are compared with.

A line "TYPE score|train MODEL SIZES" on standard input is answered with the seconds of one clip, or of one training step
of two; "product" with those of a matrix product, "peak" with the most memory that the process had since the last model
was made, in bytes. MODEL is vit or swin, see the constructors for their sizes.
"""
import os
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional


class LayerNorm(nn.LayerNorm):
    """In the type of its weights, which autocast leaves as they are."""

    def forward(self, x):
        return super().forward(x.to(self.weight.dtype))


class Mlp(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.fc1 = nn.Linear(dim, 4 * dim)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(4 * dim, dim)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x, bias=None):
        b, n, d = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        products = q @ k.transpose(-2, -1) * (d // self.heads) ** -0.5
        weights = (products if bias is None else bias(products)).softmax(dim=-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(b, n, d))


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.norm1 = LayerNorm(dim, eps=1e-6)
        self.attn = Attention(dim, heads)
        self.norm2 = LayerNorm(dim, eps=1e-6)
        self.mlp = Mlp(dim)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class VisionTransformer(nn.Module):
    def __init__(self, frequency, time, patch, stride, dim, depth, heads, classes):
        super().__init__()
        self.input = (1, frequency, time)
        self.patches = nn.Conv2d(1, dim, patch, stride)
        count = ((frequency - patch) // stride + 1) * ((time - patch) // stride + 1)
        self.tokens = nn.Parameter(torch.zeros(1, 2, dim))
        self.positions = nn.Parameter(torch.zeros(1, count + 2, dim))
        self.blocks = nn.Sequential(*[Block(dim, heads) for _ in range(depth)])
        self.norm = LayerNorm(dim, eps=1e-6)
        self.head = nn.Linear(dim, classes)

    def forward(self, x, keep=None):
        """Logits; of the patches only those that keep lists, where it is given."""
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.tokens.expand(len(x), -1, -1), x], dim=1) + self.positions
        if keep is not None:
            x = x[:, keep]
        return self.head(self.norm(self.blocks(x))[:, :2].mean(dim=1))


class SwinBlock(Block):
    def __init__(self, dim, heads, side, window, is_shifted):
        super().__init__(dim, heads)
        self.side = side
        self.window = min(window, side)
        self.shift = window // 2 if is_shifted and side > window else 0
        tokens = self.window ** 2
        self.table = nn.Parameter(torch.zeros((2 * self.window - 1) ** 2, heads))
        place = torch.arange(tokens)
        rows, columns = place // self.window, place % self.window
        down = rows[:, None] - rows[None] + self.window - 1
        right = columns[:, None] - columns[None] + self.window - 1
        self.register_buffer("index", (down * (2 * self.window - 1) + right).view(-1), persistent=False)
        # Which values a mask has does not matter to how long it takes.
        mask = torch.zeros(1, (side // self.window) ** 2, 1, tokens, tokens) if self.shift else None
        self.register_buffer("mask", mask, persistent=False)

    def bias(self, products):
        windows, heads, tokens, _ = products.shape
        products = products + self.table[self.index].view(tokens, tokens, heads).permute(2, 0, 1)
        if self.mask is None:
            return products
        return (products.view(-1, self.mask.shape[1], heads, tokens, tokens) + self.mask).view(products.shape)

    def attend(self, x):
        b, n, d = x.shape
        side, window, count = self.side, self.window, self.side // self.window
        x = x.view(b, side, side, d)
        if self.shift:
            x = x.roll((-self.shift, -self.shift), (1, 2))
        x = x.view(b, count, window, count, window, d).transpose(2, 3).reshape(-1, window * window, d)
        x = self.attn(x, self.bias)
        x = x.view(b, count, count, window, window, d).transpose(2, 3).reshape(b, side, side, d)
        if self.shift:
            x = x.roll((self.shift, self.shift), (1, 2))
        return x.view(b, n, d)

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchMerging(nn.Module):
    def __init__(self, dim, side):
        super().__init__()
        self.side = side
        self.norm = LayerNorm(4 * dim)
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)

    def forward(self, x):
        b, n, d = x.shape
        x = x.view(b, self.side // 2, 2, self.side // 2, 2, d).permute(0, 1, 3, 4, 2, 5).reshape(b, n // 4, 4 * d)
        return self.reduction(self.norm(x))


class SwinTransformer(nn.Module):
    """A Swin Transformer of four stages over folded spectrograms, with a convolution over its last map."""

    def __init__(self, mels, image, patch, dim, window, classes, *depths_and_heads):
        super().__init__()
        self.ratio = image // mels
        self.image = image
        self.input = (1, image * self.ratio, mels)
        self.bins = nn.BatchNorm2d(mels)
        self.patches = nn.Conv2d(1, dim, patch, patch)
        self.patch_norm = LayerNorm(dim)
        stages = len(depths_and_heads) // 2
        blocks = []
        side = image // patch
        for stage, (depth, heads) in enumerate(zip(depths_and_heads[:stages], depths_and_heads[stages:])):
            blocks += [SwinBlock(dim, heads, side, window, block % 2 == 1) for block in range(depth)]
            if stage + 1 < stages:
                blocks.append(PatchMerging(dim, side))
                dim, side = 2 * dim, side // 2
        self.blocks = nn.Sequential(*blocks)
        self.norm = LayerNorm(dim)
        self.side = side
        self.head = nn.Conv2d(dim, classes, (side // self.ratio, 3), padding=(0, 1))

    def forward(self, x):
        x = self.bins(x.transpose(1, 3)).transpose(1, 3)
        b, side = len(x), self.side
        x = x.reshape(b, 1, self.ratio, self.image, -1).transpose(3, 4).reshape(b, 1, self.image, self.image)
        x = self.patch_norm(self.patches(x).flatten(2).transpose(1, 2))
        x = self.norm(self.blocks(x))
        x = x.view(b, self.ratio, side // self.ratio, side, -1).permute(0, 4, 2, 1, 3).flatten(3)
        return self.head(x).flatten(2).mean(dim=2)


# One by itself would be timed with cold caches.
PRODUCTS = 5
MODELS = {"vit": VisionTransformer, "swin": SwinTransformer}


def scoring(model, dtype):
    model = model.eval().to(dtype)
    clip = torch.randn(1, *model.input).to(dtype)

    @torch.no_grad()
    def run():
        model(clip)

    return run


def training(model, dtype):
    optimizer = torch.optim.AdamW(model.parameters(), 1e-7, weight_decay=0.05, foreach=True)
    clips = torch.randn(2, *model.input)
    labels = torch.tensor([1, 2])

    def run():
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
            loss = functional.cross_entropy(model(clips).float(), labels)
        loss.backward()
        optimizer.step()

    return run


def reset_peak():
    """Linux: 5 resets the mark that VmHWM reads."""
    if os.path.exists("/proc/self/clear_refs"):
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")


def peak_bytes():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))


def seconds(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main():
    torch.set_num_threads(1)
    print("\t".join(MODELS), flush=True)
    left, right = torch.randn(1024, 1024), torch.randn(1024, 1024)
    made_for, run = None, None
    for line in sys.stdin:
        words = line.split()
        if words == ["peak"]:
            print(peak_bytes(), flush=True)
            continue
        if words == ["product"]:
            print(statistics.median(seconds(lambda: left @ right) for _ in range(PRODUCTS)), flush=True)
            continue
        if words != made_for:
            run = None
            model = MODELS[words[2]](*[int(word) for word in words[3:]])
            reset_peak()
            run = (training if words[1] == "train" else scoring)(model, getattr(torch, words[0]))
            del model
            made_for = words
        print(seconds(run), flush=True)


if __name__ == "__main__":
    main()
