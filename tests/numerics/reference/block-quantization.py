"""Writes block-quantization.reference.json: codes, scales and zero points that ONNX Runtime's own quantizer for
MatMulNBits gives, 4 and 8 bits, blocks of 32, asymmetric.

Run: pip install onnxruntime onnx onnx_ir; python block-quantization.py
Rows of the matrix [N,K] (K is what products sum over) hold cases: normal numbers of several sizes, zeros, only
positive, only negative, one number, ties, tiny and huge numbers.
"""

import base64
import json
import pathlib

import numpy as np
import onnxruntime
from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, DefaultWeightOnlyQuantizer

K = 96  # three blocks: an odd number, so that rows end with half a byte of zero points
random = np.random.default_rng(7)
rows = [
    *(random.standard_normal((6, K)) * 0.02),
    *(random.standard_normal((4, K)) * np.array([[1e-6], [1.0], [1e3], [1e30]])),
    np.zeros(K),
    np.abs(random.standard_normal(K)),
    -np.abs(random.standard_normal(K)),
    np.full(K, 0.3),
    np.full(K, -0.3),
    np.tile(np.arange(-8, 8) / 8, 6),
    np.tile(np.arange(0, 32) / 2 - 0.25, 3),
    np.where(np.arange(K) % 32 == 5, 1.0, 0.0),
    random.standard_normal(K) * 1e-39,  # subnormal in float32
]
weights = np.stack(rows).astype(np.float32)


def text(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


cases = []
for bits in (4, 8):
    config = DefaultWeightOnlyQuantConfig(block_size=32, is_symmetric=False, bits=bits)
    codes, scales, zero_points = DefaultWeightOnlyQuantizer(config).qbits_block_quant(np.ascontiguousarray(weights.T))
    cases.append({"bits": bits, "codes": text(codes), "scales": text(scales), "zeroPoints": text(zero_points)})

reference = {
    "onnxruntime": onnxruntime.__version__,
    "shape": list(weights.shape),
    "weights": text(weights),
    "cases": cases,
}
path = pathlib.Path(__file__).with_name("block-quantization.reference.json")
path.write_text(json.dumps(reference, indent=2) + "\n")
