import type { UpdateRule } from '../optim/coefficients.js';
import { elementCount, type Placement, planBanks } from './banks.js';
import { EngineError } from './errors.js';
import { GradientRows } from './gradient-rows.js';
import { type HeldMatrix, holdMatrix } from './held/held-matrix.js';
import { createProductCodes, type ProductCodes } from './held/product-codes.js';
import { type OptimizerBank, openBank } from './optimizer-bank.js';
import type { ParameterSpec, ParameterStore } from './types.js';

/** A trainable parameter: its place, its live views, and the rows of its gradient that may differ from zero. */
interface Trainable extends Placement {
  readonly spec: ParameterSpec;
  readonly kernels: OptimizerBank;
  readonly rowCount: number;
  readonly width: number;
  readonly values: Float32Array;
  readonly gradients: Float32Array;
  readonly moments: { readonly m: Float32Array; readonly v: Float32Array };
  rows: GradientRows | 'all';
  /** The gradient, where it lies in an array that was given whole, and the accumulator is zero. */
  given: Float32Array | null;
  /** Whether the accumulator may differ from zero. A caller with a view of it may write at any time. */
  accumulator: 'zero' | 'used' | 'viewed';
}

/** Numbers that are copied at a time: they stay in a processor's cache. */
const numbersAtATime = 16_384;

/**
 * Creates the parameters of one model with zero gradients and moments.
 *
 * Values of trainable parameters are copied into WebAssembly memory. Values of frozen ones are not copied: the store
 * keeps the given array, which must not change after a graph was compiled. Without `values` all parameters start as
 * zeros in the store's own memory; a file can be read straight into the views of `value`, so that a model never exists
 * twice.
 *
 * A dense gradient stays in the array in which a graph gave it, and later ones are added there. One that comes by rows
 * first, or that a caller wants to see, has its place in WebAssembly memory.
 *
 * Updates are in place, in spec order, and byte-exact: the same sequence of calls gives the same bytes everywhere. A
 * parameter whose gradient comes only by rows (an embedding) is updated only in the rows that ever had a gradient,
 * apart from weight decay, which is the whole update of a row whose gradient and moments are 0. Once a caller asks for
 * the dense view of its gradient, all rows are updated, because the caller may write anything there.
 *
 * @throws EngineError INVALID_PARAMETERS when names repeat, values are missing or of the wrong length, or a parameter
 * exceeds one WebAssembly memory
 */
export function createParameterStore(
  specs: readonly ParameterSpec[],
  values?: ReadonlyMap<string, Float32Array>,
): ParameterStore {
  checkSpecs(specs, values);
  const plan = planBanks(specs);
  const banks = plan.bankBytes.map(openBank);
  const trainables = new Map<string, Trainable>();
  for (const spec of specs) {
    const placement = plan.placements.get(spec.name);
    if (placement === undefined) continue;
    const kernels = banks[placement.bank]!;
    const view = (offset: number) => new Float32Array(kernels.buffer, offset, placement.length);
    const rowCount = spec.shape.length > 1 ? spec.shape[0]! : 1;
    const trainable: Trainable = {
      ...placement,
      spec,
      kernels,
      rowCount,
      width: placement.length / rowCount,
      values: view(placement.value),
      gradients: view(placement.gradient),
      moments: { m: view(placement.m), v: view(placement.v) },
      rows: new GradientRows(rowCount),
      given: null,
      accumulator: 'zero',
    };
    if (values !== undefined) trainable.values.set(values.get(spec.name)!);
    trainables.set(spec.name, trainable);
  }
  const held = heldMatrices(specs, values);
  const frozen = new Map(
    specs
      .filter((spec) => !spec.trainable && !held.has(spec.name) && (spec.productCodes ?? spec.file) === undefined)
      .map(({ name, shape }) => [name, values?.get(name) ?? new Float32Array(elementCount(shape))]),
  );
  return new WasmParameterStore(specs, trainables, frozen, held, codedMatrices(specs, values));
}

