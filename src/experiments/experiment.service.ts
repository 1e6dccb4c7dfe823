import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actorId } from '../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { inTransaction } from '../database/transaction.js';
import type { ExampleReader } from '../datasets/dataset-commands.js';
import { requireVersion } from '../datasets/require-version.js';
import { readTargetFacts, type TargetReader } from '../datasets/targets.js';
import type { ChatSources } from '../models/chat-sources.js';
import { checkTypesOfPairs } from '../models/check-token-types.js';
import { requireBaseModel } from '../models/require-base-model.js';
import type { Tokenizers } from '../models/tokenizers.js';
import { checkName, checkNotes, checkTags, tidyTags } from '../organizing/names-and-tags.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { together } from '../problems/together.js';
import { requireProject } from '../projects/require-project.js';
import { requireStorageLeft, requireWithinQueue } from '../projects/require-quota.js';
import { findTruncated } from '../protocol/findings.js';
import type { Query } from '../protocol/sql/query.js';
import { leftToChoose, leftToChooseIn } from './chosen-anew.js';
import type { CloneExperimentInput } from './clone.input.js';
import { draftOfClone, pathsOfNulls } from './clone.js';
import { costOf } from './estimate-cost.js';
import { estimateRows } from './estimate-rows.js';
import { estimateSeconds } from './estimate-time.js';
import { Experiment } from './experiment.entity.js';
import type { CreateExperimentInput, ExperimentDraft } from './experiment.input.js';
import { type ExperimentRow, experimentsByIds } from './experiment.reads.js';
import type { ExperimentPlan } from './experiment-plan.js';
import { explainDefaults } from './explain-defaults.js';
import { defaultValidationSplit, drawHeldOut, validationSplitOf } from './held-out.js';
import { judgeData } from './judge-data.js';
import { methodRequest } from './methods/resolve.js';
import { checkPriority } from './priority.js';
import { resolveSpec, targetsToRead } from './resolve-spec.js';
import { enqueueRun, type RunControlResult, requestCancel, requestPause, resumeRun } from './run-control.js';
import { checkSampledRows, sampleReading } from './sample-reading.js';

/**
 * Experiments, as the graph's mutations use them. All methods throw ProblemsError for mistakes that the client can
 * correct.
 */
export interface ExperimentService {
  /** Checks everything and computes what the run would take. Writes nothing. */
  plan(input: CreateExperimentInput): Promise<ExperimentPlan>;
  /**
   * Checks the input, and writes experiment, run, first event and job in one transaction. Returns the experiment's id.
   */
  create(input: CreateExperimentInput): Promise<string>;
  planClone(sourceId: string, input: CloneExperimentInput): Promise<ExperimentPlan>;
  clone(sourceId: string, input: CloneExperimentInput): Promise<string>;
  cancel(experimentId: string): Promise<void>;
  pause(experimentId: string): Promise<void>;
  resume(experimentId: string): Promise<void>;
}

