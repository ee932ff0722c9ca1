"""Exports a plain transformer of PyTorch to ONNX: a graph that the library's own is compared with.

Arguments: FILE MODEL SIZES, as model_peers.py has them.
"""
import sys
import warnings

import torch
from model_peers import MODELS


def main():
    path, name, *sizes = sys.argv[1:]
    # Shapes other than the batch's are constants of the graph, which is what is wanted.
    warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
    torch.manual_seed(1)
    model = MODELS[name](*[int(size) for size in sizes]).eval()
    clip = torch.randn(1, *model.input)
    torch.onnx.export(
        model, clip, path, opset_version=17, input_names=["clip"], output_names=["logits"],
        dynamic_axes={"clip": {0: "batch"}, "logits": {0: "batch"}})
    print("written", flush=True)


if __name__ == "__main__":
    main()
