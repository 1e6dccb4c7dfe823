import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { inTransaction } from '../database/transaction.js';
import { checkColumnType } from '../datasets/check-columns.js';
import { requireVersion } from '../datasets/require-version.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { requireProject } from '../projects/require-project.js';
import { requireStorageLeft, requireWithinQueue } from '../projects/require-quota.js';
import type { HeldOut } from '../protocol/held-out.js';
import type { Query } from '../protocol/sql/query.js';
import { leftToChoose, leftToChooseIn } from './chosen-anew.js';
import type { CloneExperimentInput } from './clone.input.js';
import { configurationOf, draftOfClone, pathsOfNulls } from './clone.js';
import type { CreateFoldExperimentsInput } from './cross-validation.input.js';
import { heldOutFolds, keptFold, nameOfFold } from './cross-validation.js';
import type { CreateExperimentInput, ExperimentDraft } from './experiment.input.js';
import { type ExperimentRow, experimentsByIds } from './experiment.reads.js';
import type { ExperimentPlan } from './experiment-plan.js';
import type { ExperimentTools } from './experiment-tools.js';
import { defaultValidationSplit } from './held-out.js';
import { insertExperiment, type PreparedExperiment, prepareExperiment } from './insert-experiment.js';
import { nullsOfColumns } from './methods/asked-of-method.js';
import type { NamedMethodInput } from './methods/columns.js';
import { planDraft } from './plan-draft.js';
import { createDraftResolver, type Draft, type ExpectedVersion, type InputAhead } from './resolve-draft.js';
import { targetsToRead } from './resolve-spec.js';
import { type RunControlResult, requestCancel, requestPause, resumeRun } from './run-control.js';

/**
 * Experiments, as the graph's mutations use them. All methods throw ProblemsError for mistakes that the client can
 * correct.
 */
export interface ExperimentService {
  /** Checks everything and computes what the run would take. Writes nothing. */
  plan(input: CreateExperimentInput): Promise<ExperimentPlan>;
  /** Checks what shows of an input before there is a dataset version: all that needs no row of it. */
  checkAhead(input: InputAhead, version: ExpectedVersion): Promise<void>;
  /**
   * Checks the input, and writes experiment, run, first event and job in one transaction. Returns the experiment's id.
   */
  create(input: CreateExperimentInput): Promise<string>;
  planClone(sourceId: string, input: CloneExperimentInput): Promise<ExperimentPlan>;
  clone(sourceId: string, input: CloneExperimentInput): Promise<string>;
  /** Clones an experiment once for each fold of its training split, which the clone holds out; all of them or none. */
  createFolds(sourceId: string, input: CreateFoldExperimentsInput): Promise<void>;
  cancel(experimentId: string): Promise<void>;
  pause(experimentId: string): Promise<void>;
  resume(experimentId: string): Promise<void>;
}

