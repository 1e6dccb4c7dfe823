import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { ArchitectureConfig, Pooling } from '../../src/protocol/model-manifest.js';
import type { Tensors } from '../engine/types.js';
import { meanPool } from '../nn/mean-pool.js';
import { firstTokenStates, poolFirstToken, runLayers, tokenStates } from './encoder.js';
import type { EncoderConfig, EncoderRun, TokenInputs } from './encoder-run.js';
import { encode } from './use-lite.js';

/**
 * The vector that a model's heads read, [B,T] → [B,O], before the dropout of `dropHeadInput`.
 *
 * Of Universal Sentence Encoder Lite that is the tanh projection, not its unit-length form: its components already have a deviation
 * near 0.7 (norms 11 to 20 over 512 components), where unit length would ask for twenty times the learning rate
 * (docs/experiments.md).
 *
 * @param pooling null for Universal Sentence Encoder Lite, which has its own
 */
export function headInput(
  parameters: Tensors,
  inputs: TokenInputs,
  config: ArchitectureConfig,
  pooling: Pooling | null,
  run: EncoderRun,
): Tensor {
  if (config.architecture === 'use-lite') return encode(parameters, inputs, config, run).pooled;
  const chosen = pooling ?? 'firstToken';
  switch (chosen) {
    case 'firstToken':
      return poolFirstToken(parameters, firstTokenStates(parameters, inputs, config, run), config, run);
    case 'mean': {
      const [B = 0, T = 0] = inputs.ids.shape;
      const states = tokenStates(parameters, inputs, config, run); //                [B·T,H]
      return meanPool(reshape(states, [B, T, config.hiddenSize]), inputs.mask); //   [B,H]
    }
    default:
      return chosen satisfies never;
  }
}

/** The same from states after the first `after` layers, [B,T,H] → [B,O]: what `statesAfter` gave of the layers below. */
export function headInputAfter(
  parameters: Tensors,
  { states, mask }: { readonly states: Tensor; readonly mask: Tensor },
  after: number,
  config: EncoderConfig,
  pooling: Pooling | null,
  run: EncoderRun,
): Tensor {
  const rest = (firstOnly: boolean) => runLayers(parameters, states, mask, { after, firstOnly }, config, run);
  const chosen = pooling ?? 'firstToken';
  switch (chosen) {
    case 'firstToken':
      return poolFirstToken(parameters, rest(true), config, run);
    case 'mean': {
      const [B = 0, T = 0] = mask.shape;
      return meanPool(reshape(rest(false), [B, T, config.hiddenSize]), mask); //      [B,H]
    }
    default:
      return chosen satisfies never;
  }
}

/** Dropout of what heads read, the last before them: always on in training, as heads are always trained. */
export function dropHeadInput(pooled: Tensor, config: ArchitectureConfig, { random, dropout }: EncoderRun): Tensor {
  const configured = config.architecture === 'use-lite' ? 0 : config.classifierDropout;
  return random.dropout(pooled, dropout ?? configured);
}
