import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actorId } from '../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { inTransaction } from '../database/transaction.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import type { ExampleReader } from '../datasets/dataset-commands.js';
import { requireVersion } from '../datasets/require-version.js';
import { readTargetFacts, type TargetReader } from '../datasets/targets.js';
import { enqueueJob } from '../jobs/enqueue-job.js';
import { requireNamedModel } from '../models/aliases/named-model.js';
import type { BaseModelRow } from '../models/base-model.reads.js';
import { specOfModel } from '../models/spec-of-model.js';
import { type InputProblem, ProblemsError } from '../problems/problem.js';
import type { Finding } from '../protocol/findings.js';
import { readsTokens, rewardHeadOf } from '../protocol/heads.js';
import type { RunSpec } from '../protocol/methods/index.js';
import { predictedTokensOf } from '../protocol/predicts-tokens.js';
import { answerColumns, requiredPreferenceColumns } from '../protocol/preference-form.js';
import type { Query } from '../protocol/sql/query.js';
import { cancelEvaluation } from './cancel-evaluation.js';
import { checkColumns, checkTargets, checkTexts, requireHead } from './check-evaluation.js';
import { Evaluation } from './evaluation.entity.js';
import type { EvaluateInput } from './evaluation.input.js';
import { findLearntTexts } from './find-learnt-texts.js';
import { resolvePreferences } from './preference-evaluation.js';
import { resolveRewards } from './reward-evaluation.js';
import { scoredTasks } from './scored-tasks.js';
import type { TokenEvaluationInput } from './token-evaluation.input.js';
import { resolveTokens } from './token-evaluation.js';
import { chooseTexts, trainedTexts } from './trained-texts.js';

export interface EvaluationService {
  /** Checks the input and queues the scoring. Returns the evaluation's id. Throws ProblemsError. */
  evaluate(input: EvaluateInput): Promise<string>;
  /** Cancels an evaluation that has not ended. Throws ProblemsError. */
  cancel(id: string): Promise<void>;
}

