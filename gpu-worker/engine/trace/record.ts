import { engine, setBackend, type Tensor } from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.js';
import { registerGradients } from '../gradients/register.js';
import { GraphBuilder } from '../graph/builder.js';
import type { ElementType, Value } from '../graph/graph.js';
import { type TraceBackend, traceBackend, traceBackendName } from './backend.js';

/** What a traced function is run with. */
export interface Recording {
  readonly builder: GraphBuilder;
  readonly backend: TraceBackend;
  /** A placeholder tensor for a graph input. */
  input(name: string, shape: readonly number[], type: ElementType): Tensor;
  tensorOf(value: Value): Tensor;
  valueOf(tensor: Tensor, what: string): Value;
}

/**
 * Runs `body` with tfjs recording, and puts tfjs's previous backend back. Synchronous from start to end, so nothing else can run
 * on the recording backend meanwhile. All tensors made inside are disposed, also after an error.
 */
export function record<Result>(body: (recording: Recording) => Result): Result {
  registerGradients();
  const backend = traceBackend();
  const builder = new GraphBuilder();
  const tf = engine();
  const previous: string | null = tf.backendName;
  const tensorOf = (value: Value, origin = 'the engine'): Tensor =>
    tf.makeTensorFromTensorInfo(backend.tensorInfo(value, origin), backend);
  const recording: Recording = {
    builder,
    backend,
    tensorOf,
    input: (name, shape, type) => tensorOf(builder.input(name, shape, type), `the input ${name}`),
    valueOf: (tensor, what) => graphValueOf(backend, tensor, what),
  };
  return backend.record(builder, () => {
    // tfjs sets a backend with a synchronous factory before it returns the promise.
    void setBackend(traceBackendName);
    tf.startScope('trace');
    try {
      return body(recording);
    } catch (error) {
      disposeTape();
      throw named(error);
    } finally {
      tf.endScope();
      if (previous !== null && previous !== undefined) void setBackend(previous);
    }
  });
}

function graphValueOf(backend: TraceBackend, tensor: Tensor, what: string): Value {
  if (tensor?.dataId === undefined) throw new EngineError('INVALID_FUNCTION', `${what} is not a tensor.`);
  if (tensor.isDisposed) throw new EngineError('INVALID_FUNCTION', `${what} was disposed inside the traced function.`);
  return backend.graphValue(tensor);
}

/** tfjs keeps what a backward pass would need until that pass has run; after an error it never does. */
function disposeTape(): void {
  const { state } = engine();
  for (const node of state.activeTape ?? []) {
    for (const tensor of node.saved ?? []) tensor.dispose();
  }
  state.activeTape = [];
}

/** Turns tfjs's plain errors about missing pieces into ours, which say where to add them. */
function named(error: unknown): unknown {
  const message = error instanceof Error ? error.message : '';
  const kernel = /Kernel '(\w+)' not registered for backend/.exec(message)?.[1];
  if (kernel !== undefined) {
    return new EngineError(
      'UNKNOWN_KERNEL',
      `No lowering for tfjs's kernel ${kernel}: add one to the fitting file of gpu-worker/engine/lowerings/ (list: index.ts).`,
      { cause: error },
    );
  }
  const gradient = /(?:gradient function not found for|Cannot compute gradient:[^.]*?) ?(\w+)\.?$/.exec(message)?.[1];
  if (gradient !== undefined) {
    return new EngineError('UNKNOWN_KERNEL', `tfjs has no gradient for its kernel ${gradient}: use tf.customGrad.`, {
      cause: error,
    });
  }
  return error;
}
