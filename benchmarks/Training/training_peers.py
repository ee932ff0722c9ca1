"""The training loop that a Python user writes for a plain vision transformer: what the library's is compared with.

Arguments: TYPE BATCH TOKENS FREQUENCY TIME PATCH STRIDE DIM DEPTH HEADS CLASSES, bfloat16 by autocast. A line "step" on
standard input is answered with the seconds of one step, "peak" with the most memory that the process had, in bytes.
"""
import sys
import time

import torch
from model_peers import VisionTransformer, peak_bytes


def main():
    dtype = getattr(torch, sys.argv[1])
    batch, tokens, *sizes = [int(word) for word in sys.argv[2:]]
    torch.set_num_threads(1)
    torch.manual_seed(1)
    model = VisionTransformer(*sizes)
    count = model.positions.shape[1]
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=1e-4)
    print("step", flush=True)
    for line in sys.stdin:
        if line.strip() == "peak":
            print(peak_bytes(), flush=True)
            continue
        clips = torch.randn(batch, 1, *sizes[:2])
        targets = (torch.rand(batch, sizes[-1]) < 0.01).float()
        start = time.perf_counter()
        keep = None
        if tokens < count:
            patches = torch.randperm(count - 2)[:tokens - 2].sort().values
            keep = torch.cat([torch.arange(2), patches + 2])
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
            logits = model(clips, keep)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), targets)
        loss.backward()
        optimizer.step()
        print(time.perf_counter() - start, flush=True)


main()
