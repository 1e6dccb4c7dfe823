import { outputsOf } from '../forward/run-heads.js';
import type { TrainedHead } from '../heads/index.js';
import { scoreSamples } from '../metrics/metric-samples.js';
import type { Learning } from './learning.js';

/** One head. An update's loss is the weighted mean over the targets of its batches; keys of metrics name no task. */
export function oneTask(trained: TrainedHead): Learning {
  const { head } = trained;
  return {
    extra: [],
    samples: (prefix, [scores]) => (scores === undefined ? [] : scoreSamples(prefix, scores)),
    objectiveOf({ training, read }, { batchSize: B }) {
      let scales: number[] = [];
      return {
        inputs: (batchSize, length) => trained.inputs('', batchSize, length),
        loss: (weights, inputs, random) => ({
          loss: trained.loss('', outputsOf(weights, head, read(weights, inputs, random)), inputs),
        }),
        async *feeds({ batches }) {
          const total = batches.reduce((sum, { batch }) => sum + trained.weightOf(batch.examples), 0);
          // All targets of an update may have been cut off with the ends of their texts.
          scales = batches.map(({ batch }) => (total === 0 ? 0 : trained.weightOf(batch.examples) / total));
          for (const [index, { batch }] of batches.entries()) {
            yield { feeds: { ...training.feeds(batch, B), ...trained.feeds('', batch, B) }, scale: scales[index]! };
          }
        },
        measure: (_, results) => ({
          loss: results.reduce((sum, { loss }, index) => sum + scales[index]! * loss, 0),
          samples: [],
        }),
      };
    },
  };
}
