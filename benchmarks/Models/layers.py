"""Layers that the plain transformers share."""
import torch
from torch import nn


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
        products = (q * (d // self.heads) ** -0.5) @ k.transpose(-2, -1)
        weights = (products if bias is None else bias(products)).softmax(dim=-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(b, n, d))


class Block(nn.Module):
    def __init__(self, dim, attention, eps=1e-6):
        super().__init__()
        self.norm1 = LayerNorm(dim, eps=eps)
        self.attn = attention
        self.norm2 = LayerNorm(dim, eps=eps)
        self.mlp = Mlp(dim)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class WindowAttention(nn.Module):
    """Attention within windows of a map (B, H, W, C), which may be shifted; with a bias of relative positions."""

    def __init__(self, dim, heads, height, width, window, shift):
        super().__init__()
        self.attn = Attention(dim, heads)
        self.window = window
        self.shift = shift
        tokens = window ** 2
        self.table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        place = torch.arange(tokens)
        rows, columns = place // window, place % window
        down = rows[:, None] - rows[None] + window - 1
        right = columns[:, None] - columns[None] + window - 1
        self.register_buffer("index", (down * (2 * window - 1) + right).view(-1), persistent=False)
        # Which values a mask has does not matter to how long it takes.
        windows = height // window * (width // window)
        mask = torch.zeros(1, windows, 1, tokens, tokens) if shift else None
        self.register_buffer("mask", mask, persistent=False)

    def bias(self, products):
        windows, heads, tokens, _ = products.shape
        products = products + self.table[self.index].view(tokens, tokens, heads).permute(2, 0, 1)
        if self.mask is None:
            return products
        return (products.view(-1, self.mask.shape[1], heads, tokens, tokens) + self.mask).view(products.shape)

    def forward(self, x):
        b, height, width, d = x.shape
        window, rows, columns = self.window, height // self.window, width // self.window
        if self.shift:
            x = x.roll((-self.shift, -self.shift), (1, 2))
        x = x.view(b, rows, window, columns, window, d).transpose(2, 3).reshape(-1, window * window, d)
        x = self.attn(x, self.bias)
        x = x.view(b, rows, columns, window, window, d).transpose(2, 3).reshape(b, height, width, d)
        return x.roll((self.shift, self.shift), (1, 2)) if self.shift else x
