import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { layersOf } from '../../../gpu-worker/architectures/transformer.js';
import { type Draw, initialTensors } from '../../../gpu-worker/hugging-face/fresh/initial-tensors.js';
import {
  type Architecture,
  ArchitectureName,
  type FreshSizes,
  freshOf,
  type TransformerConfig,
} from '../../../src/protocol/architectures/index.js';

const sizes: FreshSizes = {
  hiddenSize: 64,
  layers: 3,
  attentionHeads: 4,
  keyValueHeads: 2,
  intermediateSize: 96,
  contextLength: 32,
  tiesEmbeddings: false,
  rotaryBase: 10_000,
  slidingWindow: null,
  normEpsilon: 1e-5,
  dropout: 0.1,
};
const padTokenId = 7;
const draw: Draw = { seed: 1, deviation: 0.02 };
const families = ArchitectureName.options.filter((architecture) => freshOf({ architecture }) !== null);

/** The values of every tensor of a new model. */
function valuesOf(architecture: Architecture, { seed, deviation } = draw): Map<string, Float32Array> {
  const fresh = freshOf({ architecture })!;
  const config = fresh.configOf(sizes, { vocabularySize: 1100, padTokenId }) as TransformerConfig;
  const layers = layersOf(config, { pooler: false, languageModel: 'tiesEmbeddings' in config });
  const tensors = layers.flatMap((layer) => layer.tensors);
  return new Map(
    initialTensors(tensors, config, fresh, { seed, deviation }).map(({ name, values }) => {
      const pieces = [...(values() as Iterable<Float32Array>)];
      return [name, Float32Array.from(pieces.flatMap((piece) => [...piece]))];
    }),
  );
}

function moments(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const central = (power: number) => values.reduce((sum, value) => sum + (value - mean) ** power, 0) / values.length;
  const deviation = Math.sqrt(central(2));
  return { mean, deviation, skewness: central(3) / deviation ** 3, kurtosis: central(4) / deviation ** 4 };
}

describe('values of a new model', () => {
  test.each(families)('%s: matrices are normal, norms one or zero, biases zero', (architecture) => {
    const values = valuesOf(architecture);
    for (const [name, tensor] of values) {
      if (name.endsWith('.bias'))
        expect(
          tensor.every((value) => value === 0),
          name,
        ).toBe(true);
      else if (/norm|ln_/i.test(name)) {
        const norm = architecture === 'gemma3_text' ? 0 : 1;
        expect(
          tensor.every((value) => value === norm),
          name,
        ).toBe(true);
      } else if (tensor.length >= 2048) {
        const expected = architecture === 'gpt2' && name.endsWith('c_proj.weight') ? 0.02 / Math.sqrt(6) : 0.02;
        // The standard error of a deviation is σ/√(2n), that of a mean σ/√n: five of them.
        const error = 5 / Math.sqrt(tensor.length);
        const { mean, deviation } = moments(tensor.filter((value) => value !== 0));
        expect(Math.abs(mean), name).toBeLessThan(error * expected);
        expect(Math.abs(deviation / expected - 1), name).toBeLessThan(error / Math.SQRT2);
      }
    }
    expect([...values.values()].filter(({ length }) => length >= 2048).length).toBeGreaterThan(sizes.layers * 4);
  });

  test('have the third and fourth moments of normal numbers', () => {
    // 70 400 numbers: standard errors √(6/n) = 0.009 and √(24/n) = 0.018.
    const { skewness, kurtosis } = moments(valuesOf('gpt2').get('wte.weight')!);
    expect(Math.abs(skewness)).toBeLessThan(0.045);
    expect(Math.abs(kurtosis - 3)).toBeLessThan(0.09);
  });

  test.each([
    ['bert', ['embeddings.word_embeddings.weight']],
    ['roberta', ['embeddings.position_embeddings.weight', 'embeddings.word_embeddings.weight']],
    ['llama', ['embed_tokens.weight']],
    ['gpt2', []],
  ] as const)('%s: the row of the padding token is zero in %j alone', (architecture, expected) => {
    const width = sizes.hiddenSize;
    const empty = [...valuesOf(architecture)].flatMap(([name, values]) => {
      if (values.length < 2048 || !name.includes('emb')) return [];
      const rows = Array.from({ length: values.length / width }, (_, row) =>
        values.slice(row * width, (row + 1) * width),
      );
      const zeros = rows.flatMap((row, index) => (row.every((value) => value === 0) ? [index] : []));
      return zeros.length === 0 ? [] : [{ name, zeros }];
    });
    expect(empty.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
      expected.map((name) => ({ name, zeros: [padTokenId] })),
    );
  });

  test('depend on the seed and the name alone, and differ between tensors', () => {
    const [first, again, other] = [valuesOf('llama'), valuesOf('llama'), valuesOf('llama', { ...draw, seed: 2 })];
    expect(again).toEqual(first);
    const [keys, values] = ['k', 'v'].map((which) => first.get(`layers.0.self_attn.${which}_proj.weight`)!);
    expect(keys).not.toEqual(values);
    for (const [name, tensor] of first) {
      if (tensor.length > sizes.hiddenSize) expect(other.get(name), name).not.toEqual(tensor);
    }
  });

  test('are the same bits on every machine', () => {
    const hash = createHash('sha256');
    for (const tensor of valuesOf('gpt2').values()) hash.update(new Uint8Array(tensor.buffer));
    expect(hash.digest('hex')).toBe('24ce78047be397d0c000d5bd933c04504a3c2528de1e4be86dd54736321b172b');
  });
});
