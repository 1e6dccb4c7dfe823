import { readFileSync } from 'node:fs';
import { mul, reshape, sum, type Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { classBounds } from '../../../gpu-worker/architectures/disentangled-attention.js';
import { firstTokenStates, layersOf } from '../../../gpu-worker/architectures/encoder.js';
import { type EncoderConfig, inference } from '../../../gpu-worker/architectures/encoder-run.js';
import { tokenStates } from '../../../gpu-worker/architectures/transformer.js';
import type { Engine, Tensors } from '../../../gpu-worker/engine/types.js';
import { readConfig } from '../../../gpu-worker/hugging-face/config.js';
import { openEngine } from '../engine/compare.js';
import { expectClose } from '../nn/differentiate.js';
import { draw, numbers } from '../reference/numbers.js';

/** Forms of DeBERTa-v2 in transformers, whose weights are drawn (deberta_forms.py). */
interface Reference {
  readonly ids: number[][];
  readonly mask: number[][];
  readonly types: number[][];
  /** Row and place of the tokens whose states are kept. */
  readonly places: [row: number, place: number][];
  readonly forms: Record<
    string,
    {
      readonly config: object;
      /** In the order in which weights are drawn, with the first elements of each gradient. */
      readonly parameters: { readonly name: string; readonly shape: number[]; readonly gradient: number[] }[];
      readonly states: number[][];
    }
  >;
  readonly most: number;
  readonly bounds: { readonly span: number; readonly farthest: number; readonly bounds: number[] }[];
}

const reference = JSON.parse(
  readFileSync(new URL('../reference/hugging-face/deberta-forms.reference.json', import.meta.url), 'utf8'),
) as Reference;
const [B, T] = [reference.ids.length, reference.ids[0]!.length];

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.release());

describe.each(Object.entries(reference.forms))('DeBERTa-v2, %s, against transformers', (_, form) => {
  const config = readConfig(JSON.stringify(form.config)).config as EncoderConfig;
  const H = config.hiddenSize;
  const stream = numbers(5);
  const values = new Map(
    form.parameters.map(({ name, shape }) => {
      const count = shape.reduce((size, axis) => size * axis, 1);
      return [name, draw(stream, count, 0.8, name.endsWith('LayerNorm.weight') ? 1 : 0)];
    }),
  );
  const specs = form.parameters.map(({ name, shape }) => ({ name, shape, trainable: true, decay: false }));
  const at = {
    ids: { shape: [B, 'length'], dtype: 'int32' },
    mask: { shape: [B, 'length'], dtype: 'float32' },
  } as const;
  const inputs = { ...at, typeIds: { shape: [B, 'length'], dtype: 'int32' } } as const;
  const feeds = {
    ids: Int32Array.from(reference.ids.flat()),
    mask: Float32Array.from(reference.mask.flat()),
    typeIds: Int32Array.from(reference.types.flat()),
  };
  const given = (inputs: Tensors) => inputs as { ids: Tensor; mask: Tensor; typeIds: Tensor };

  it('has its tensors', () => {
    const own = layersOf(config, { pooler: false }).flatMap(({ tensors }) => tensors);
    const shapes = (all: readonly { readonly name: string; readonly shape: readonly number[] }[]) =>
      Object.fromEntries(all.map(({ name, shape }) => [name, shape]));
    expect(shapes(own)).toEqual(shapes(form.parameters));
  });

  it('has its states, and those of first tokens alone, in one graph for all lengths', async () => {
    const store = engine.createParameters(specs, values);
    const compiled = await engine.compileDynamicForward(
      store,
      inputs,
      (parameters, inputs) => ({
        states: tokenStates(parameters, given(inputs), config, inference),
        first: firstTokenStates(parameters, given(inputs), config, inference),
      }),
      { maxima: { length: config.maxPositions } },
    );
    const { states, first } = (await compiled.run(feeds, { length: T })) as Record<string, Float32Array>;
    for (const [index, [row, place]] of reference.places.entries()) {
      const start = (row * T + place) * H;
      expectClose(states!.slice(start, start + H), form.states[index]!, 1e-4, `text ${row}, token ${place}`);
      if (place === 0) expectClose(first!.slice(row * H, (row + 1) * H), form.states[index]!, 1e-4, `text ${row}`);
    }
    await compiled.release();
    store.release();
  });

  it('has the gradient of every parameter', async () => {
    const store = engine.createParameters(specs, values);
    const directions = draw(numbers(9), B * T * H);
    const step = await engine.compileStep(
      store,
      { ...inputs, directions: { shape: [B, 'length', H], dtype: 'float32' } },
      (parameters, inputs) => {
        const states = tokenStates(parameters, given(inputs), config, inference);
        const kept = mul(reshape(states, inputs.directions!.shape), reshape(inputs.mask!, [B, -1, 1]));
        return { loss: sum(mul(kept, inputs.directions!)) };
      },
      { maxima: { length: config.maxPositions } },
    );
    await step.run({ ...feeds, directions }, { seed: 1, step: 0, scale: 1, sizes: { length: T } });
    for (const { name, gradient } of form.parameters) {
      expectClose(store.gradient(name).slice(0, gradient.length), gradient, 1e-4, name, 1e-2);
    }
    await step.release();
    store.release();
  });
});

test.each(reference.bounds)('distances of span $span, farthest $farthest, have transformers’ classes', (of) => {
  expect(classBounds(of.span, of.farthest, reference.most)).toEqual(of.bounds);
});
