import { headsOf, type RunSpec, textColumnsOf } from '../protocol/methods/index.js';
import type { Query } from '../protocol/sql/query.js';

/** The spec of the experiment that a model came out of; null for a model from elsewhere. */
export async function specOfModel(query: Query, modelId: string): Promise<RunSpec | null> {
  const [found] = await query<{ spec: RunSpec }>(
    `SELECT e.spec FROM base_models m JOIN runs r ON r.id = m.produced_by_run_id JOIN experiments e ON e.id = r.experiment_id
     WHERE m.id = $1`,
    [modelId],
  );
  return found?.spec ?? null;
}

/**
 * Whether an experiment trained its heads on pairs of texts; false for a model from elsewhere, and for a language
 * model, whose prompts and completions are one text to it.
 *
 * @param spec of the experiment; null: the model is from elsewhere
 */
export function isOnPairs(spec: RunSpec | null): boolean {
  return spec !== null && headsOf(spec).length > 0 && textColumnsOf(spec).length > 1;
}
