import { engine, setBackend, type Tensor } from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.js';
import { registerGradients } from '../gradients/register.js';
import { GraphBuilder } from '../graph/builder.js';
import type { ElementType, Value } from '../graph/graph.js';
import { type TraceBackend, traceBackend, traceBackendName } from './backend.js';

/** The tools that a traced function runs with. */
export interface Recording {
  readonly builder: GraphBuilder;
  readonly backend: TraceBackend;
  /** A placeholder tensor for a graph input. */
  input(name: string, shape: readonly number[], type: ElementType): Tensor;
  tensorOf(value: Value): Tensor;
  valueOf(tensor: Tensor, what: string): Value;
}

/**
 * Runs `body` while tfjs records, and restores tfjs's previous backend. It is synchronous from start to end, so nothing
 * else can run on the recording backend meanwhile. All tensors made inside are disposed, even after an error.
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
    // With a synchronous factory, tfjs sets the backend before it returns the promise.
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

/** Frees the tensors that tfjs keeps for a backward pass; after an error that pass never runs. */
function disposeTape(): void {
  const { state } = engine();
  for (const node of state.activeTape ?? []) {
    for (const tensor of node.saved ?? []) tensor.dispose();
  }
  state.activeTape = [];
}

/** Turns tfjs's plain errors about missing kernels and gradients into EngineErrors, which say where to add them. */
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
