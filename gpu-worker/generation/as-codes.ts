import { traitsOf } from '../../src/protocol/architectures/index.js';
import { adaptableModules } from '../../src/protocol/lora-targets.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ParameterSpec } from '../engine/types.js';

/**
 * Parameters with the matrices that rows are multiplied with held in 8 bits: projections, and the tables of the
 * vocabulary. Biases, norms and positions stay as they are.
 */
export function asCodes(
  specs: readonly ParameterSpec[],
  model: Pick<ModelManifest, 'config' | 'layers'>,
): ParameterSpec[] {
  const { storesInputsFirst } = traitsOf(model.config);
  const projections = new Set(adaptableModules(model).map(({ name }) => `${name}.weight`));
  return specs.map((spec) => {
    if (projections.has(spec.name)) return { ...spec, productCodes: storesInputsFirst ? 'inputs' : 'outputs' };
    const isTable = spec.shape.length === 2 && spec.shape[0] === model.config.vocabularySize;
    return isTable ? { ...spec, productCodes: 'outputs' } : spec;
  });
}
