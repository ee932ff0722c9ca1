"""The deformable attention transformer (DAT, CVPR 2022) that DATAR is, with DATAR's adaptor, in plain PyTorch."""
import torch
from layers import Block, LayerNorm, WindowAttention
from torch import nn
from torch.nn import functional


class MapNorm(LayerNorm):
    """Normalizes the channels of a map (B, C, H, W)."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def grid(height, width):
    """Centres of a map's cells (H, W, 2), y and x, from -1 to 1."""
    rows = (torch.arange(height) + 0.5) / height * 2 - 1
    columns = (torch.arange(width) + 0.5) / width * 2 - 1
    return torch.stack(torch.meshgrid(rows, columns, indexing="ij"), dim=-1)


class DeformableAttention(nn.Module):
    """Over maps (B, H, W, C): keys and values are sampled where the queries' offsets put them."""

    RANGE = 2.0

    def __init__(self, dim, heads, groups, height, width, kernel):
        super().__init__()
        self.heads, self.groups = heads, groups
        group = dim // groups
        self.offsets = nn.Sequential(
            nn.Conv2d(group, group, kernel, 1, kernel // 2, groups=group), MapNorm(group), nn.GELU(),
            nn.Conv2d(group, 2, 1, bias=False))
        self.q, self.k, self.v, self.out = (nn.Conv2d(dim, dim, 1) for _ in range(4))
        self.table = nn.Parameter(torch.zeros(heads, 2 * height - 1, 2 * width - 1))
        self.register_buffer("queries", grid(height, width), persistent=False)
        points = [length + 2 * (kernel // 2) - kernel + 1 for length in (height, width)]
        self.register_buffer("references", grid(*points), persistent=False)
        self.register_buffer("range", self.RANGE / torch.tensor(points), persistent=False)

    def forward(self, x):
        x = x.permute(0, 3, 1, 2)
        b, dim, height, width = x.shape
        heads, groups = self.heads, self.groups
        q = self.q(x)
        # Positions have more digits than bfloat16.
        offsets = self.offsets(q.reshape(b * groups, -1, height, width)).permute(0, 2, 3, 1).float()
        positions = (offsets.tanh() * self.range.float() + self.references.float()).flip(-1)
        sampled = functional.grid_sample(
            x.reshape(b * groups, -1, height, width).float(), positions, align_corners=True)
        sampled = sampled.reshape(b, dim, 1, -1).to(q.dtype)
        points = sampled.shape[-1]
        q = q.reshape(b * heads, -1, height * width) * (dim // heads) ** -0.5
        k = self.k(sampled).reshape(b * heads, -1, points)
        v = self.v(sampled).reshape(b * heads, -1, points)

        # The bias of displacements, which a table of -2 to 2 is sampled at.
        queries = self.queries.float().flip(-1).view(1, height * width, 1, 2)
        displacements = (queries - positions.view(b * groups, 1, points, 2)) * 0.5
        table = self.table.float().view(1, groups, heads // groups, *self.table.shape[1:])
        table = table.expand(b, -1, -1, -1, -1).flatten(0, 1)
        bias = functional.grid_sample(table, displacements, align_corners=True).view(b * heads, -1, points)
        weights = (q.transpose(1, 2) @ k + bias).softmax(dim=2).to(v.dtype)
        mixed = (v @ weights.transpose(1, 2)).reshape(b, dim, height, width)
        return self.out(mixed).permute(0, 2, 3, 1)


class DeformableTransformer(nn.Module):
    def __init__(self, frequency, time, patch, stem, classes, *stages):
        """stages: seven numbers each, dim, heads, groups, pairs of blocks, whether deformable, window and kernel."""
        super().__init__()
        self.input = (1, frequency, time)
        self.adaptor = nn.Conv2d(1, 1, 3, 1, 1)
        self.alpha = nn.Parameter(torch.full((1,), 0.005))
        self.patches = nn.Sequential(nn.Conv2d(1, stem, patch, patch), MapNorm(stem))
        height, width = frequency // patch, time // patch
        self.stages, self.halvings = nn.ModuleList(), nn.ModuleList()
        before = stem
        for start in range(0, len(stages), 7):
            dim, heads, groups, pairs, deformable, window, kernel = stages[start:start + 7]
            if start > 0:
                self.halvings.append(nn.Sequential(nn.Conv2d(before, dim, 2, 2, bias=False), MapNorm(dim)))
                height, width = height // 2, width // 2
            blocks = []
            for _ in range(pairs):
                blocks.append(WindowAttention(dim, heads, height, width, window, 0))
                blocks.append(
                    DeformableAttention(dim, heads, groups, height, width, kernel) if deformable
                    else WindowAttention(dim, heads, height, width, window, (window + 1) // 2))
            self.stages.append(nn.Sequential(*[Block(dim, attention, eps=1e-5) for attention in blocks]))
            before = dim
        self.norm = LayerNorm(before)
        self.head = nn.Linear(before, classes)

    def forward(self, x):
        # oneDNN 2.6 never ends the gradient of this convolution in bfloat16 on a processor with AMX.
        with torch.autocast("cpu", enabled=False):
            x = x + self.alpha * self.adaptor(x)
        x = self.patches(x)
        for number, stage in enumerate(self.stages):
            x = x if number == 0 else self.halvings[number - 1](x.permute(0, 3, 1, 2))
            x = stage(x.permute(0, 2, 3, 1).contiguous())
        return self.head(self.norm(x).mean(dim=(1, 2)))
