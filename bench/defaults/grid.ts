import type { BaseName, Cell, DatasetName, MethodName } from './cell.js';

/** Cells of one base model and method, with each of the rates and each of the epochs. */
export interface Grid {
  readonly base: BaseName;
  readonly method: MethodName;
  readonly datasets: readonly DatasetName[];
  /** Of the training split. */
  readonly examples: readonly number[];
  readonly validationExamples: number;
  readonly learningRates: readonly number[];
  readonly epochs: readonly number[];
}

/** The defaults, which are measured too, have a batch size of their own. */
const batchSize = 32;

const ofPairsToo = ['banking77', 'clinc150', 'sms-spam', 'sick', 'glosses'] as const;
/** Universal Sentence Encoder Lite reads no pairs. */
const ofTexts = ['banking77', 'clinc150', 'sms-spam', 'snips', 'glosses'] as const;

const miniLm = { base: 'minilm', datasets: ofPairsToo, validationExamples: 200 } as const;
const useLite = { base: 'use-lite', datasets: ofTexts, validationExamples: 200 } as const;

/** Each number of examples is measured with the defaults, now and formerly, too. */
export const grids: readonly Grid[] = [
  // Heads on a frozen encoder train in seconds.
  {
    ...miniLm,
    method: 'heads',
    validationExamples: 300,
    examples: [350, 3000],
    learningRates: [1e-3, 1e-2, 3e-2],
    epochs: [30],
  },
  {
    ...useLite,
    method: 'heads',
    validationExamples: 300,
    examples: [350, 3000],
    learningRates: [1e-3, 1e-2, 3e-2],
    epochs: [30],
  },
  { ...useLite, method: 'full', examples: [350], learningRates: [1e-4, 3e-4, 1e-3], epochs: [10] },
  { ...miniLm, method: 'lora', examples: [350], learningRates: [1e-3, 2e-3, 5e-3], epochs: [10] },
  { ...miniLm, method: 'full', examples: [350], learningRates: [1e-4, 3e-4, 1e-3], epochs: [10] },
  { ...miniLm, method: 'lora', examples: [3000], learningRates: [1e-3], epochs: [3] },
  { ...miniLm, method: 'full', examples: [3000], learningRates: [1e-4], epochs: [3] },
  { ...miniLm, method: 'lora', datasets: ['eight-intents'], examples: [350], learningRates: [1e-3], epochs: [10] },
  { ...miniLm, method: 'full', datasets: ['eight-intents'], examples: [350], learningRates: [1e-4], epochs: [10] },
  { ...useLite, method: 'full', datasets: ['eight-intents'], examples: [350], learningRates: [1e-4], epochs: [10] },
];

const few = { examples: [16], validationExamples: 8, epochs: [1] };

export const toyGrids: readonly Grid[] = [
  { ...few, base: 'minilm', method: 'full', datasets: ['banking77'], learningRates: [1e-3] },
  { ...few, base: 'minilm', method: 'lora', datasets: ['sick'], learningRates: [1e-3] },
  { ...few, base: 'use-lite', method: 'heads', datasets: ['banking77'], learningRates: [1e-2] },
];

export function cellsOf(grids: readonly Grid[]): Cell[] {
  return grids.flatMap(({ base, method, validationExamples, ...grid }) => {
    const common = { base, method, validationExamples, batchSize };
    return grid.examples.flatMap((examples) =>
      grid.epochs.flatMap((epochs) =>
        grid.learningRates.flatMap((learningRate) =>
          grid.datasets.map((dataset): Cell => ({ ...common, dataset, examples, learningRate, epochs })),
        ),
      ),
    );
  });
}
