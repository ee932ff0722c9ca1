"""Scores or trains a transformer in plain PyTorch: what the library's model of the same size is compared with.

Arguments: score|train TYPE BATCH LOSS MODEL SIZES. TYPE is float32; bfloat16, with all weights in it; or autocast, with
products in it. LOSS, of training, is bce or ce. MODEL is vit, swin or dat, see the constructors for their sizes.

A line "run" on standard input is answered with the seconds of one pass or step, "peak" with the most memory that the
process had since its model was made, in bytes.
"""
import os
import sys
import time

import torch
from deformable_transformer import DeformableTransformer
from swin_transformer import SwinTransformer
from torch.nn import functional
from vision_transformer import VisionTransformer

MODELS = {"vit": VisionTransformer, "swin": SwinTransformer, "dat": DeformableTransformer}


def scoring(model, dtype, batch):
    weights = torch.bfloat16 if dtype == "bfloat16" else torch.float32
    model = model.eval().to(weights)
    clips = torch.randn(batch, *model.input).to(weights)

    @torch.inference_mode()
    def run():
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == "autocast"):
            model(clips)

    return run


def training(model, dtype, batch, loss):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=1e-4, foreach=True)
    clips = torch.randn(batch, *model.input)
    classes = model.head.weight.shape[0]
    if loss == "bce":
        targets = (torch.rand(batch, classes) < 0.01).float()
        criterion = functional.binary_cross_entropy_with_logits
    else:
        targets = torch.arange(batch) % classes
        criterion = functional.cross_entropy

    def run():
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == "autocast"):
            logits = model(clips)
        criterion(logits.float(), targets).backward()
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


def main():
    what, dtype, batch, loss, name, *sizes = sys.argv[1:]
    torch.set_num_threads(1)
    torch.manual_seed(1)
    model = MODELS[name](*[int(size) for size in sizes])
    run = training(model, dtype, int(batch), loss) if what == "train" else scoring(model, dtype, int(batch))
    reset_peak()
    print("ready", flush=True)
    for line in sys.stdin:
        if line.strip() == "peak":
            print(peak_bytes(), flush=True)
            continue
        start = time.perf_counter()
        run()
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
