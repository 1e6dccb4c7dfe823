import { describe, expect, it } from 'vitest';
import { adapterParameters, initialAdapter, loraScale } from '../../../gpu-worker/adapters/lora-parameters.js';
import { inference } from '../../../gpu-worker/architectures/encoder-run.js';
import { headInput } from '../../../gpu-worker/architectures/head-input.js';
import { tokensOf } from '../../../gpu-worker/forward/example-source.js';
import { encoderParameters } from '../../../gpu-worker/forward/parameters.js';
import { loadManifest } from '../../../gpu-worker/models/load-model.js';
import type { LoraConfig } from '../../../src/protocol/model-manifest.js';
import { readSafetensors, type Tensor } from '../../../src/storage/safetensors.js';
import { expectClose } from '../nn/differentiate.js';
import { openWorkshop, writeTinyModel } from '../recipes/support.js';
import { draw, numbers } from '../reference/numbers.js';
import { mergeAdapter } from './merge-adapter.js';

describe('an adapter on Universal Sentence Encoder Lite', () => {
  it('reaches every projection, and computes the same merged as beside the base model', async () => {
    await using workshop = await openWorkshop();
    const { engine } = workshop.tools;
    const manifest = await loadManifest(workshop.store, await writeTinyModel(workshop.store));
    const base = readSafetensors(await workshop.store.read(manifest.weights.digest)).tensors;
    const lora: LoraConfig = { rank: 2, alpha: 4, rankStabilized: false, dropout: 0, targetModules: ['all-linear'] };
    // Two layers of four projections, the first one's residual, and the pooler.
    const added = adapterParameters(manifest, lora);
    expect(added).toHaveLength(2 * 10);
    const initial = initialAdapter(manifest, lora, 3);
    const stream = numbers(8);
    const adapter = new Map(
      added.map(({ name, shape }): [string, Tensor] => {
        const data = initial.get(name)!;
        // b starts at zero, where an adapter does nothing.
        return [name, { shape, data: name.includes('lora_B') ? Float32Array.from(draw(stream, data.length)) : data }];
      }),
    );

    const pooled = async (tensors: ReadonlyMap<string, Tensor>, isAdapted: boolean) => {
      const specs = [...encoderParameters(manifest.layers, 0), ...(isAdapted ? added : [])];
      const store = engine.createParameters(specs, new Map([...tensors].map(([name, { data }]) => [name, data])));
      const shape = [2, 5];
      const run = { ...inference, adapter: isAdapted ? { scale: loraScale(lora), dropout: 0 } : null };
      const compiled = await engine.compileForward(
        store,
        { ids: { shape, dtype: 'int32' }, mask: { shape, dtype: 'float32' } },
        (parameters, inputs) => ({ pooled: headInput(parameters, tokensOf(inputs), manifest.config, null, run) }),
      );
      const outputs = await compiled.run({
        ids: Int32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 0, 0]),
        mask: Float32Array.from([1, 1, 1, 1, 1, 1, 1, 1, 0, 0]),
      });
      const values = Float32Array.from(outputs.pooled!);
      await compiled.release();
      store.release();
      return values;
    };
    const beside = await pooled(new Map([...base, ...adapter]), true);
    const merged = await pooled(mergeAdapter(manifest, lora, base, adapter), false);
    expectClose(merged, beside, 1e-5, 'pooled');
    const plain = await pooled(base, false);
    expect(Math.max(...plain.map((value, i) => Math.abs(value - beside[i]!)))).toBeGreaterThan(0.05);
  });
});
