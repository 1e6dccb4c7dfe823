import type { Query } from '../protocol/sql/query.js';

/**
 * Lets what was changed for the next round count. What is measured otherwise from now on is measured anew, of the
 * present and of the first model. The caller holds the loop's lock.
 */
export async function takeNextSettings(query: Query, loopId: string): Promise<void> {
  const forgotten = [
    ...['start_evaluation_id', 'current_evaluation_id'].map((column) => [column, 'measuring']),
    ...['start_preference_evaluation_id', 'current_preference_evaluation_id'].map((column) => [column, 'preferences']),
  ].map(([column, part]) => `${column} = CASE WHEN next_settings ? '${part}' THEN NULL ELSE ${column} END`);
  await query(
    `UPDATE feedback_loops
        SET settings = settings || next_settings, next_settings = NULL, ${forgotten.join(', ')}
      WHERE id = $1 AND next_settings IS NOT NULL`,
    [loopId],
  );
}
