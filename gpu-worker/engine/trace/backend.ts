import {
  type DataId,
  DataStorage,
  type DataType,
  engine,
  KernelBackend,
  type NamedTensorInfoMap,
  registerBackend,
  registerKernel,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.js';
import { elementData, type GraphBuilder } from '../graph/builder.js';
import type { ElementType, Value } from '../graph/graph.js';
import { lowerings } from '../lowerings/index.js';
import { type Lowering, unsupported } from '../lowerings/lowering.js';

export const traceBackendName = 'attune-trace';

/** Larger JavaScript arrays are data that should be an input, or random numbers, and would be frozen into the graph. */
const maxConstantBytes = 4096;

/** The record behind a tensor's dataId. */
interface Traced {
  readonly value: Value;
  /** The kernel or the kind of input that made the value, for messages. */
  readonly origin: string;
  references: number;
}

/**
 * A tfjs backend that computes nothing and records the requested kernels. tfjs registers backends and kernels once for
 * a process, so this backend writes to the graph builder of the running trace, and refuses work outside of a trace.
 */
export class TraceBackend extends KernelBackend {
  readonly #storage = new DataStorage<Traced>(this, engine());
  #builder: GraphBuilder | undefined;

  /**
   * Records everything that `body` does on this backend into one builder. Not reentrant: a trace inside a trace is a
   * mistake.
   */
  record<Result>(builder: GraphBuilder, body: () => Result): Result {
    if (this.#builder !== undefined) throw new EngineError('INVALID_FUNCTION', 'A trace began inside another trace.');
    this.#builder = builder;
    try {
      return body();
    } finally {
      this.#builder = undefined;
    }
  }

  get builder(): GraphBuilder {
    if (this.#builder !== undefined) return this.#builder;
    throw new EngineError(
      'INVALID_FUNCTION',
      'A tfjs operation ran on the recording backend outside of a trace. Use a tensor only inside the function that received it.',
    );
  }

  /** Makes a graph value into a tfjs tensor. */
  tensorInfo(value: Value, origin: string): TensorInfo {
    const dataId = {};
    this.#storage.set(dataId, { value, origin, references: 1 });
    return { dataId, shape: [...value.shape], dtype: tfjsType(value.type, origin) };
  }

  graphValue({ dataId }: Pick<TensorInfo, 'dataId'>): Value {
    return this.#storage.get(dataId).value;
  }

  run({ kernel, lower }: Lowering, inputs: NamedTensorInfoMap, attributes: object): TensorInfo | TensorInfo[] {
    const values = Object.entries(inputs).map(
      ([name, tensor]) => [name, this.graphValue(tensor as TensorInfo)] as const,
    );
    const result = lower(this.builder, Object.fromEntries(values), { ...attributes });
    const info = (value: Value): TensorInfo => this.tensorInfo(value, kernel);
    return Array.isArray(result) ? result.map(info) : info(result as Value);
  }

  override write(values: unknown, shape: number[], dtype: DataType): DataId {
    return this.tensorInfo(this.#constant(values, shape, dtype), 'a constant').dataId;
  }

  override move(dataId: DataId, values: unknown, shape: number[], dtype: DataType, refCount: number): void {
    this.#storage.set(dataId, {
      value: this.#constant(values, shape, dtype),
      origin: 'a tensor from outside the trace',
      references: refCount,
    });
  }

  #constant(values: unknown, shape: number[], dtype: DataType): Value {
    const type = elementType(dtype, 'a constant');
    const numbers = values as ArrayLike<number>;
    const first = numbers[0];
    if (first !== undefined && allEqual(numbers, first)) return this.builder.splat(shape, type, Number(first));
    const data = elementData(type, numbers);
    if (data.byteLength > maxConstantBytes) {
      throw new EngineError(
        'LARGE_CONSTANT',
        `An array of ${data.byteLength} bytes (${dtype} [${shape}]) went into a trace, where it would be frozen into the graph; the ` +
          `limit is ${maxConstantBytes}. Make it an input, a parameter, compute it by operations, or draw it with random.dropout.`,
      );
    }
    return this.builder.constant(shape, type, data);
  }

  override readSync(dataId: object): never {
    const { origin, value } = this.#storage.get(dataId);
    throw new EngineError(
      'TRACED_VALUE_READ',
      `The value of a traced tensor [${value.shape}], made by ${origin}, was read (dataSync, data, array, print or a condition on it). ` +
        'A traced function runs once with placeholders: use tf.where instead of if, and return values that you want to read as metrics.',
    );
  }

  override read(dataId: object): Promise<never> {
    return this.readSync(dataId);
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.#storage.has(dataId)) return true;
    const traced = this.#storage.get(dataId);
    traced.references--;
    if (traced.references > 0 && !force) return false;
    this.#storage.delete(dataId);
    return true;
  }

  override incRef(dataId: DataId): void {
    this.#storage.get(dataId).references++;
  }

  override refCount(dataId: DataId): number {
    return this.#storage.has(dataId) ? this.#storage.get(dataId).references : 0;
  }

  override numDataIds(): number {
    return this.#storage.numDataIds();
  }

  override timerAvailable(): boolean {
    return false;
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override dispose(): void {}
}

function allEqual(values: ArrayLike<number>, first: number): boolean {
  for (let index = 1; index < values.length; index++) {
    if (!Object.is(values[index], first)) return false;
  }
  return true;
}

function elementType(dtype: DataType, what: string): ElementType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw unsupported(what, `dtype ${dtype}`);
}

function tfjsType(type: ElementType, kernel: string): DataType {
  if (type === 'float32' || type === 'int32' || type === 'bool') return type;
  throw unsupported(kernel, `a result of type ${type}`);
}

let registered: TraceBackend | undefined;

/**
 * The process's recording backend, registered with tfjs at the lowest priority, so that tfjs never chooses it by
 * itself.
 */
export function traceBackend(): TraceBackend {
  if (registered !== undefined) return registered;
  const backend = new TraceBackend();
  registerBackend(traceBackendName, () => backend, 0);
  for (const lowering of lowerings) {
    registerKernel({
      kernelName: lowering.kernel,
      backendName: traceBackendName,
      kernelFunc: ({ inputs, attrs }) => backend.run(lowering, inputs, attrs ?? {}),
    });
  }
  registered = backend;
  return backend;
}
