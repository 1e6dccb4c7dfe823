import type { OnnxVariant } from '../../../src/protocol/job.js';

/** A variant as transformers.js names it: its `dtype`, and what stands behind `model` in the name of its file. */
export interface VariantNames {
  readonly dtype: 'fp32' | 'fp16' | 'q8';
  readonly fileName: string;
}

export const variantNames: Readonly<Record<OnnxVariant, VariantNames>> = {
  float32: { dtype: 'fp32', fileName: 'model.onnx' },
  float16: { dtype: 'fp16', fileName: 'model_fp16.onnx' },
  int8: { dtype: 'q8', fileName: 'model_quantized.onnx' },
};

/** Every variant, in the order in which they are written. */
export const allVariants: readonly OnnxVariant[] = ['float32', 'float16', 'int8'];

/**
 * The `dtype` that `config.json` asks for; null where transformers.js's own choice is there, which is fp32, or q8 in
 * WebAssembly.
 */
export function statedDtype(variants: readonly OnnxVariant[]): VariantNames['dtype'] | null {
  const [first = 'float32'] = allVariants.filter((variant) => variants.includes(variant));
  return variants.includes('float32') && variants.includes('int8') ? null : variantNames[first].dtype;
}
