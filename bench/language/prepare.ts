import { join } from 'node:path';
import { createRandom, uniform } from '../../gpu-worker/data/random.js';
import { ln } from '../../gpu-worker/portable-math.js';
import type { Architecture } from '../../src/protocol/architectures/index.js';
import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import type { LanguageModellingSpec, SupervisedSpec } from '../../src/protocol/methods/index.js';
import { hyperparameters, supervisedSpec } from '../../tests/support/specs.js';
import { writeRows } from '../heads/write-rows.js';
import { prepareModel, special } from './prepare-model.js';
import type { SideSettings } from './settings.js';
import type { Work } from './works.js';

/** What a work is prepared with. */
export interface Scale {
  readonly threads: number;
  /** Updates that each side may be asked for. */
  readonly steps: number;
}

const labels = ['even', 'odd'];

/** What transformers puts before the names of the bare model, where that is not `model.`. */
const prefixes: ReadonlyMap<Architecture, string> = new Map<Architecture, string>([
  ['gpt2', 'transformer.'],
  ['deberta-v2', 'deberta.'],
]);

/**
 * Makes the model and the texts in a folder, equal for both sides: random weights by Attune's own configurations, and
 * words that are a token each.
 */
export async function prepare(work: Work, folder: string, { threads, steps }: Scale): Promise<SideSettings> {
  const model = await prepareModel(work, folder);
  const texts = drawTexts(work, steps);
  const classes = texts.map((_, index) => index % labels.length);
  const words = (ids: readonly number[], index: number) => ({
    text: ids.map((id) => `w${id}`).join(' '),
    label: labels[classes[index]!],
  });
  const [begin, end] = [work.vocabularySize - 2, work.vocabularySize - 1];
  const datasetDigest = await writeRows(
    model.artifacts,
    join(folder, 'texts.jsonl'),
    { text: 'VARCHAR', label: 'VARCHAR' },
    {
      train: texts.map(words),
      validation: texts.slice(0, 2).map(words),
    } as never,
  );
  return {
    threads,
    store: model.store,
    spec: specOf(work, model.digest, datasetDigest),
    config: model.config,
    weights: model.weights,
    prefix: prefixes.get(work.architecture) ?? 'model.',
    rows: texts.map((ids) => [begin, ...ids, end]),
    classes: work.task === 'classes' ? classes : null,
    batchSize: work.batchSize,
    adapter: work.adapter,
    output: join(folder, 'trainer'),
  };
}

/** Attune's training: texts of one length a row each, texts of mixed lengths packed into rows with as many tokens. */
function specOf(work: Work, baseModelDigest: string, datasetDigest: string): LanguageModellingSpec | SupervisedSpec {
  const isMixed = 'median' in work.lengths;
  const maxLength = 'median' in work.lengths ? work.lengths.most : work.lengths.each;
  const rows =
    'median' in work.lengths
      ? Math.max(1, Math.round((1.4 * work.batchSize * work.lengths.median) / maxLength))
      : work.batchSize;
  const training: Hyperparameters = {
    ...hyperparameters,
    dropout: 0,
    maxLength,
    batchSize: rows,
    warmupRatio: 0,
    schedule: 'constant',
    checkpointEverySteps: 1e6,
    adapter:
      work.adapter === null
        ? null
        : { rank: 16, alpha: 32, rankStabilized: false, dropout: 0, targetModules: [...work.adapter] },
  };
  if (work.task === 'classes') {
    return supervisedSpec({ baseModelDigest, datasetDigest, labels, hyperparameters: training });
  }
  return {
    method: 'languageModelling',
    baseModelDigest,
    datasetDigest,
    trainSplit: 'train',
    validationSplit: 'validation',
    textColumn: 'text',
    pairColumn: null,
    objective: 'causal',
    masking: null,
    packing: isMixed ? 'packed' : 'separate',
    control: null,
    hyperparameters: training,
  };
}

/** Ids of the words of each text; with the two tokens around them a text has the wanted length. */
function drawTexts({ lengths, batchSize, vocabularySize }: Work, steps: number): number[][] {
  const random = createRandom(7);
  const words = vocabularySize - special.length;
  const lengthOf = () => {
    if ('each' in lengths) return lengths.each;
    const normal = Math.sqrt(-2 * ln(1 - uniform(random))) * Math.cos(2 * Math.PI * uniform(random));
    return Math.round(Math.min(lengths.most, Math.max(16, lengths.median * Math.exp(0.7 * normal))));
  };
  return Array.from({ length: batchSize * steps }, () =>
    Array.from({ length: Math.max(2, lengthOf() - 2) }, () => Math.floor(uniform(random) * words)),
  );
}
