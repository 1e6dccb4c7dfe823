import type { BaseModelRow } from '../models/base-model.reads.js';
import { type InputProblem, isProblemCode, ProblemsError, problem } from '../problems/problem.js';
import { predictedTokensOf } from '../protocol/predicts-tokens.js';
import type { Problem } from '../protocol/run-event.js';
import type { Query } from '../protocol/sql/query.js';
import { generationLimits } from './generation-limits.js';

export const noWorker = problem(
  [],
  'WORKER_UNAVAILABLE',
  'No worker is connected to generate.',
  'Start a worker with `npm run worker`, or wait until one is back; see `serverInfo { workers { status } }`.',
);

export const tookTooLong = problem(
  [],
  'TIMEOUT',
  `The generation was not finished within ${generationLimits.maxWaitSeconds} s, and was canceled.`,
  'Ask for fewer tokens or prompts; or do not wait, and follow generationEvents.',
);

/** Throws ProblemsError when the model predicts no next tokens. */
export function requireNextTokens({ manifest, name }: Pick<BaseModelRow, 'manifest' | 'name'>): void {
  if (predictedTokensOf(manifest) === 'causal') return;
  const why = manifest.heads.length > 0 ? 'it was trained for its heads' : 'it only reads texts';
  throw new ProblemsError([
    problem(
      ['modelId'],
      'UNSUPPORTED_MODEL',
      `The model “${name}” writes no texts: ${why}.`,
      'Language models write texts: import one, or train one by languageModelling, instructionTuning, preferenceOptimization or policyOptimization.',
    ),
  ]);
}

/** Throws ProblemsError when too many generations of the project wait already. */
export async function requirePlace(query: Query, projectId: string): Promise<void> {
  const [row] = await query<{ unfinished: number }>(
    `SELECT count(*)::int AS unfinished FROM generations WHERE project_id = $1 AND status IN ('QUEUED', 'RUNNING')`,
    [projectId],
  );
  if ((row?.unfinished ?? 0) < generationLimits.maxUnfinished) return;
  throw new ProblemsError([
    problem(
      [],
      'QUOTA_EXCEEDED',
      `${row?.unfinished} generations of the project wait or run, and ${generationLimits.maxUnfinished} may.`,
      'Wait until some have ended, or cancel them.',
    ),
  ]);
}

/** A problem that a worker found. */
export function toInputProblem({ path, code, message, hint }: Problem): InputProblem {
  return isProblemCode(code)
    ? problem(path, code, message, hint)
    : problem(path, 'JOB_FAILED', `${code}: ${message}`, hint);
}
