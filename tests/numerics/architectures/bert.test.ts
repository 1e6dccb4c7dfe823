import { ones, reshape, slice, type Tensor, tensor, valueAndGrads } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { applyPooler, firstTokenStates, layersOf } from '../../../gpu-worker/architectures/encoder.js';
import { type EncoderRun, inference } from '../../../gpu-worker/architectures/encoder-run.js';
import { tokenStates } from '../../../gpu-worker/architectures/transformer.js';
import type { TrainingRandomness } from '../../../gpu-worker/engine/types.js';
import { crossEntropy } from '../../../gpu-worker/losses/cross-entropy.js';
import { linear } from '../../../gpu-worker/nn/linear.js';
import type { BertConfig } from '../../../src/protocol/architectures/index.js';
import { expectClose, floats } from '../nn/differentiate.js';
import reference from '../reference/bert.reference.json' with { type: 'json' };
import { draw, numbers } from '../reference/numbers.js';

const config: BertConfig = {
  architecture: 'bert',
  vocabularySize: reference.config.vocab_size,
  hiddenSize: reference.config.hidden_size,
  intermediateSize: reference.config.intermediate_size,
  attentionHeads: reference.config.num_attention_heads,
  layers: reference.config.num_hidden_layers,
  maxPositions: reference.config.max_position_embeddings,
  tokenTypes: reference.config.type_vocab_size,
  layerNormEpsilon: reference.config.layer_norm_eps,
  activation: 'gelu',
  hiddenDropout: 0.1,
  attentionDropout: 0.2,
  classifierDropout: 0.3,
  padTokenId: 0,
};
const named = reference.parameters as [string, number[]][];
const gradientsOf: Record<string, number[]> = reference.gradients;

function parameters(): Record<string, Tensor> {
  const stream = numbers(reference.seed);
  return Object.fromEntries(
    named.map(([name, shape]) => {
      const size = shape.reduce((product, n) => product * n, 1);
      return [name, tensor(draw(stream, size, 0.5, name.endsWith('LayerNorm.weight') ? 1 : 0), shape)];
    }),
  );
}

const inputs = () => ({
  ids: tensor(reference.ids, undefined, 'int32'),
  mask: tensor(reference.mask, undefined, 'float32'),
});

function logits(p: Record<string, Tensor>, run: EncoderRun = inference): Tensor {
  const pooled = applyPooler(p, firstTokenStates(p, inputs(), config, run), config, run);
  return linear(pooled, p['classifier.weight']!, p['classifier.bias']!);
}

describe("BERT's encoder and a classifier on [CLS], against transformers", () => {
  test('names and shapes are those of its state dictionary', () => {
    const own = layersOf(config, { pooler: true }).flatMap(({ tensors }) =>
      tensors.map(({ name, shape }) => [name, shape]),
    );
    expect(own).toEqual(named.filter(([name]) => !name.startsWith('classifier')));
  });

  test('states of all tokens', () => {
    const states = floats(tokenStates(parameters(), inputs(), config, inference));
    const H = config.hiddenSize;
    // Rows at padding mean nothing: transformers' and ours are compared where there is a token.
    for (const [row, isToken] of reference.mask.flat().entries()) {
      if (isToken === 0) continue;
      const expected = reference.states.slice(row * H, (row + 1) * H);
      expectClose(states.slice(row * H, (row + 1) * H), expected, 1e-5, `token ${row}`);
    }
  });

  test('logits, loss and the gradient of every parameter', () => {
    const p = parameters();
    const labels = tensor(reference.labels, undefined, 'int32');
    expectClose(floats(logits(p)), reference.logits, 1e-5, 'logits');
    const { value, grads } = valueAndGrads((...xs: Tensor[]) =>
      crossEntropy(logits(Object.fromEntries(named.map(([name], i) => [name, xs[i]!]))), labels),
    )(named.map(([name]) => p[name]!));
    expect(Math.abs(floats(value)[0]! - reference.loss)).toBeLessThan(1e-5);
    for (const [i, [name]] of named.entries()) expectClose(floats(grads[i]!), gradientsOf[name]!, 1e-4, name);
  });

  test('the first token alone has the states that it has among all', () => {
    const p = parameters();
    const all = tokenStates(p, inputs(), config, inference);
    const firsts = slice(reshape(all, [3, 7, config.hiddenSize]), [0, 0, 0], [3, 1, config.hiddenSize]);
    expectClose(floats(firstTokenStates(p, inputs(), config, inference)), floats(firsts), 1e-6, 'states');
  });

  test('asks for dropout after the embeddings and three times a layer, at its two rates', () => {
    const asked: [number[], number][] = [];
    const random: TrainingRandomness = {
      dropout: (x, rate) => {
        asked.push([x.shape, rate]);
        return x;
      },
      dropoutMask: (shape, rate) => {
        asked.push([[...shape], rate]);
        return ones([...shape]);
      },
    };
    logits(parameters(), { random, dropout: null, fromLayer: 0, adapter: null });
    const hidden = [[21, 12], 0.1];
    expect(asked).toEqual([
      hidden,
      [[3, 3, 7, 7], 0.2],
      hidden,
      hidden,
      [[3, 3, 1, 7], 0.2],
      [[3, 12], 0.1],
      [[3, 12], 0.1],
    ]);
  });
});
