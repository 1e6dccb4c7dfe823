/** ONNX Runtime without its telemetry: the rest of the worker takes the library from here. */
import '../no-telemetry.js';

export { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
