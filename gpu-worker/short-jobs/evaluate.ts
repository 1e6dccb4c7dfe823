import type { TaskScores } from '../../src/protocol/evaluation-scores.js';
import type { Finding } from '../../src/protocol/findings.js';
import type { EvaluateJob, EvaluationProgress } from '../../src/protocol/job.js';
import { standingBuckets } from '../../src/protocol/length-buckets.js';
import { noTokens, type ScoredExample } from '../../src/protocol/scored-example.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { readsTokenTypes } from '../data/token-types.js';
import { tokenSource } from '../forward/example-source.js';
import { judgeLengths, readExamples } from '../forward/examples.js';
import type { ReadyModel } from '../forward/ready-model.js';
import { runHeads } from '../forward/run-heads.js';
import { headOf, scoreHead } from '../heads/index.js';
import { judgeHead } from '../heads/judge.js';
import { verifiedPath } from '../models/artifacts.js';
import { ProblemError } from '../problem-error.js';

export interface Evaluated<Scores = TaskScores> {
  /** In the job's order of tasks. */
  readonly scores: Scores[];
  /** Made one after another as they are asked for: task by task, in the order of the rows. */
  readonly examples: Iterable<ScoredExample>;
  /** What a person should know of the texts. */
  readonly findings: Finding[];
}

/**
 * Scores a model's heads on one split of any dataset version.
 * Errors: ProblemError MISSING_ARTIFACT, UNKNOWN_TASK, UNKNOWN_COLUMN, UNKNOWN_LABEL (no label that the head has),
 * EMPTY_SPLIT, NON_FINITE_LOSS.
 * @param onProgress called often: it can give a sign of life, or throw in order to stop; with the progress, while
 *   examples are scored
 */
export async function evaluate(
  model: ReadyModel,
  job: Omit<EvaluateJob, 'kind' | 'evaluationId' | 'modelDigest'>,
  store: ArtifactStore,
  onProgress: (progress?: EvaluationProgress) => void,
): Promise<Evaluated> {
  const { split, textColumn, pairColumn } = job;
  const { manifest, maxLength } = model;
  const tasks = job.tasks.map(({ task, targetColumns }, index) => {
    const head = manifest.heads.find((candidate) => candidate.task === task);
    if (head === undefined || head.kind === 'reward') throw unknownTask(model, task, index);
    const columns = targetColumns.map((name, k) => ({
      name,
      path: ['tasks', String(index), 'targetColumns', String(k)],
    }));
    return { head, source: { head: headOf(head), columns } };
  });
  const path = await verifiedPath(store, job.datasetDigest, 'the dataset version');
  const sources = tasks.map(({ source }) => source);
  const columns = { split: { name: split, path: ['split'] }, textColumn, pairColumn, sources };
  const query = {
    path,
    ...columns,
    unknownLabels: 'count' as const,
    maxLength,
    truncationSide: manifest.truncationSide,
    readsTypes: readsTokenTypes(model, pairColumn !== null, 'pairColumn'),
  };
  const examples = await readExamples(query, model.tokenizer, () => onProgress());
  const source = tokenSource(examples.texts, standingBuckets(maxLength));
  const heads = sources.map(({ head }) => head);
  const outputs = await runHeads(model.forward(source.inputs), heads, source, (examplesDone) =>
    onProgress({ examplesDone, examplesTotal: source.lengths.length }),
  );
  const scores = tasks.map(({ head }, k) => scoreHead(head, outputs[k]!, examples.targets[k]!));
  for (const { task, loss } of scores) if (!Number.isFinite(loss)) throw notFinite(task, loss);
  function* judged(): Generator<ScoredExample> {
    for (const [k, { head }] of tasks.entries()) {
      for (const { example, ...said } of judgeHead(
        head,
        outputs[k]!,
        examples.targets[k]!,
        examples.texts.firstOfWord,
      )) {
        yield { task: head.task, row: examples.rows[example]!, ...said, ...noTokens };
      }
    }
  }
  return { scores, examples: judged(), findings: judgeLengths(examples, split, maxLength) };
}

function unknownTask({ manifest }: ReadyModel, task: string, index: number): ProblemError {
  return new ProblemError({
    path: ['tasks', String(index), 'task'],
    code: 'UNKNOWN_TASK',
    message: `the model has no head for the task “${task}”`,
    hint: `Its heads: ${manifest.heads.map((head) => head.task).join(', ')}.`,
  });
}

function notFinite(task: string, loss: number): ProblemError {
  return new ProblemError({
    path: [],
    code: 'NON_FINITE_LOSS',
    message: `the loss of task “${task}” is ${loss}: the model's weights are damaged`,
    hint: null,
  });
}
