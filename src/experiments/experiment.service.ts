import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { requireProject } from '../access/require-project.js';
import { inTransaction } from '../database/transaction.js';
import type { ExampleReader } from '../datasets/dataset-commands.js';
import { requireVersion } from '../datasets/require-version.js';
import { requireBaseModel } from '../models/require-base-model.js';
import type { Tokenizers } from '../models/tokenizers.js';
import { ProblemsError, problem } from '../problem.js';
import type { Query } from '../protocol/sql/query.js';
import { costOf } from './estimate-cost.js';
import { Experiment } from './experiment.entity.js';
import type { CreateExperimentInput } from './experiment.input.js';
import { experimentsByIds } from './experiment.reads.js';
import type { ExperimentPlan } from './experiment-plan.js';
import { columnsToCount, resolveSpec } from './resolve-spec.js';
import { enqueueRun, type RunControlResult, requestCancel, requestPause, resumeRun } from './run-control.js';
import { sampleTokens } from './sample-tokens.js';

const maxNameLength = 200;
/** Enough to know the share of truncated texts to within some percent. */
const sampledExamples = 256;

/** Experiments, as the graph's mutations work on them. All throw ProblemsError for what the client can put right. */
export interface ExperimentService {
  /** Checks everything and works out what a run would take. Writes nothing. */
  plan(input: CreateExperimentInput): Promise<ExperimentPlan>;
  /** Checks, and writes experiment, run, first event and job in one transaction. Returns the experiment's id. */
  create(input: CreateExperimentInput): Promise<string>;
  cancel(experimentId: string): Promise<void>;
  pause(experimentId: string): Promise<void>;
  resume(experimentId: string): Promise<void>;
}

export function createExperimentService(options: {
  readonly dataSource: DataSource;
  /** Reads, from the process's pool. */
  readonly query: Query;
  readonly examples: Pick<ExampleReader, 'countLabels' | 'sampleTexts'>;
  readonly tokenizers: Tokenizers;
}): ExperimentService {
  const { dataSource, query, examples, tokenizers } = options;

  async function resolve(input: CreateExperimentInput, projectId: string) {
    const [baseModel, version] = await Promise.all([
      requireBaseModel(query, input.baseModelId, projectId, ['baseModelId']),
      requireVersion(query, input.datasetVersionId, projectId, ['datasetVersionId']),
    ]);
    const columns = columnsToCount(input, version);
    const counts = columns === null ? null : await examples.countLabels({ digest: version.digest, ...columns });
    return { baseModel, version, counts, spec: resolveSpec(input, version, baseModel, counts) };
  }

  async function control(
    experimentId: string,
    action: (query: Query, runId: string) => Promise<RunControlResult>,
    refusal: (status: string) => string,
  ): Promise<void> {
    const [experiment] = await experimentsByIds(query, [experimentId]);
    if (experiment === undefined) {
      throw new ProblemsError([problem(['experimentId'], 'NOT_FOUND', 'There is no experiment with this id.')]);
    }
    const { accepted, status } = await inTransaction(dataSource, (transaction) =>
      action(transaction.query, experiment.runId),
    );
    if (!accepted) throw new ProblemsError([problem(['experimentId'], 'CONFLICT', refusal(status))]);
  }

  return {
    async plan(input) {
      checkName(input.name);
      const project = await requireProject(query, input.projectSlug);
      const { spec, baseModel, counts } = await resolve(input, project.id);
      const { maxLength, truncationSide } = spec.hyperparameters;
      const { manifest } = baseModel;
      const [sample, tokenizer] = await Promise.all([
        examples.sampleTexts({
          digest: spec.datasetDigest,
          split: spec.trainSplit,
          textColumns: spec.pairColumn === null ? [spec.textColumn] : [spec.textColumn, spec.pairColumn],
          limit: sampledExamples,
        }),
        tokenizers.get(manifest.tokenizer.digest),
      ]);
      const { contextLength } = manifest;
      const tokens = await sampleTokens(sample, tokenizer, { maxLength, contextLength, truncationSide });
      // Without columns to count there is no spec.
      return { ...costOf(spec, manifest, counts!), tokens: tokens.counts, example: tokens.example };
    },

    async create(input) {
      checkName(input.name);
      const project = await requireProject(query, input.projectSlug);
      const { idempotencyKey, ...asked } = input;
      const request: IdempotentRequest = {
        projectId: project.id,
        operation: 'createExperiment',
        key: idempotencyKey ?? null,
        input: asked,
      };
      const first = await findFirstResult(query, request);
      if (first !== null) return first;
      const { spec, baseModel, version } = await resolve(input, project.id);
      return inTransaction(dataSource, async (transaction) => {
        const experimentId = randomUUID();
        const claimed = await claimKey(transaction.query, request, experimentId);
        if (claimed !== experimentId) return claimed;
        await transaction.manager.insert(Experiment, {
          id: experimentId,
          projectId: project.id,
          name: input.name.trim(),
          method: spec.method,
          spec,
          baseModelId: baseModel.id,
          datasetVersionId: version.id,
        });
        await enqueueRun(transaction.query, { runId: randomUUID(), experimentId, projectId: project.id, spec });
        return experimentId;
      });
    },

    cancel: (id) => control(id, requestCancel, (status) => `It has ended already: ${status}.`),
    pause: (id) => control(id, requestPause, (status) => `It is ${status}: there is nothing to pause.`),
    resume: (id) => control(id, resumeRun, (status) => `It is ${status}, not paused.`),
  };
}

function checkName(name: string): void {
  const { length } = name.trim();
  if (length >= 1 && length <= maxNameLength) return;
  throw new ProblemsError([problem(['name'], 'INVALID_VALUE', `A name has 1 to ${maxNameLength} characters.`)]);
}
