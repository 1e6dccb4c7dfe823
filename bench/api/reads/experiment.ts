import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { summaryKeys } from '../rows/project.js';

/** An experiment as every side must answer it, whatever its own form: what shows that all read the same rows. */
export interface ReadExperiment {
  readonly id: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly status: string;
  readonly baseModel: { readonly id: string; readonly name: string; readonly digest: string; readonly source: string };
  readonly datasetVersion: {
    readonly id: string;
    readonly number: number;
    readonly digest: string;
    readonly exampleCount: number;
    readonly createdAt: number;
  };
  readonly summary: readonly {
    readonly key: string;
    readonly value: number;
    readonly step: number;
    readonly attempt: number;
  }[];
  readonly evaluations: readonly {
    readonly id: string;
    readonly split: string;
    readonly status: string;
    readonly createdAt: number;
    readonly finishedAt: number;
  }[];
  readonly createdAt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
}

// biome-ignore lint/suspicious/noExplicitAny: each side's answer has a form of its own, of which only values are taken.
type Answered = any;

/** The common form of an experiment in the form of the hand-written endpoint, from which the others differ a little. */
export function readExperiment(found: Answered): ReadExperiment {
  const { id, name, tags, status, baseModel, datasetVersion, summary, evaluations } = found;
  return {
    id: rowId(id),
    name,
    tags,
    status,
    baseModel: {
      id: rowId(baseModel.id),
      name: baseModel.name,
      digest: baseModel.digest,
      source: baseModel.source,
    },
    datasetVersion: {
      id: rowId(datasetVersion.id),
      number: datasetVersion.number,
      digest: datasetVersion.digest,
      exampleCount: Number(datasetVersion.exampleCount),
      createdAt: Date.parse(datasetVersion.createdAt),
    },
    summary: summary.map(({ key, value, step, attempt }: Answered) => ({ key, value, step, attempt })),
    evaluations: evaluations.map((each: Answered) => ({
      id: rowId(each.id),
      split: each.split,
      status: each.status,
      createdAt: Date.parse(each.createdAt),
      finishedAt: Date.parse(each.finishedAt),
    })),
    createdAt: Date.parse(found.createdAt),
    startedAt: Date.parse(found.startedAt),
    finishedAt: Date.parse(found.finishedAt),
  };
}

/** Attune's form: a connection, and metrics with their definitions. */
export function fromAttune(found: Answered): ReadExperiment {
  const summary = found.summary.map((each: Answered) => ({ ...each, key: each.definition.key }));
  return readExperiment({ ...found, summary, evaluations: found.evaluations.nodes });
}

/** PostGraphile's form: tables and columns. */
export function fromPostGraphile(found: Answered): ReadExperiment {
  const run = found.runByExperimentId;
  const [model] = run.baseModelsByProducedByRunId.nodes;
  return readExperiment({
    ...found,
    ...run,
    id: found.id,
    baseModel: found.baseModelByBaseModelId,
    datasetVersion: found.datasetVersionByDatasetVersionId,
    summary: run.runMetricsByRunId.nodes,
    evaluations: model.evaluationsByBaseModelId.nodes,
  });
}

/** The row's id in an id of Attune's graph; other ids are it already. */
export function rowId(id: string): string {
  return parseGlobalId(id)?.uuid ?? id;
}

/** @throws Error unless there are `count` experiments with all that the bench's rows have */
export function requireWhole(experiments: readonly ReadExperiment[], count: number): void {
  const isWhole = ({ summary, evaluations }: ReadExperiment): boolean =>
    summary.map(({ key }) => key).join() === summaryKeys.join() && evaluations.length === 3;
  if (experiments.length !== count || !experiments.every(isWhole)) {
    throw new Error(`Not the rows of the bench: ${JSON.stringify(experiments).slice(0, 2000)}`);
  }
}
