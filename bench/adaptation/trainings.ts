import { join } from 'node:path';
import { defaultLearningRate, languageDefaults } from '../../src/experiments/hyperparameter-defaults.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import { languageModellingSpec, supervisedSpec } from '../../tests/support/specs.js';
import type { Row } from '../heads/data.js';
import { labelsOf } from '../heads/works.js';
import { writeRows } from '../heads/write-rows.js';
import { recorded, samplesOf, train, trainLanguage } from '../training.js';
import { type Abstracts, drawLabelled } from './data.js';
import type { Options } from './options.js';
import type { Adaptation, Classifier } from './results.js';

export type Tools = Parameters<typeof train>[0];
export interface Base {
  readonly digest: string;
  readonly manifest: ModelManifest;
}

const columns = { text: 'VARCHAR', label: 'VARCHAR' };

/** Masked tokens of the abstracts, by the product's defaults but for rate and size; glosses are control texts. */
export async function adapt(tools: Tools, base: Base, data: Abstracts, options: Options): Promise<Adaptation> {
  const { texts } = data;
  const { folder, controlTexts, maxLength, epochs, learningRate, evaluateEverySteps } = options;
  const heldOut = data.heldOut.slice(0, options.perplexityTexts);
  const write = (name: string, splits: Record<'train' | 'validation' | 'test', readonly Row[]>) =>
    writeRows(tools.store, join(folder, `${name}.jsonl`), columns, splits);
  const datasetDigest = await write('texts', { train: texts, validation: heldOut, test: [] });
  const glosses = (await controlTexts()).map((text) => ({ text, label: '' }));
  const controlDigest = await write('control', { train: [], validation: [], test: glosses });
  const points = new Map<number, { abstracts: number; control: number }>();
  let step = 0;
  let tokens = 0;
  const startedAt = performance.now();
  const { model } = await trainLanguage(
    tools,
    languageModellingSpec({
      baseModelDigest: base.digest,
      datasetDigest,
      masking: { share: 0.15, wholeWords: false },
      control: { datasetDigest: controlDigest, split: 'test', textColumn: 'text' },
      hyperparameters: {
        learningRate,
        epochs,
        batchSize: languageDefaults.batchSize,
        dropout: null,
        pooling: null,
        maxLength,
        seed: 0,
        evaluateEverySteps,
        checkpointEverySteps: 1_000_000,
      },
    }),
    {
      async events(events) {
        for (const event of events) {
          if (event.kind === 'logLine') {
            const found = /Split train: .* documents, ([\d,]+) tokens/.exec(event.message);
            if (found !== null) tokens = Number(found[1]!.replaceAll(',', ''));
          }
          if (event.kind !== 'metricsRecorded') continue;
          step = event.step;
          const abstracts = recorded(event.samples, 'validation/perplexity');
          const control = recorded(event.samples, 'control/perplexity');
          if (abstracts === undefined || control === undefined) continue;
          points.set(step, { abstracts, control });
          console.log(
            `step ${step}: perplexity ${abstracts.toFixed(1)} of abstracts, ${control.toFixed(1)} of glosses`,
          );
        }
      },
    },
  );
  return {
    kind: 'adaptation',
    texts: texts.length,
    heldOut: heldOut.length,
    controlTexts: glosses.length,
    tokens,
    learningRate,
    epochs,
    model: model.digest,
    points: [...points].map(([at, point]) => ({ step: at, ...point })),
    seconds: (performance.now() - startedAt) / 1000,
  };
}

/** A classifier of the conditions, by the product's rates; the seed draws its examples too. */
export async function classify(
  tools: Tools,
  base: Base,
  data: Abstracts,
  { folder, classifierLength }: Options,
  of: Pick<Classifier, 'trains' | 'perLabel' | 'seed' | 'isAdapted'> & { readonly epochs: number },
): Promise<Classifier> {
  const { trains, perLabel, seed, isAdapted, epochs } = of;
  const splits = { train: drawLabelled(data.labelled, perLabel, seed), validation: data.heldOut, test: [] };
  const datasetDigest = await writeRows(tools.store, join(folder, 'labelled.jsonl'), columns, splits);
  const freeze = { kind: trains === 'head' ? 'encoder' : 'none' } as const;
  const { config } = base.manifest;
  let accuracy = Number.NaN;
  const startedAt = performance.now();
  await train(
    tools,
    supervisedSpec({
      baseModelDigest: base.digest,
      datasetDigest,
      labels: labelsOf('label', splits),
      hyperparameters: {
        learningRate: defaultLearningRate({ config, adapter: null, freeze }).value,
        epochs,
        batchSize: 16,
        dropout: null,
        pooling: 'mean',
        maxLength: classifierLength,
        freeze,
        seed,
        checkpointEverySteps: 1_000_000,
      },
    }),
    {
      async events(events) {
        for (const samples of samplesOf(events)) accuracy = recorded(samples, 'validation/accuracy') ?? accuracy;
      },
    },
  );
  const seconds = (performance.now() - startedAt) / 1000;
  return { kind: 'classifier', trains, perLabel, seed, isAdapted, base: base.digest, accuracy, seconds };
}
