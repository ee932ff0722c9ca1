"""Checks ONNX files with shape inference of every node, and prints inputs, outputs and metadata of each as JSON."""
import json
import sys

import onnx


def describe(values):
    return {
        value.name: [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim] for value in values
    }


files = {}
for path in sys.argv[1:]:
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path, load_external_data=False)
    assert all(opset.domain == "" for opset in model.opset_import), model.opset_import
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    files[path] = {
        "inputs": describe(inferred.graph.input),
        "outputs": describe(inferred.graph.output),
        "nodes": len(model.graph.node),
        "undocumented": [value.name for value in [*model.graph.input, *model.graph.output] if not value.doc_string],
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
    }
json.dump(files, sys.stdout)
