import { FrozenWeights } from '../../src/protocol/frozen-weights.js';
import type { LoraConfig } from '../../src/protocol/model-manifest.js';
import type { MetricSample } from '../../src/protocol/run-event.js';
import { recorded, samplesOf } from '../training.js';
import { table } from './table.js';

/** What a training tells while it runs. */
interface Watching {
  readonly events: (events: Parameters<typeof samplesOf>[0]) => Promise<void>;
}

/** What is shown of a training. */
export interface Shown {
  /** Ending of the keys of metrics of the validation split. */
  readonly measure: string;
  readonly digits: number;
}

/**
 * Trains the same adapter over weights held in each format, and shows a validation metric before the first update
 * (where there is one), over the weights of the training, and over the base model's own float32 weights, which is the
 * model that is made; and how far losses of updates are from those over float32.
 */
export async function measureLearning(
  adapter: LoraConfig,
  { measure, digits }: Shown,
  train: (adapter: LoraConfig, watching: Watching) => Promise<unknown>,
): Promise<void> {
  const rows: string[][] = [];
  let exact: readonly number[] = [];
  for (const frozenWeights of FrozenWeights.options) {
    const losses: number[] = [];
    const validation: number[] = [];
    let merged: number | undefined;
    const note = (samples: readonly MetricSample[]) => {
      const loss = recorded(samples, 'train/loss');
      const value = recorded(samples, `validation/${measure}`);
      if (loss !== undefined) losses.push(loss);
      if (value !== undefined) validation.push(value);
      merged = recorded(samples, `merged/${measure}`) ?? merged;
    };
    await train({ ...adapter, frozenWeights }, { events: async (events) => samplesOf(events).forEach(note) });
    if (frozenWeights === 'float32') exact = losses;
    const apart = losses.map((loss, step) => Math.abs(loss / exact[step]! - 1));
    const last = validation.at(-1)!;
    rows.push([
      frozenWeights,
      ...(validation.length > 1 ? [validation[0]!.toFixed(digits)] : ['']),
      last.toFixed(digits),
      (merged ?? last).toFixed(digits),
      `${(100 * Math.max(...apart)).toFixed(2)} %`,
    ]);
  }
  const head = ['frozen weights', `${measure} at first`, 'after training', 'of the model', 'losses apart, at most'];
  console.log(table(head, rows));
}