export function createExperimentService(options: {
  readonly dataSource: DataSource;
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
  readonly examples: TargetReader & Pick<ExampleReader, 'sampleTexts' | 'findDuplicates'>;
  readonly tokenizers: Tokenizers;
  readonly chatSources: ChatSources;
}): ExperimentService {
  const { dataSource, query, examples, tokenizers, chatSources } = options;

  /** The spec of a draft, with the data and model that it was resolved against. */
  async function resolveConfiguration(draft: ExperimentDraft, projectId: string) {
    const { pairs, control: asked } = methodRequest(draft.method);
    const [baseModel, version, control] = await together([
      requireBaseModel(query, draft.baseModelId, projectId, ['baseModelId']),
      requireVersion(query, draft.datasetVersionId, projectId, ['datasetVersionId']),
      asked === null ? Promise.resolve(null) : requireVersion(query, asked.datasetVersionId, projectId, asked.path),
    ]);
    const targets = targetsToRead(draft, version);
    const split = draft.trainSplit;
    const divides = targets !== null && validationSplitOf(draft, version) === null;
    const heldOut = divides ? await drawHeldOut(examples, targets, split, version) : null;
    const division = heldOut === null ? null : { split, heldOut };
    const facts = targets === null ? null : await readTargetFacts(examples, { ...targets, division });
    const spec = resolveSpec(draft, version, baseModel, facts, heldOut, control);
    if (pairs !== null) {
      const problems = await checkTypesOfPairs(tokenizers, baseModel.manifest, pairs);
      if (problems.length > 0) throw new ProblemsError(problems);
    }
    return { baseModel, version, control, facts, spec };
  }

  /** As resolveConfiguration, with the problems of name, tags and notes too: throws all problems of the draft. */
  async function resolve(draft: ExperimentDraft, projectId: string) {
    const problems = checkLabelling(draft);
    const resolved = await resolveConfiguration(draft, projectId).catch((error: unknown) => {
      if (!(error instanceof ProblemsError)) throw error;
      problems.push(...error.problems);
      return null;
    });
    if (resolved === null || problems.length > 0) throw new ProblemsError(problems);
    return resolved;
  }

  async function planDraft(draft: ExperimentDraft, projectId: string): Promise<ExperimentPlan> {
    const { spec, baseModel, version, control, facts } = await resolve(draft, projectId);
    const { maxLength } = spec.hyperparameters;
    const { manifest } = baseModel;
    const [tokens, judged] = await Promise.all([
      sampleReading(spec, manifest, { examples, tokenizers, chatSources }),
      // Without target facts, resolving has thrown before: there would be no spec.
      judgeData(examples, spec, version, facts!),
    ]);
    const { learns } = methodRequest(draft.method);
    const cost = costOf(spec, manifest, facts!.counts, (examples) => estimateRows(spec, examples, tokens.counts));
    const defaults = explainDefaults(draft.hyperparameters, manifest, spec.hyperparameters, cost.trainExamples, learns);
    const { sampledExamples: exampleCount, truncatedShare } = tokens.counts;
    const truncatedCount = Math.round(truncatedShare * exampleCount);
    // Documents are divided where they are too long, and lose nothing.
    const lengths =
      learns === 'tokens' ? [] : findTruncated({ split: spec.trainSplit, maxLength }, { exampleCount, truncatedCount });
    return {
      ...cost,
      controlVersionId: control?.id ?? null,
      baselines: judged.baselines,
      findings: [...judged.findings, ...lengths],
      tokens: tokens.counts,
      estimatedSeconds: estimateSeconds(spec, manifest, { trainExamples: cost.trainExamples, tokens: tokens.counts }),
      defaults,
      example: tokens.example,
      conversations: tokens.conversations,
    };
  }

  /** @param chosenHyperparameters those that the client left to the server */
  async function createFrom(
    draft: ExperimentDraft,
    chosenHyperparameters: string[],
    request: IdempotentRequest,
    clonedFromId: string | null,
  ): Promise<string> {
    const first = await findFirstResult(query, request);
    if (first !== null) return first;
    const { projectId } = request;
    await requireStorageLeft(query, projectId);
    const { spec, baseModel, version, control, facts } = await resolve(draft, projectId);
    await checkSampledRows(spec, baseModel.manifest, { examples, tokenizers, chatSources });
    const { baselines, findings } = await judgeData(examples, spec, version, facts!);
    const priority = draft.priority ?? 0;
    return inTransaction(dataSource, async (transaction) => {
      const experimentId = randomUUID();
      const claimed = await claimKey(transaction.query, request, experimentId);
      if (claimed !== experimentId) return claimed;
      await transaction.manager.insert(Experiment, {
        id: experimentId,
        projectId,
        createdBy: actorId(),
        name: draft.name.trim(),
        method: spec.method,
        spec,
        baselines,
        findings,
        baseModelId: baseModel.id,
        datasetVersionId: version.id,
        controlVersionId: control?.id ?? null,
        tags: tidyTags(draft.tags ?? []),
        notes: draft.notes ?? '',
        priority,
        clonedFromId,
        chosenHyperparameters,
      });
      await enqueueRun(transaction.query, { runId: randomUUID(), experimentId, projectId, spec, priority });
      await requireWithinQueue(transaction.query, projectId, []);
      return experimentId;
    });
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
      return planDraft(input, (await requireProject(query, input.projectSlug)).id);
    },

    async create({ idempotencyKey, ...asked }) {
      const { id: projectId } = await requireProject(query, asked.projectSlug);
      // For a hyperparameter null is a value, but a digest ignores it (idempotency.ts), so the nulls' paths are added.
      const nulls = pathsOfNulls(asked.hyperparameters ?? {});
      // Requests of releases in which this field had a default keep their digests.
      const validationSplit = asked.validationSplit ?? defaultValidationSplit;
      const input = { ...asked, validationSplit, nulls: nulls.length === 0 ? null : nulls };
      const request = { projectId, operation: 'createExperiment', key: idempotencyKey ?? null, input };
      return createFrom(asked, leftToChoose(asked.hyperparameters), request, null);
    },

    async planClone(sourceId, input) {
      const source = await requireExperiment(sourceId);
      return planDraft(draftOfClone(source, input), source.projectId);
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
      return createFrom(draft, chosen, request, source.id);
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

function checkLabelling({ name, tags, notes, priority }: ExperimentDraft): InputProblem[] {
  return [
    ...checkName(name),
    ...checkTags(tags ?? [], ['tags']),
    ...checkNotes(notes ?? ''),
    ...checkPriority(priority ?? 0),
  ];
}
