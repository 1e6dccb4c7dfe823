import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import { adaptableModules } from '../../../src/protocol/lora-targets.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import type { Tensor } from '../../../src/storage/safetensors.js';
import { openSafetensors } from '../../../src/storage/safetensors-file.js';
import { loraTensors } from '../../adapters/lora-parameters.js';
import { fromDataUnit, mapTensor } from '../../hugging-face/data-unit.js';
import type { PeftConfig } from '../../hugging-face/peft/peft-config.js';
import { matchAdapter } from '../../hugging-face/peft/read-adapter.js';
import { withPeftFolder } from '../../hugging-face/peft/read-peft.js';
import { verifiedPath } from '../../models/artifacts.js';
import type { RunnableModel } from '../certified-model.js';
import { weightsFrom } from '../weights-from.js';

/**
 * The model that an adapter's files and the stored base model make: the files as an import reads them, merged here, by
 * the scale that `adapter_config.json` tells and by another way than Attune's own.
 *
 * @param trained whose base model's weights are read
 * @throws ProblemError INVALID_MODEL, UNSUPPORTED_MODEL, MISSING_ARTIFACT
 */
export async function openExportedAdapter<Result>(
  folder: string,
  trained: ModelManifest,
  store: ArtifactStore,
  use: (model: RunnableModel) => Promise<Result>,
): Promise<Result> {
  const base = await openSafetensors(await verifiedPath(store, trained.weights.digest, 'the base model’s weights'));
  try {
    return await withPeftFolder(folder, async (peft) => {
      const config = trained.config as TransformerConfig;
      const heads = peft.notes?.heads ?? [];
      const shape = { layers: trained.layers, config };
      const adapter = await matchAdapter(peft, shape, heads[0]?.task ?? 'label').read();
      const maps = fromDataUnit(heads);
      const scale = scaleOf(peft.config);
      const modules = new Map(adaptableModules(shape).map((module) => [`${module.name}.weight`, module]));
      const weights = weightsFrom(async function* (name) {
        const whole = adapter.get(name);
        if (whole !== undefined) {
          yield mapTensor(whole.data, whole.shape, maps.get(name));
          return;
        }
        const module = modules.get(name);
        const { a, b } = loraTensors(module?.name ?? '');
        const [down, up] = [adapter.get(a), adapter.get(b)];
        if (down === undefined || up === undefined) {
          yield* base.chunks(name);
          return;
        }
        yield withProduct(await base.read(name), down, up, scale, peft.config.fan_in_fan_out);
      });
      const manifest: ModelManifest = {
        ...trained,
        heads,
        pooling: peft.notes === null ? trained.pooling : peft.notes.pooling,
        adapter: null,
      };
      return await use({ manifest, weights });
    });
  } finally {
    await base.close();
  }
}

/** PEFT's `scaling`: alpha / r, or alpha / √r. */
function scaleOf({ lora_alpha, r, use_rslora }: PeftConfig): number {
  return lora_alpha / (use_rslora ? Math.sqrt(r) : r);
}

/**
 * weight + scale · b a, one output after the other: weight [O,I], or [I,O] with `isTransposed`, a [R,I], b [O,R]. Sums
 * are in double precision.
 */
function withProduct(
  weight: Float32Array,
  { data: a, shape: [R = 0, I = 0] }: Tensor,
  { data: b }: Tensor,
  scale: number,
  isTransposed: boolean,
): Float32Array {
  const O = weight.length / I;
  const sums = new Float64Array(I);
  for (let o = 0; o < O; o++) {
    sums.fill(0);
    for (let r = 0; r < R; r++) {
      const factor = b[o * R + r]!;
      for (let i = 0; i < I; i++) sums[i]! += factor * a[r * I + i]!;
    }
    for (let i = 0; i < I; i++) {
      const at = isTransposed ? i * O + o : o * I + i;
      weight[at] = weight[at]! + scale * sums[i]!;
    }
  }
  return weight;
}
