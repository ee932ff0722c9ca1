"""The vision transformer that PaSST and AST are, in plain PyTorch."""
import torch
from layers import Attention, Block, LayerNorm
from torch import nn


class VisionTransformer(nn.Module):
    def __init__(self, frequency, time, patch, stride, dim, depth, heads, classes, kept):
        """kept: tokens of a training step, with those of class and distillation; the others are left out at random."""
        super().__init__()
        self.input = (1, frequency, time)
        self.kept = kept
        self.patches = nn.Conv2d(1, dim, patch, stride)
        count = ((frequency - patch) // stride + 1) * ((time - patch) // stride + 1)
        self.tokens = nn.Parameter(torch.zeros(1, 2, dim))
        self.positions = nn.Parameter(torch.zeros(1, count + 2, dim))
        self.blocks = nn.Sequential(*[Block(dim, Attention(dim, heads)) for _ in range(depth)])
        self.norm = LayerNorm(dim, eps=1e-6)
        self.head = nn.Linear(dim, classes)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        count = x.shape[1]
        x = torch.cat([self.tokens.expand(len(x), -1, -1), x], dim=1) + self.positions
        if self.training and self.kept < count + 2:
            patches = torch.randperm(count)[:self.kept - 2].sort().values
            x = x[:, torch.cat([torch.arange(2), patches + 2])]
        return self.head(self.norm(self.blocks(x))[:, :2].mean(dim=1))