class WasmParameterStore implements ParameterStore {
  readonly specs: readonly ParameterSpec[];
  #trainables: ReadonlyMap<string, Trainable>;
  #frozen: ReadonlyMap<string, Float32Array>;
  #held: ReadonlyMap<string, HeldMatrix>;
  #codes: ReadonlyMap<string, ProductCodes>;
  #updates = 0;
  #released = false;

  constructor(
    specs: readonly ParameterSpec[],
    trainables: ReadonlyMap<string, Trainable>,
    frozen: ReadonlyMap<string, Float32Array>,
    held: ReadonlyMap<string, HeldMatrix>,
    codes: ReadonlyMap<string, ProductCodes>,
  ) {
    this.specs = specs;
    this.#trainables = trainables;
    this.#frozen = frozen;
    this.#held = held;
    this.#codes = codes;
  }

  get updates(): number {
    return this.#updates;
  }

  value(name: string): Float32Array {
    this.#refuseWhenReleased();
    const values = this.#trainables.get(name)?.values ?? this.#frozen.get(name);
    if (values !== undefined) return values;
    const inFile = this.specs.some((spec) => spec.name === name && spec.file !== undefined) ? 'a file' : undefined;
    const format = this.#held.get(name)?.format ?? (this.#codes.has(name) ? 'codes' : inFile);
    if (format === undefined) throw unknownParameter(name);
    throw new EngineError('INVALID_PARAMETERS', `Parameter ${name} is held as ${format}: it has no float32 values.`);
  }

  held(name: string): HeldMatrix | undefined {
    this.#refuseWhenReleased();
    return this.#held.get(name);
  }

  productCodes(name: string): ProductCodes | undefined {
    this.#refuseWhenReleased();
    return this.#codes.get(name);
  }

  read(name: string): Float32Array {
    return (this.held(name) ?? this.productCodes(name))?.read() ?? this.value(name);
  }

  write(name: string, values: Float32Array): void {
    const held = this.held(name) ?? this.productCodes(name);
    if (held === undefined) this.value(name).set(values);
    else held.write(values);
  }

  gradient(name: string): Float32Array {
    const trainable = this.#trainable(name);
    trainable.rows = 'all';
    trainable.accumulator = 'viewed';
    if (trainable.given !== null) trainable.gradients.set(trainable.given);
    trainable.given = null;
    return trainable.gradients;
  }

  accumulate(name: string, values: Float32Array): void {
    const trainable = this.#trainable(name);
    const { gradients } = trainable;
    if (values.length !== gradients.length) {
      throw new EngineError(
        'INVALID_PARAMETERS',
        `A gradient of ${name} has ${values.length} values where ${gradients.length} are needed.`,
      );
    }
    trainable.rows = 'all';
    if (trainable.given === null && trainable.accumulator === 'zero') {
      trainable.given = values;
      return;
    }
    const sum = summand(trainable);
    for (let i = 0; i < values.length; i++) sum[i]! += values[i]!;
  }

  accumulateRows(name: string, ids: Int32Array, rows: Float32Array): void {
    const trainable = this.#trainable(name);
    const { width, rowCount } = trainable;
    if (rows.length !== ids.length * width) {
      throw new EngineError(
        'INVALID_PARAMETERS',
        `${ids.length} gradient rows of ${name} have ${rows.length} values where ${ids.length * width} are needed.`,
      );
    }
    const outside = ids.find((id) => id >= rowCount);
    if (outside !== undefined) {
      throw new EngineError('INVALID_PARAMETERS', `${name} has ${rowCount} rows; there is no row ${outside}.`);
    }
    const sum = summand(trainable);
    ids.forEach((id, i) => {
      if (id < 0) return;
      if (trainable.rows !== 'all') trainable.rows.add(id);
      const to = id * width;
      const from = i * width;
      for (let j = 0; j < width; j++) sum[to + j]! += rows[from + j]!;
    });
  }

