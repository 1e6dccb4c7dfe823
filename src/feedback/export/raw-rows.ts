import { globalId } from '../../graphql/global-id.js';
import type { ColumnType } from '../../protocol/datasets/column-type.js';
import type { Pseudonyms } from './pseudonyms.js';
import type { RawClaimRow } from './raw-answers.reads.js';

/** The columns of a file of raw answers, in their order. */
export const rawColumns = [
  ['item', 'TEXT'],
  ['position', 'INTEGER'],
  ['group', 'TEXT'],
  ['prompt', 'TEXT'],
  ['messages', 'JSON'],
  ['text', 'TEXT'],
  ['answers', 'JSON'],
  ['datasetVersion', 'TEXT'],
  ['row', 'INTEGER'],
  ['gold', 'JSON'],
  ['adjudicated', 'JSON'],
  ['person', 'TEXT'],
  ['state', 'TEXT'],
  ['value', 'JSON'],
  ['category', 'TEXT'],
  ['comment', 'TEXT'],
  ['shown', 'TEXT_LIST'],
  ['preferredSide', 'INTEGER'],
  ['seconds', 'FLOAT'],
  ['instructionsVersion', 'INTEGER'],
  ['late', 'BOOLEAN'],
  ['counts', 'BOOLEAN'],
  ['repetition', 'INTEGER'],
  ['picked', 'TEXT'],
  ['propensity', 'FLOAT'],
  ['claimedAt', 'TEXT'],
  ['answeredAt', 'TEXT'],
  ['changedAt', 'TEXT'],
  ['changes', 'JSON'],
  ['skipReason', 'TEXT'],
  ['flagReason', 'TEXT'],
  ['flaggedAt', 'TEXT'],
] as const satisfies readonly (readonly [string, ColumnType])[];

type RawRow = Readonly<Record<(typeof rawColumns)[number][0], unknown>>;

/** A claim as a row of the file. Ids are those of the graph, people have other names. */
export function rawRow(claim: RawClaimRow, pseudonyms: Pseudonyms): RawRow {
  const { content, value, shown } = claim;
  const { prompt, text, answers, row, group } = content;
  const at = (time: Date | null): string | null => time?.toISOString() ?? null;
  return {
    item: globalId('FeedbackItem', claim.itemId),
    position: claim.position,
    group,
    prompt: prompt?.kind === 'text' ? prompt.text : null,
    messages: prompt?.kind === 'messages' ? prompt.messages : null,
    text,
    answers:
      answers.length === 0
        ? null
        : answers.map(({ key, text: written, modelId, generationId, settings }) => ({
            key,
            text: written,
            model: modelId === null ? null : globalId('BaseModel', modelId),
            generation: generationId === null ? null : globalId('Generation', generationId),
            settings,
          })),
    datasetVersion: row === null ? null : globalId('DatasetVersion', row.versionId),
    row: row?.row ?? null,
    gold: claim.gold,
    adjudicated: claim.adjudicated,
    person: pseudonyms(claim.userId),
    state: claim.state,
    value,
    category: claim.category,
    comment: claim.comment,
    shown,
    preferredSide: value?.kind === 'pairwise' && value.preferred !== null ? shown.indexOf(value.preferred) + 1 : null,
    seconds: claim.seconds,
    instructionsVersion: claim.instructionsVersion,
    late: claim.late,
    counts: claim.counts,
    repetition: claim.repetition,
    picked: claim.picked,
    propensity: claim.propensity,
    claimedAt: at(claim.claimedAt),
    answeredAt: at(claim.answeredAt),
    changedAt: at(claim.changedAt),
    changes: claim.changes.length === 0 ? null : claim.changes,
    skipReason: claim.skipReason,
    flagReason: claim.flagReason,
    flaggedAt: at(claim.flaggedAt),
  };
}