export function createEvaluationService(options: {
  readonly dataSource: DataSource;
  /** Reads, from the process's pool. */
  readonly query: Query;
  readonly examples: TargetReader & Pick<ExampleReader, 'findDuplicates' | 'readExamples'>;
}): EvaluationService {
  const { dataSource, query, examples } = options;

  async function resolveTasks(
    input: EvaluateInput,
    model: BaseModelRow,
    version: DatasetVersionRow,
    spec: RunSpec | null,
  ): Promise<Resolved> {
    if (predictedTokensOf(model.manifest) === null) requireHead(model, input);
    else
      requireHead(model, input, 'It is a language model: `tokens` scores what it predicts. For labels, train a head.');
    const { split } = input;
    const texts = chooseTexts(input, trainedTexts(spec), version, model.manifest.heads.some(readsTokens));
    const { tasks: scored, problems } = scoredTasks(input.tasks ?? null, model.manifest.heads, spec, version);
    refuse([
      ...checkTexts(input, texts, model.manifest, version),
      ...problems,
      ...checkColumns(texts, scored, version),
    ]);
    const { pairColumn } = texts;
    const textColumn = texts.textColumn!;
    const facts = await readTargetFacts(examples, {
      digest: version.digest,
      textColumns: pairColumn === null ? [textColumn] : [textColumn, pairColumn],
      heads: scored.map(({ head, columns }) => ({ kind: head.kind, columns: columns.map(({ name }) => name) })),
    });
    refuse(checkTargets({ split, refusesUnknown: input.unknownLabels === 'refuse' }, scored, facts));
    const textColumns = pairColumn === null ? [textColumn] : [textColumn, pairColumn];
    const findings = await findLearntTexts(examples, spec, { digest: version.digest, split, textColumns }, scored);
    const tasks = scored.map(({ task, columns }) => ({ task, targetColumns: columns.map(({ name }) => name) }));
    return { ...nothingElse, tasks, textColumn, pairColumn, findings };
  }

  async function ofRewards(
    input: EvaluateInput,
    model: BaseModelRow,
    version: DatasetVersionRow,
    spec: RunSpec | null,
  ): Promise<Resolved> {
    const preference = resolveRewards(input, model, version, spec);
    const textColumns = requiredPreferenceColumns(preference);
    const findings = await findLearntTexts(
      examples,
      spec,
      { digest: version.digest, split: input.split, textColumns },
      [],
    );
    return { ...nothingElse, preference, textColumn: answerColumns(preference)[0]!, findings };
  }

  async function ofPreferences(
    input: EvaluateInput,
    model: BaseModelRow,
    version: DatasetVersionRow,
    spec: RunSpec | null,
  ): Promise<Resolved> {
    const { preference, reading, reference } = await resolvePreferences(query, input, model, version, spec);
    const measured = {
      digest: version.digest,
      split: input.split,
      textColumns: requiredPreferenceColumns(preference),
    };
    const findings = await findLearntTexts(examples, spec, measured, []);
    const textColumn = answerColumns(preference)[0]!;
    const baselineModelId = reference?.id ?? null;
    return { ...nothingElse, preference, preferenceReading: reading, baselineModelId, textColumn, findings };
  }

  async function ofTokens(
    input: EvaluateInput & { readonly tokens: TokenEvaluationInput },
    model: BaseModelRow,
    version: DatasetVersionRow,
    spec: RunSpec | null,
  ): Promise<Resolved> {
    const { tokens, textColumn, textColumns, baseline } = await resolveTokens(
      query,
      examples,
      input,
      model,
      version,
      spec,
    );
    const measured = { digest: version.digest, split: input.split, textColumns };
    const findings = await findLearntTexts(examples, spec, measured, []);
    return { ...nothingElse, tokens, textColumn, baselineModelId: baseline?.id ?? null, findings };
  }

  return {
    cancel: (id) => inTransaction(dataSource, (transaction) => cancelEvaluation(transaction.query, id)),

    async evaluate(input) {
      const model = await requireNamedModel(query, input);
      // The project is filled in where an alias was not asked for: it is no part of what the client said.
      const { idempotencyKey, projectSlug: _, ...asked } = input;
      const request: IdempotentRequest = {
        projectId: model.projectId,
        operation: 'evaluate',
        key: idempotencyKey ?? null,
        input: asked,
      };
      const first = await findFirstResult(query, request);
      if (first !== null) return first;

      const version = await requireVersion(query, input.datasetVersionId, model.projectId, ['datasetVersionId']);
      const spec = await specOfModel(query, model.id);
      const resolved = asksForPreferences(input, model)
        ? await ofPreferences(input, model, version, spec)
        : input.tokens != null
          ? await ofTokens({ ...input, tokens: input.tokens }, model, version, spec)
          : input.preference != null || rewardHeadOf(model.manifest) !== null
            ? await ofRewards(input, model, version, spec)
            : await resolveTasks(input, model, version, spec);
      const { tasks, tokens, preference, preferenceReading, textColumn, pairColumn, baselineModelId, findings } =
        resolved;
      const { split } = input;
      return inTransaction(dataSource, async (transaction) => {
        const evaluationId = randomUUID();
        const claimed = await claimKey(transaction.query, request, evaluationId);
        if (claimed !== evaluationId) return claimed;
        await transaction.manager.insert(Evaluation, {
          id: evaluationId,
          projectId: model.projectId,
          createdBy: actorId(),
          baseModelId: model.id,
          datasetVersionId: version.id,
          split,
          textColumn,
          pairColumn,
          tasks,
          tokens,
          preference,
          preferenceReading,
          baselineModelId,
          findings,
          status: 'QUEUED',
        });
        await enqueueJob(transaction.query, {
          id: randomUUID(),
          projectId: model.projectId,
          payload: {
            kind: 'evaluate',
            evaluationId,
            modelDigest: model.digest,
            datasetDigest: version.digest,
            split,
            textColumn,
            pairColumn,
            tasks,
            ...(tokens === null ? {} : { tokens }),
            ...(preference === null ? {} : { preference }),
            ...(preferenceReading === null ? {} : { preferenceReading }),
          },
        });
        return evaluationId;
      });
    },
  };
}

/** Whether judged answers are what is asked for; of reward models they always are. */
function asksForPreferences({ preference, preferenceReading }: EvaluateInput, { manifest }: BaseModelRow): boolean {
  if (preferenceReading != null) return true;
  return preference != null && rewardHeadOf(manifest) === null;
}

/** What is scored, and on which columns. */
interface Resolved
  extends Pick<
    Evaluation,
    'tasks' | 'tokens' | 'preference' | 'preferenceReading' | 'textColumn' | 'pairColumn' | 'baselineModelId'
  > {
  readonly findings: Finding[];
}

const nothingElse = {
  tasks: [],
  tokens: null,
  preference: null,
  preferenceReading: null,
  pairColumn: null,
  baselineModelId: null,
} as const satisfies Partial<Resolved>;

function refuse(problems: readonly InputProblem[]): void {
  if (problems.length > 0) throw new ProblemsError(problems);
}
