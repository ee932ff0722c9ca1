"""The Swin Transformer that HTS-AT is, in plain PyTorch."""
from layers import Block, LayerNorm, WindowAttention
from torch import nn


class PatchMerging(nn.Module):
    """(B, H, W, C) to (B, H / 2, W / 2, 2 C)"""

    def __init__(self, dim):
        super().__init__()
        self.norm = LayerNorm(4 * dim)
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)

    def forward(self, x):
        b, height, width, d = x.shape
        x = x.view(b, height // 2, 2, width // 2, 2, d).permute(0, 1, 3, 4, 2, 5)
        return self.reduction(self.norm(x.reshape(b, height // 2, width // 2, 4 * d)))


class SwinTransformer(nn.Module):
    """Four stages over folded spectrograms, with a convolution over the last map."""

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
            for block in range(depth):
                shift = window // 2 if block % 2 == 1 and side > window else 0
                blocks.append(Block(dim, WindowAttention(dim, heads, side, side, min(window, side), shift)))
            if stage + 1 < stages:
                blocks.append(PatchMerging(dim))
                dim, side = 2 * dim, side // 2
        self.blocks = nn.Sequential(*blocks)
        self.norm = LayerNorm(dim)
        self.head = nn.Conv2d(dim, classes, (side // self.ratio, 3), padding=(0, 1))

    def forward(self, x):
        x = self.bins(x.transpose(1, 3)).transpose(1, 3)
        b = len(x)
        x = x.reshape(b, 1, self.ratio, self.image, -1).transpose(3, 4).reshape(b, 1, self.image, self.image)
        x = self.patch_norm(self.patches(x).permute(0, 2, 3, 1))
        x = self.norm(self.blocks(x))
        side = x.shape[1]
        x = x.view(b, self.ratio, side // self.ratio, side, -1).permute(0, 4, 2, 1, 3).flatten(3)
        return self.head(x).flatten(2).mean(dim=2)
