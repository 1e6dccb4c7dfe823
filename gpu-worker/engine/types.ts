import type { Tensor } from '@tensorflow/tfjs-core';
import type { FrozenWeights } from '../../src/protocol/frozen-weights.js';
import type { FilePlace } from '../../src/storage/safetensors-file.js';
import type { UpdateRule } from '../optim/coefficients.js';
import type { HeldMatrix } from './held/held-matrix.js';
import type { ProductCodes } from './held/product-codes.js';

/** Where a compiled graph runs. `tensorflow` runs the same functions eagerly on TensorFlow's kernels. */
export type EngineTarget = 'cpu' | 'webgpu' | 'cuda' | 'tensorflow';

/** The chosen target, and why the others were not chosen: a log line, and `Run.engine` in the graph. */
export interface EngineChoice {
  readonly target: EngineTarget;
  readonly reason: string;
  readonly rejected: readonly { readonly target: EngineTarget; readonly reason: string }[];
  readonly threads: number;
  /** Changes whenever the numbers that a run produces could change, so it is part of what makes a run reproducible. */
  readonly version: string;
}

export interface InputSpec {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

/**
 * An input whose sizes vary: a name in its shape stands for a size, and the same name always for the same size;
 * `a + b` stands for the sum of two sizes that other inputs have.
 */
export interface DynamicInputSpec {
  readonly shape: readonly (number | string)[];
  readonly dtype: InputSpec['dtype'];
}

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** Frozen parameters have no gradient and no optimizer state. */
  readonly trainable: boolean;
  /** Whether weight decay applies: matrices yes; biases, norms and loss weights no (AdamW's usual convention). */
  readonly decay: boolean;
  /**
   * How the values of a frozen matrix are held. Every graph reads the store's own memory then. Absent: as float32, of
   * which a graph may have a copy of its own that is repacked for its products.
   */
  readonly format?: FrozenWeights;
  /**
   * The values of a frozen matrix are held as 8-bit codes for products of rows with it, and for rows that are looked up
   * in it; `inputs`: its rows are those of inputs, [K,N]; `outputs`: of outputs, [N,K]. Graphs hold the
   * codes as constants.
   */
  readonly productCodes?: 'inputs' | 'outputs';
  /**
   * The values of a frozen parameter stay in a file, little-endian float32. Graphs map them, and have a copy of their
   * own of what is repacked for products. Not for the target `tensorflow`.
   */
  readonly file?: FilePlace;
}

export type Tensors = Readonly<Record<string, Tensor>>;
export type Feeds = Readonly<Record<string, Float32Array | Int32Array>>;

/** Seeded randomness inside the graph: a hash of (seed, step, site, element), never the session's own state. */
export interface TrainingRandomness {
  /** Inverted dropout: x · mask / (1 − rate), a new mask at every step. rate 0 returns x. */
  dropout(x: Tensor, rate: number): Tensor;
  /**
   * Only the mask: 0 or 1 / (1 − rate), for an op that needs the same mask forward and backward. It gets no gradient.
   */
  dropoutMask(shape: readonly number[], rate: number): Tensor;
}

export type LossFunction = (
  parameters: Tensors,
  inputs: Tensors,
  random: TrainingRandomness,
) => { readonly loss: Tensor; readonly metrics?: Readonly<Record<string, Tensor>> };

export type ForwardFunction = (parameters: Tensors, inputs: Tensors) => Readonly<Record<string, Tensor>>;

export interface StepOptions {
  /** The largest size at which the loss can be recorded, for dimensions with such a limit: the number of positions. */
  readonly maxima?: Readonly<Record<string, number>>;
}

/** One forward and backward pass. Several steps may share one set of parameters. */
export interface GradientStep {
  /**
   * Runs the step and adds `scale` · gradient to the parameters' gradient accumulators. `step` and `seed` determine the
   * dropout masks. `sizes` gives the sizes of the dynamic dimensions, by name. A non-finite loss throws EngineError
   * only if the run can't finish.
   */
  run(
    feeds: Feeds,
    options: {
      readonly seed: number;
      readonly step: number;
      readonly scale: number;
      readonly sizes?: Readonly<Record<string, number>>;
    },
  ): Promise<StepResult>;
  release(): Promise<void>;
}

export interface StepResult {
  readonly loss: number;
  /** One array for each metric; scalars become arrays of length 1. */
  readonly metrics: Readonly<Record<string, Float32Array>>;
}

export interface ForwardOptions {
  /**
   * Takes the parameters' present values into the graph as constants, which ONNX Runtime repacks for its matrix
   * products (1.15 to 1.2 times as fast). Later training has no effect on them. Default false: trainable parameters are
   * read from the store at each run.
   */
  readonly frozen?: boolean;
}

