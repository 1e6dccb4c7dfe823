import { join } from 'node:path';
import type { Engine } from '../../gpu-worker/engine/types.js';
import { loraDefaults } from '../../src/experiments/hyperparameter-defaults.js';
import { traitsOf } from '../../src/protocol/architectures/index.js';
import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { supervisedSpec } from '../../tests/support/specs.js';
import { labelsOf } from '../heads/works.js';
import { writeRows } from '../heads/write-rows.js';
import { recorded, samplesOf, train } from '../training.js';
import type { Base } from './bases.js';
import type { Cell, CellResult, MethodName } from './cell.js';
import { datasets, headOf } from './datasets.js';

export interface Trainer {
  readonly engine: Engine;
  readonly store: ArtifactStore;
  readonly dataFolder: string;
  /** For what is made on the way. */
  readonly folder: string;
  /** Texts are cut to this many tokens. */
  readonly maxLength: number;
}

/** Trains one cell with the product's own recipe, from seed 0. */
export async function trainCell(trainer: Trainer, base: Base, cell: Cell): Promise<CellResult> {
  const { engine, store, dataFolder, folder, maxLength } = trainer;
  const dataset = datasets[cell.dataset];
  const splits = await dataset.read(dataFolder, {
    train: cell.examples,
    validation: cell.validationExamples,
  });
  const columns = {
    [dataset.textColumn]: 'VARCHAR',
    ...(dataset.pairColumn === null ? {} : { [dataset.pairColumn]: 'VARCHAR' }),
    [dataset.targetColumn]: dataset.kind === 'regression' ? 'DOUBLE' : 'VARCHAR',
  };
  const datasetDigest = await writeRows(store, join(folder, 'rows.jsonl'), columns, { ...splits, test: [] });
  const labels = dataset.kind === 'regression' ? [] : labelsOf(dataset.targetColumn, { ...splits, test: [] });
  const spec = supervisedSpec({
    baseModelDigest: base.digest,
    datasetDigest,
    textColumn: dataset.textColumn,
    pairColumn: dataset.pairColumn,
    head: headOf(dataset, labels),
    hyperparameters: {
      ...trainedParts(cell.method, base),
      learningRate: cell.learningRate,
      epochs: cell.epochs,
      batchSize: cell.batchSize,
      dropout: traitsOf(base.manifest.config).defaultDropout,
      pooling: base.pooling,
      maxLength,
      seed: 0,
      checkpointEverySteps: 1_000_000,
    },
  });
  const scores: number[] = [];
  let loss = Number.NaN;
  const startedAt = performance.now();
  await train({ engine, store }, spec, {
    async events(events) {
      for (const samples of samplesOf(events)) {
        const score = recorded(samples, dataset.kind === 'regression' ? 'validation/pearson' : 'validation/accuracy');
        if (score === undefined || Number.isNaN(score)) continue;
        scores.push(score);
        loss = recorded(samples, 'validation/loss') ?? Number.NaN;
      }
    },
  });
  return { ...cell, scores, loss, seconds: (performance.now() - startedAt) / 1e3 };
}

export function trainedParts(method: MethodName, { manifest }: Base): Pick<Hyperparameters, 'adapter' | 'freeze'> {
  switch (method) {
    case 'full':
      return { adapter: null, freeze: { kind: 'none' } };
    case 'heads':
      return { adapter: null, freeze: { kind: 'encoder' } };
    case 'lora': {
      const targetModules = [...traitsOf(manifest.config).defaultTargets];
      return { adapter: { ...loraDefaults, targetModules }, freeze: { kind: 'none' } };
    }
    default:
      return method satisfies never;
  }
}
