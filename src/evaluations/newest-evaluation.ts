import type { ChildPageLoader } from '../database/child-pages.js';
import type { EvaluationRow } from './evaluation.reads.js';
import { type EvaluationType, toEvaluationType } from './evaluation.type.js';

/** The newest evaluation of a model, or of what a run produced; null when there is none. */
export async function newestEvaluation(
  loader: ChildPageLoader<EvaluationRow>,
  parent: string,
): Promise<EvaluationType | null> {
  const { rows } = await loader.page(parent, { first: 1, after: null });
  return rows[0] === undefined ? null : toEvaluationType(rows[0]);
}
