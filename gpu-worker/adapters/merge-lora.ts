import { type Traits, traitsOf } from '../../src/protocol/architectures/index.js';
import { type AdaptableModule, adaptableModules } from '../../src/protocol/lora-targets.js';
import type { LoraConfig, ModelManifest } from '../../src/protocol/model-manifest.js';
import { loraScale, loraTensors } from './lora-parameters.js';

/**
 * weight += scale · b a, in place: weight [O,I], or [I,O] where the family stores inputs first, a [R,I], b [O,R].
 * Products are summed in double precision and rounded once. Cost: 2·O·I·R floating-point operations.
 */
export function mergeLora(
  weight: Float32Array,
  a: Float32Array,
  b: Float32Array,
  { inputs, outputs }: Pick<AdaptableModule, 'inputs' | 'outputs'>,
  scale: number,
  { storesInputsFirst }: Pick<Traits, 'storesInputsFirst'>,
): void {
  if (storesInputsFirst) {
    // (b a)ᵀ = aᵀ bᵀ: the same sum with the roles exchanged, over copies that are small.
    addProduct(weight, transposed(a, inputs), transposed(b, a.length / inputs), inputs, outputs, scale);
  } else {
    addProduct(weight, b, a, outputs, inputs, scale);
  }
}

/** target [rows,columns] += scale · left [rows,R] · right [R,columns]. */
function addProduct(
  target: Float32Array,
  left: Float32Array,
  right: Float32Array,
  rows: number,
  columns: number,
  scale: number,
): void {
  const rank = left.length / rows;
  const row = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    row.fill(0);
    for (let r = 0; r < rank; r++) {
      const factor = left[i * rank + r]! * scale;
      const from = r * columns;
      for (let j = 0; j < columns; j++) row[j]! += factor * right[from + j]!;
    }
    const to = i * columns;
    for (let j = 0; j < columns; j++) target[to + j]! += row[j]!;
  }
}

/** x [N,columns] → [columns,N]. */
function transposed(x: Float32Array, columns: number): Float32Array {
  const rows = x.length / columns;
  return Float32Array.from(x, (_, index) => x[(index % rows) * columns + Math.floor(index / rows)]!);
}

/** Reads one tensor of a model by name; undefined where the model has none of that name. */
export type ReadTensor = (name: string) => Promise<Float32Array | undefined>;

/**
 * Reads a model with an adapter as if it had none: the weights of adapted modules are merged, and tensors that the
 * adapter's file holds in full (heads, a pooler) replace the base model's. Tensors are merged one at a time, so that
 * memory holds one matrix and not the model.
 *
 * @param readBase must give an array that may be changed
 */
export function mergedTensors(
  model: Pick<ModelManifest, 'config' | 'layers'>,
  config: LoraConfig,
  readBase: ReadTensor,
  readAdapter: ReadTensor,
): ReadTensor {
  const scale = loraScale(config);
  const modules = new Map(adaptableModules(model).map((module) => [`${module.name}.weight`, module]));
  return async (name) => {
    const values = (await readAdapter(name)) ?? (await readBase(name));
    const module = modules.get(name);
    if (values === undefined || module === undefined) return values;
    const { a, b } = loraTensors(module.name);
    const [down, up] = [await readAdapter(a), await readAdapter(b)];
    if (down !== undefined && up !== undefined) {
      mergeLora(values, down, up, module, scale, traitsOf(model.config));
    }
    return values;
  };
}