export function createExperimentService(
  options: ExperimentTools & { readonly dataSource: DataSource },
): ExperimentService {
  const { dataSource, ...tools } = options;
  const { query, examples } = tools;
  const drafts = createDraftResolver(tools);

  const plan = async (draft: ExperimentDraft, projectId: string, fold: HeldOut | null) =>
    planDraft(tools, draft, await drafts.resolve(draft, projectId, fold));
  const prepare = async (draft: ExperimentDraft, projectId: string, fold: HeldOut | null) =>
    prepareExperiment(tools, draft, await drafts.resolve(draft, projectId, fold));

  /** @param chosenHyperparameters those that the client left to the server */
  async function createFrom(
    draft: ExperimentDraft,
    chosenHyperparameters: string[],
    request: IdempotentRequest,
    clonedFromId: string | null,
    fold: HeldOut | null = null,
  ): Promise<string> {
    const first = await findFirstResult(query, request);
    if (first !== null) return first;
    const { projectId } = request;
    await requireStorageLeft(query, projectId);
    const prepared = await prepare(draft, projectId, fold);
    return inTransaction(dataSource, async (transaction) => {
      const id = randomUUID();
      const claimed = await claimKey(transaction.query, request, id);
      if (claimed !== id) return claimed;
      await insertExperiment(transaction, prepared, { id, projectId, chosenHyperparameters, clonedFromId });
      await requireWithinQueue(transaction.query, projectId, []);
      return id;
    });
  }

  /** What the experiments of a cross-validation hold out, one for each fold. */
  async function foldsToHoldOut(draft: Draft<NamedMethodInput>, projectId: string, column: string): Promise<HeldOut[]> {
    const version = await requireVersion(query, draft.datasetVersionId, projectId, ['datasetVersionId']);
    const problems = checkColumnType(version, column, ['INTEGER'], ['foldColumn']);
    if (problems.length > 0) throw new ProblemsError(problems);
    const targets = targetsToRead(draft, version);
    if (targets === null) throw new Error('The columns of an experiment are those of its version.');
    const { textColumns } = targets;
    const { labels } = await examples.countLabels({ digest: version.digest, textColumns, labelColumns: [column] });
    return heldOutFolds(labels[column] ?? [], { column, trainSplit: draft.trainSplit, textColumns });
  }

  async function requireExperiment(experimentId: string): Promise<ExperimentRow> {
    const [experiment] = await experimentsByIds(query, [experimentId]);
    if (experiment !== undefined) return experiment;
    throw new ProblemsError([problem(['experimentId'], 'NOT_FOUND', 'There is no experiment with this id.')]);
  }

  async function control(
    experimentId: string,
    action: (query: Query, experiment: ExperimentRow) => Promise<RunControlResult>,
    refusal: (status: string) => string,
  ): Promise<void> {
    const experiment = await requireExperiment(experimentId);
    const { accepted, status } = await inTransaction(dataSource, (transaction) =>
      action(transaction.query, experiment),
    );
    if (!accepted) throw new ProblemsError([problem(['experimentId'], 'CONFLICT', refusal(status))]);
  }

  return {
    async plan(input) {
      return plan(input, (await requireProject(query, input.projectSlug)).id, null);
    },

    async create({ idempotencyKey, ...asked }) {
      const { id: projectId } = await requireProject(query, asked.projectSlug);
      // For a hyperparameter, and for second texts that roles would say, null is a value, but a digest ignores it
      // (idempotency.ts), so the nulls' paths are added.
      const nulls = [...pathsOfNulls(asked.hyperparameters ?? {}), ...nullsOfColumns(asked.method)];
      // Requests of releases in which this field had a default keep their digests.
      const validationSplit = asked.validationSplit ?? defaultValidationSplit;
      const input = { ...asked, validationSplit, nulls: nulls.length === 0 ? null : nulls };
      const request = { projectId, operation: 'createExperiment', key: idempotencyKey ?? null, input };
      return createFrom(asked, leftToChoose(asked.hyperparameters), request, null);
    },

    async checkAhead(input, version) {
      const { id: projectId } = await requireProject(query, input.projectSlug);
      await drafts.checkAhead(input, version, projectId);
    },

    async planClone(sourceId, input) {
      const source = await requireExperiment(sourceId);
      return plan(draftOfClone(source, input), source.projectId, keptFold(source.spec, input));
    },

    async clone(sourceId, { idempotencyKey, ...asked }) {
      const source = await requireExperiment(sourceId);
      const draft = draftOfClone(source, asked);
      const request = {
        projectId: source.projectId,
        operation: 'cloneExperiment',
        key: idempotencyKey ?? null,
        // The differences from the source, where null is a value, but a digest ignores it (idempotency.ts).
        input: { ...asked, nulls: pathsOfNulls(asked) },
      };
      const chosen = leftToChooseIn(asked.hyperparameters, source.chosenHyperparameters);
      return createFrom(draft, chosen, request, source.id, keptFold(source.spec, asked));
    },

    async createFolds(sourceId, { idempotencyKey, ...asked }) {
      const source = await requireExperiment(sourceId);
      const { projectId } = source;
      const request = { projectId, operation: 'createFoldExperiments', key: idempotencyKey ?? null, input: asked };
      if ((await findFirstResult(query, request)) !== null) return;
      await requireStorageLeft(query, projectId);
      const draft: ExperimentDraft = {
        ...draftOfClone(source, { experimentId: asked.experimentId }),
        validationSplit: null,
      };
      draft.priority = asked.priority ?? null;
      const { method } = configurationOf(source.spec, source);
      const folds = await foldsToHoldOut({ ...draft, method }, projectId, asked.foldColumn);
      const prepared: PreparedExperiment[] = [];
      for (const fold of folds) {
        const name = nameOfFold(source.name, fold.fold!.number);
        prepared.push(await prepare({ ...draft, name }, projectId, fold));
      }
      const { chosenHyperparameters } = source;
      await inTransaction(dataSource, async (transaction) => {
        const claim = randomUUID();
        if ((await claimKey(transaction.query, request, claim)) !== claim) return;
        for (const each of prepared) {
          await insertExperiment(transaction, each, {
            id: randomUUID(),
            projectId,
            chosenHyperparameters,
            clonedFromId: sourceId,
          });
        }
        await requireWithinQueue(transaction.query, projectId, []);
      });
    },

    cancel: (id) =>
      control(
        id,
        (query, { runId }) => requestCancel(query, runId),
        (status) => `The experiment has already ended: ${status}.`,
      ),
    pause: (id) =>
      control(
        id,
        (query, { runId }) => requestPause(query, runId),
        (status) => `The experiment is ${status}: it can not be paused.`,
      ),
    resume: (id) =>
      control(
        id,
        async (transaction, { runId, projectId }) => {
          const resumed = await resumeRun(transaction, runId);
          // If a pause is withdrawn, the experiment does not wait.
          if (resumed.accepted && resumed.status === 'QUEUED')
            await requireWithinQueue(transaction, projectId, ['experimentId']);
          return resumed;
        },
        (status) => `The experiment is ${status}, not paused.`,
      ),
  };
}