  zeroGradients(): void {
    this.#refuseWhenReleased();
    for (const trainable of this.#trainables.values()) {
      const { gradients, rows, width, accumulator } = trainable;
      trainable.given = null;
      if (accumulator === 'zero') continue;
      markZero(trainable);
      if (rows === 'all') gradients.fill(0);
      else rows.forEachRun((first, end, used) => used && gradients.fill(0, first * width, end * width));
    }
  }

  update(coefficientsOf: UpdateRule): { readonly gradientNorm: number } {
    this.#refuseWhenReleased();
    const gradientNorm = this.#gradientNorm();
    if (!Number.isFinite(gradientNorm)) return { gradientNorm };
    this.#updates += 1;
    for (const trainable of this.#trainables.values()) {
      const coefficients = coefficientsOf(this.#updates, gradientNorm, trainable.spec.decay);
      const { kernels, rows, width, length, given, value, gradient, m, v } = trainable;
      if (given !== null) {
        forEachPart(trainable, given, (first, count) => {
          const start = first * 4;
          kernels.adamw(value + start, gradient, m + start, v + start, count, coefficients);
        });
        trainable.given = null;
        continue;
      }
      markZero(trainable);
      if (rows === 'all') {
        kernels.adamw(value, gradient, m, v, length, coefficients);
        continue;
      }
      rows.forEachRun((first, end, used) => {
        const start = first * width * 4;
        const count = (end - first) * width;
        if (used) kernels.adamw(value + start, gradient + start, m + start, v + start, count, coefficients);
        else if (coefficients.decayFactor !== 1) kernels.scale(value + start, count, coefficients.decayFactor);
      });
    }
    return { gradientNorm };
  }

  optimizerState(): ReturnType<ParameterStore['optimizerState']> {
    this.#refuseWhenReleased();
    const moments = new Map([...this.#trainables].map(([name, trainable]) => [name, trainable.moments]));
    return { updates: this.#updates, moments };
  }

  loadOptimizerState(state: Parameters<ParameterStore['loadOptimizerState']>[0]): void {
    this.#refuseWhenReleased();
    for (const [name, { moments: own }] of this.#trainables) {
      const saved = state.moments.get(name);
      if (saved === undefined || saved.m.length !== own.m.length || saved.v.length !== own.v.length) {
        throw new EngineError('INVALID_PARAMETERS', `The optimizer state has no moments that fit parameter ${name}.`);
      }
    }
    for (const [name, trainable] of this.#trainables) {
      const saved = state.moments.get(name)!;
      trainable.moments.m.set(saved.m);
      trainable.moments.v.set(saved.v);
      if (trainable.rows !== 'all') trainable.rows.addNonZero(trainable.width, saved.m, saved.v);
    }
    this.#updates = state.updates;
  }

  release(): void {
    this.#released = true;
    this.#trainables = new Map();
    this.#frozen = new Map();
    this.#held = new Map();
    this.#codes = new Map();
  }

  /** The global norm of all gradients, summed in double precision and in spec order. */
  #gradientNorm(): number {
    let total = 0;
    for (const trainable of this.#trainables.values()) {
      const { kernels, rows, rowCount, width, given, gradients, gradient } = trainable;
      let sum = 0;
      if (given !== null) {
        forEachPart(trainable, given, (_, count) => {
          for (let row = 0; row < count; row += width) sum += kernels.sumOfSquaresByRows(gradient + row * 4, 1, width);
          gradients.fill(0, 0, count);
        });
      } else if (rows === 'all') sum = kernels.sumOfSquaresByRows(gradient, rowCount, width);
      else sum = rows.sumOver((row) => kernels.sumOfSquaresByRows(gradient + row * width * 4, 1, width));
      total += sum;
    }
    return Math.sqrt(total);
  }

  #trainable(name: string): Trainable {
    this.#refuseWhenReleased();
    const trainable = this.#trainables.get(name);
    if (trainable !== undefined) return trainable;
    if (![this.#frozen, this.#held, this.#codes].some((frozen) => frozen.has(name))) throw unknownParameter(name);
    throw new EngineError('INVALID_PARAMETERS', `Parameter ${name} is frozen: it has no gradient.`);
  }

  #refuseWhenReleased(): void {
    if (this.#released) throw new EngineError('RELEASED', 'These parameters have been released.');
  }
}

function heldMatrices(
  specs: readonly ParameterSpec[],
  values: ReadonlyMap<string, Float32Array> | undefined,
): ReadonlyMap<string, HeldMatrix> {
  const held = new Map<string, HeldMatrix>();
  for (const { name, shape, trainable, format = 'float32' } of specs) {
    if (format === 'float32') continue;
    if (trainable) throw new EngineError('INVALID_PARAMETERS', `Parameter ${name} is trained, so that it is float32.`);
    const matrix = holdMatrix(name, shape, format);
    if (values !== undefined) matrix.write(values.get(name)!);
    held.set(name, matrix);
  }
  return held;
}

function codedMatrices(
  specs: readonly ParameterSpec[],
  values: ReadonlyMap<string, Float32Array> | undefined,
): ReadonlyMap<string, ProductCodes> {
  const coded = new Map<string, ProductCodes>();
  for (const { name, shape, trainable, productCodes } of specs) {
    if (productCodes === undefined) continue;
    if (trainable) throw new EngineError('INVALID_PARAMETERS', `Parameter ${name} is trained, so that it is float32.`);
    const matrix = createProductCodes(name, shape, productCodes === 'inputs');
    if (values !== undefined) matrix.write(values.get(name)!);
    coded.set(name, matrix);
  }
  return coded;
}

/** Where a gradient is added up. */
function summand(trainable: Trainable): Float32Array {
  if (trainable.given !== null) return trainable.given;
  if (trainable.accumulator === 'zero') trainable.accumulator = 'used';
  return trainable.gradients;
}

function markZero(trainable: Trainable): void {
  if (trainable.accumulator === 'used') trainable.accumulator = 'zero';
}

/**
 * Copies a gradient that was given, some rows at a time, to the beginning of its accumulator, where kernels see it.
 * The visitor leaves zeros there.
 *
 * @param visit called with the index of a part's first number, and how many there are: whole rows
 */
function forEachPart(
  { gradients, width }: Trainable,
  given: Float32Array,
  visit: (first: number, count: number) => void,
): void {
  const most = width * Math.max(1, Math.floor(numbersAtATime / width));
  for (let first = 0; first < given.length; first += most) {
    const part = given.subarray(first, first + most);
    gradients.set(part);
    visit(first, part.length);
  }
}

function checkSpecs(specs: readonly ParameterSpec[], values: ReadonlyMap<string, Float32Array> | undefined): void {
  const seen = new Set<string>();
  for (const { name, shape } of specs) {
    if (seen.has(name)) throw new EngineError('INVALID_PARAMETERS', `Two parameters are called ${name}.`);
    seen.add(name);
    if (!shape.every((size) => Number.isInteger(size) && size > 0)) {
      throw new EngineError('INVALID_PARAMETERS', `Parameter ${name} has shape [${shape.join(',')}].`);
    }
    if (values === undefined) continue;
    const given = values.get(name);
    if (given === undefined) throw new EngineError('INVALID_PARAMETERS', `Parameter ${name} has no values.`);
    if (given.length !== elementCount(shape)) {
      throw new EngineError(
        'INVALID_PARAMETERS',
        `Parameter ${name} [${shape.join(',')}] needs ${elementCount(shape)} values but has ${given.length}.`,
      );
    }
  }
}

function unknownParameter(name: string): EngineError {
  return new EngineError('INVALID_PARAMETERS', `There is no parameter ${name}.`);
}
