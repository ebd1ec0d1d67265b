"""Makes an ONNX file of EfficientNet-Lite0 from its published weights, without PyTorch.

    python efficientnet_lite0.py efficientnet-lite0-57934424.pth efficientnet-lite0.onnx

Input `pixels`: uint8 [n, 224, 224, 3], red, green, blue. Outputs: `embedding`, float32 [n, 1280],
and `logits`, float32 [n, 1000]. docs/embeddings/README.md says where the weights are.
"""

import collections
import pickle
import struct
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIZE = 224
# Repeats, kernel, stride, expansion and channels of each stage.
STAGES = [
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
]


class WeightsUnpickler(pickle.Unpickler):
    """Reads PyTorch's format of 2020, and refuses to load any other class."""

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if name == "_rebuild_tensor_v2":
            return lambda storage, offset, size, stride, *rest: (storage, offset, size, stride)
        if name.endswith("Storage"):
            return name
        raise pickle.UnpicklingError(f"unexpected class {module}.{name}")

    def persistent_load(self, storage):
        return storage


def read_weights(path):
    types = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}
    with open(path, "rb") as file:
        for _ in range(3):
            WeightsUnpickler(file).load()
        tensors = WeightsUnpickler(file).load()
        type_of_key = {storage[2]: types[storage[1]] for storage, *_ in tensors.values()}
        data = {}
        for key in WeightsUnpickler(file).load():
            (count,) = struct.unpack("<q", file.read(8))
            data[key] = np.frombuffer(file.read(count * type_of_key[key].itemsize), type_of_key[key])
    weights = {}
    for name, (storage, offset, size, stride) in tensors.items():
        values = data[storage[2]][offset:]
        strides = [step * values.itemsize for step in stride]
        weights[name] = np.ascontiguousarray(np.lib.stride_tricks.as_strided(values, size, strides))
    return weights


class Graph:
    def __init__(self, weights):
        self.weights = weights
        self.nodes = []
        self.constants = []

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(np.asarray(values, np.float32), name))
        return name

    def node(self, operator, inputs, output, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def convolution(self, x, name, norm, size, kernel, stride=1, groups=1, is_active=True):
        """A convolution with its batch normalisation folded in; returns output and its size."""
        gamma, beta, mean, variance = (
            self.weights[f"{norm}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gamma / np.sqrt(variance + 1e-3)
        n = len(self.nodes)
        weight = self.constant(f"w{n}", self.weights[name] * scale[:, None, None, None])
        bias = self.constant(f"b{n}", beta - mean * scale)
        out = -(-size // stride)
        padding = max((out - 1) * stride + kernel - size, 0)
        before, after = padding // 2, padding - padding // 2
        y = self.node(
            "Conv", [x, weight, bias], f"c{n}", kernel_shape=[kernel] * 2, strides=[stride] * 2,
            pads=[before, before, after, after], group=groups,
        )
        return (self.node("Clip", [y, "zero", "six"], f"a{n}") if is_active else y), out

    def block(self, x, prefix, size, kernel, stride, expansion, channels, out_channels):
        y = x
        if expansion != 1:
            y, _ = self.convolution(y, f"{prefix}._expand_conv.weight", f"{prefix}._bn0", size, 1)
        y, out = self.convolution(
            y, f"{prefix}._depthwise_conv.weight", f"{prefix}._bn1", size, kernel, stride,
            groups=channels * expansion,
        )
        y, _ = self.convolution(
            y, f"{prefix}._project_conv.weight", f"{prefix}._bn2", out, 1, is_active=False
        )
        if stride == 1 and channels == out_channels:
            y = self.node("Add", [y, x], f"r{len(self.nodes)}")
        return y, out


def build(weights):
    graph = Graph(weights)
    graph.constant("zero", 0)
    graph.constant("six", 6)
    x = graph.node("Cast", ["pixels"], "float", to=TensorProto.FLOAT)
    x = graph.node("Sub", [x, graph.constant("mean", [127])], "centred")
    x = graph.node("Div", [x, graph.constant("std", [128])], "scaled")
    x = graph.node("Transpose", [x], "planes", perm=[0, 3, 1, 2])
    x, size = graph.convolution(x, "_conv_stem.weight", "_bn0", SIZE, 3, 2)
    number, channels = 0, 32
    for repeats, kernel, stride, expansion, out_channels in STAGES:
        for repeat in range(repeats):
            x, size = graph.block(
                x, f"_blocks.{number}", size, kernel, stride if repeat == 0 else 1, expansion,
                channels, out_channels,
            )
            number, channels = number + 1, out_channels
    x, _ = graph.convolution(x, "_conv_head.weight", "_bn1", size, 1)
    x = graph.node("GlobalAveragePool", [x], "pooled")
    embedding = graph.node("Flatten", [x], "embedding")
    head = [graph.constant("fc_w", weights["_fc.weight"]), graph.constant("fc_b", weights["_fc.bias"])]
    graph.node("Gemm", [embedding, *head], "logits", transB=1)
    value = helper.make_tensor_value_info
    made = helper.make_graph(
        graph.nodes,
        "efficientnet-lite0",
        [value("pixels", TensorProto.UINT8, ["n", SIZE, SIZE, 3])],
        [value("embedding", TensorProto.FLOAT, ["n", 1280]), value("logits", TensorProto.FLOAT, ["n", 1000])],
        graph.constants,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model


if __name__ == "__main__":
    model = build(read_weights(sys.argv[1]))
    onnx.checker.check_model(model)
    onnx.save(model, sys.argv[2])