/** A compiled function of only its inputs. */
export interface CompiledForward {
  run(feeds: Feeds): Promise<Readonly<Record<string, Float32Array | Int32Array>>>;
  release(): Promise<void>;
}

export interface DynamicForwardOptions extends ForwardOptions {
  /**
   * The largest size at which the function can be traced, for dimensions with such a limit: the number of positions.
   */
  readonly maxima?: Readonly<Record<string, number>>;
  /** Whether most runs multiply matrices with one row or a few, as a model that writes does. Default: false. */
  readonly fewRows?: boolean;
}

/** A compiled function of inputs whose sizes are known only at each run. */
export interface DynamicForward {
  /** @param sizes of the dynamic dimensions, by name */
  run(
    feeds: Feeds,
    sizes: Readonly<Record<string, number>>,
  ): Promise<Readonly<Record<string, Float32Array | Int32Array>>>;
  release(): Promise<void>;
}

/**
 * Parameters, gradient accumulators and AdamW moments in WebAssembly memory, which graphs read in place. All returned
 * arrays are live views.
 */
export interface ParameterStore {
  readonly specs: readonly ParameterSpec[];
  /** @throws EngineError INVALID_PARAMETERS for a matrix that is not held as float32 */
  value(name: string): Float32Array;
  /** The matrix, if it is not held as float32. */
  held(name: string): HeldMatrix | undefined;
  /** The matrix, if it is held as codes for products. */
  productCodes(name: string): ProductCodes | undefined;
  /** The values, whatever they are held as: a live view of float32, else a new array. */
  read(name: string): Float32Array;
  /** Takes over all values, in the format that the parameter is held in. */
  write(name: string, values: Float32Array): void;
  /** The accumulated gradient of a trainable parameter, which may be written through this view at any time. */
  gradient(name: string): Float32Array;
  /** How many optimizer steps were taken so far: AdamW's t. */
  readonly updates: number;
  /**
   * gradient += values, elementwise. The array becomes the store's: it may hold the sum, and must not be changed until
   * gradients are zero again.
   */
  accumulate(name: string, values: Float32Array): void;
  /**
   * gradient[ids[i], :] += rows[i, :] for i = 0, 1, …, in that order, so repeated ids sum in the same order every time.
   * The gradient of an embedding [V,H] leaves a graph in this form, `ids [N], rows [N,H]`, because a dense gradient
   * would need a zero fill and a scatter over the whole table. A negative id is skipped (tfjs's convention); an id ≥ V
   * throws EngineError.
   */
  accumulateRows(name: string, ids: Int32Array, rows: Float32Array): void;
  zeroGradients(): void;
  /**
   * One optimizer step from the accumulated gradients, which are zeroed afterwards, with the coefficients that the rule
   * gives for each parameter. Returns the global norm before clipping; where that is not finite, nothing changes.
   */
  update(coefficientsOf: UpdateRule): { readonly gradientNorm: number };
  /** Moments and update count, for a checkpoint, as live views. */
  optimizerState(): {
    readonly updates: number;
    readonly moments: ReadonlyMap<string, { m: Float32Array; v: Float32Array }>;
  };
  loadOptimizerState(state: {
    updates: number;
    moments: ReadonlyMap<string, { m: Float32Array; v: Float32Array }>;
  }): void;
  release(): void;
}

export interface Engine {
  readonly choice: EngineChoice;
  /** Without `values` all parameters start as zeros, to be written through `value`. */
  createParameters(specs: readonly ParameterSpec[], values?: ReadonlyMap<string, Float32Array>): ParameterStore;
  /** If the inputs' sizes contain names, one graph serves all sizes: see `compileDynamicForward`. */
  compileStep(
    store: ParameterStore,
    inputs: Readonly<Record<string, DynamicInputSpec>>,
    loss: LossFunction,
    options?: StepOptions,
  ): Promise<GradientStep>;
  compileForward(
    store: ParameterStore,
    inputs: Readonly<Record<string, InputSpec>>,
    forward: ForwardFunction,
    options?: ForwardOptions,
  ): Promise<CompiledForward>;
  /**
   * Makes one graph for inputs of all sizes. The function must be the same at every size, so it must not contain
   * constants that depend on a size.
   * @throws EngineError INVALID_FUNCTION for other functions
   */
  compileDynamicForward(
    store: ParameterStore,
    inputs: Readonly<Record<string, DynamicInputSpec>>,
    forward: ForwardFunction,
    options?: DynamicForwardOptions,
  ): Promise<DynamicForward>;
  release(): Promise<void>;
}

export interface EngineOptions {
  readonly target: EngineTarget | 'auto';
  readonly threads: number;
}
