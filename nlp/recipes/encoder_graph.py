"""The tuned layers as an ONNX graph with int8 weights, and MiniLM's own graph opened where they begin."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import onnx
from minilm import FROZEN, HEADS, LAYERS, WIDTH
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

Arrays = dict[str, np.ndarray]


class _Graph:
    """Collects nodes and constants."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: object, kind: type = np.float32) -> str:
        array = np.ascontiguousarray(np.asarray(value, dtype=kind))
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def do(self, operation: str, inputs: list[str], out: str, **how: object) -> str:
        self.nodes.append(helper.make_node(operation, inputs, [out], **how))
        return out

    def linear(self, x: str, weight: np.ndarray, bias: np.ndarray, out: str) -> str:
        product = self.do("MatMul", [x, self.constant(f"{out}.w", weight.T)], f"{out}.m")
        return self.do("Add", [product, self.constant(f"{out}.b", bias)], out)

    def normal(self, x: str, weight: np.ndarray, bias: np.ndarray, out: str) -> str:
        inputs = [x, self.constant(f"{out}.w", weight), self.constant(f"{out}.b", bias)]
        return self.do("LayerNormalization", inputs, out, axis=-1, epsilon=1e-12)


def encoder(weights: Arrays) -> bytes:
    """Write the encoder's weights (names as in `tune_encoder.Net`) as a quantised graph."""
    graph = _Graph()
    asked = graph.do("MatMul", ["question", graph.constant("wq", weights["wq.weight"].T)], "asked.row")
    asked = graph.do("Unsqueeze", [asked, graph.constant("first", [1], np.int64)], "asked")
    x = graph.do("Add", ["states", asked], "x")
    graph.constant("heads", [1, -1, HEADS, WIDTH // HEADS], np.int64)
    graph.constant("flat", [1, -1, WIDTH], np.int64)
    for name, value in (("scale", (WIDTH // HEADS) ** -0.5), ("root", 2**-0.5), ("half", 0.5), ("unit", 1.0)):
        graph.constant(name, value)
    for layer in range(LAYERS - FROZEN):
        x = _layer(graph, x, layer, weights)
    graph.do("Identity", [x], "tokens")
    score = graph.do("MatMul", [x, graph.constant("att", weights["att.weight"].T)], "weights")
    share = graph.do("Softmax", [score], "att.shares", axis=1)
    graph.do("ReduceSum", [graph.do("Mul", [x, share], "att.parts"), "first"], "tuned", keepdims=0)
    return _quantised(_model(graph))


def opened(minilm: bytes) -> bytes:
    """Let MiniLM's graph give the token states after its frozen layers as `states`, wherever it gave them before."""
    model = onnx.load_from_string(minilm)
    ends = [node for node in model.graph.node if node.op_type == "LayerNormalization" and "/layer." in node.name]
    ends = [node for node in ends if "/attention/" not in node.name]
    renamed = {"states": next((f"{node.name}_output_0" for node in ends if "states" in node.output), "states")}
    renamed[ends[FROZEN - 1].output[0]] = "states"
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [renamed.get(name, name) for name in names]
    return model.SerializeToString()


def _layer(graph: _Graph, x: str, layer: int, weights: Arrays) -> str:
    own = {name.removeprefix(f"layers.{layer}."): value for name, value in weights.items()}
    name, part = f"{layer}.", {}
    for at, role in enumerate("qkv"):
        rows = slice(at * WIDTH, (at + 1) * WIDTH)
        y = graph.linear(x, own["qkv.weight"][rows], own["qkv.bias"][rows], name + role)
        order = [0, 2, 3, 1] if role == "k" else [0, 2, 1, 3]
        y = graph.do("Reshape", [y, "heads"], f"{name}{role}.heads")
        part[role] = graph.do("Transpose", [y], f"{name}{role}.turned", perm=order)
    scores = graph.do("MatMul", [part["q"], part["k"]], name + "scores")
    shares = graph.do("Softmax", [graph.do("Mul", [scores, "scale"], name + "scaled")], name + "shares", axis=-1)
    heard = graph.do("MatMul", [shares, part["v"]], name + "heard")
    heard = graph.do("Transpose", [heard], name + "heard.turned", perm=[0, 2, 1, 3])
    y = graph.linear(graph.do("Reshape", [heard, "flat"], name + "joined"), own["o.weight"], own["o.bias"], name + "o")
    x = graph.normal(graph.do("Add", [x, y], name + "sum1"), own["n1.weight"], own["n1.bias"], name + "x1")
    up = graph.linear(x, own["up.weight"], own["up.bias"], name + "up")
    erf = graph.do("Erf", [graph.do("Mul", [up, "root"], name + "up.root")], name + "erf")
    gelu = graph.do("Mul", [up, graph.do("Add", [erf, "unit"], name + "erf.one")], name + "gelu.two")
    gelu = graph.do("Mul", [gelu, "half"], name + "gelu")
    y = graph.linear(gelu, own["down.weight"], own["down.bias"], name + "down")
    return graph.normal(graph.do("Add", [x, y], name + "sum2"), own["n2.weight"], own["n2.bias"], name + "x2")


def _model(graph: _Graph) -> onnx.ModelProto:
    def tensor(name: str, shape: list[object]) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    inputs = [tensor("states", [1, "tokens", WIDTH]), tensor("question", [1, WIDTH])]
    sizes: dict[str, list[object]] = {"tuned": [1, WIDTH], "tokens": [1, "tokens", WIDTH], "weights": [1, "tokens", 1]}
    outputs = [tensor(name, size) for name, size in sizes.items()]
    body = helper.make_graph(graph.nodes, "tuned", inputs, outputs, graph.constants)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def _quantised(model: onnx.ModelProto) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        exact, small = Path(folder) / "exact.onnx", Path(folder) / "small.onnx"
        onnx.save(model, exact)
        only = {"MatMulConstBOnly": True}
        quantize_dynamic(exact, small, weight_type=QuantType.QInt8, per_channel=True, extra_options=only)
        return small.read_bytes()
