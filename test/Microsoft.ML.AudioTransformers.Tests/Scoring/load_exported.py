"""Loads safetensors files strictly into modules of the given names and shapes, and tells each tensor's SHA-256, a line a file."""
import hashlib
import json
import struct
import sys

import torch


def read(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32", entry
        start, end = entry["data_offsets"]
        tensors[name] = torch.frombuffer(data[start:end], dtype=torch.float32).reshape(entry["shape"])
    return tensors


def module_of(shapes):
    root = torch.nn.Module()
    for name, shape in shapes.items():
        *path, last = name.split(".")
        module = root
        for part in path:
            if part not in module._modules:
                module.add_module(part, torch.nn.Module())
            module = module._modules[part]
        module.register_parameter(last, torch.nn.Parameter(torch.zeros(shape)))
    return root


for exported, shapes in zip(sys.argv[1::2], sys.argv[2::2]):
    with open(shapes, encoding="utf-8") as file:
        model = module_of(json.load(file))
    model.load_state_dict(read(exported), strict=True)
    print(json.dumps({name: hashlib.sha256(tensor.numpy().tobytes()).hexdigest() for name, tensor in model.state_dict().items()}))
