import { loraScale, loraTensors, moduleOfLoraTensor } from '../../../gpu-worker/adapters/lora-parameters.js';
import { mergeLora } from '../../../gpu-worker/adapters/merge-lora.js';
import { traitsOf } from '../../../src/protocol/architectures/index.js';
import { adaptableModules } from '../../../src/protocol/lora-targets.js';
import type { LoraConfig, ModelManifest } from '../../../src/protocol/model-manifest.js';
import type { Tensor } from '../../../src/storage/safetensors.js';

/**
 * A model and its adapter as one model, from tensors in memory. Those that are adapted are copied, the others are the
 * base model's own arrays.
 */
export function mergeAdapter(
  model: Pick<ModelManifest, 'config' | 'layers'>,
  config: LoraConfig,
  base: ReadonlyMap<string, Tensor>,
  adapter: ReadonlyMap<string, Tensor>,
): Map<string, Tensor> {
  const merged = new Map(base);
  for (const [name, tensor] of adapter) if (moduleOfLoraTensor(name) === null) merged.set(name, tensor);
  const scale = loraScale(config);
  for (const module of adaptableModules(model)) {
    const { a, b } = loraTensors(module.name);
    const [down, up] = [adapter.get(a), adapter.get(b)];
    const weight = merged.get(`${module.name}.weight`);
    if (down === undefined || up === undefined || weight === undefined) continue;
    const data = weight.data.slice();
    mergeLora(data, down.data, up.data, module, scale, traitsOf(model.config));
    merged.set(`${module.name}.weight`, { shape: weight.shape, data });
  }
  return merged;
}
