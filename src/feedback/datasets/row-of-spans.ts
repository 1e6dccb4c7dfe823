import { subjectOf } from '../../protocol/feedback/check-content.js';
import type { FeedbackPolicy } from '../../protocol/feedback/dataset-rules.js';
import type { FeedbackSpan, FeedbackValue } from '../../protocol/feedback.js';
import type { ItemToDecide } from '../results/statistics/item-to-decide.js';
import { presence, type Unit, unitsOf } from '../results/statistics/units.js';
import { decideUnit, type ItemRows, kept, least, none, type RowRules } from './item-rows.js';
import { tagsOfSpans, withoutOverlaps } from './tags-of-spans.js';

/** Of two halves neither is more than half. */
const halves: FeedbackPolicy = { kind: 'majority', ties: 'KEEP_ALL' };

/**
 * Each span that anybody marked is decided by itself, under the majority: it is one if more than half marked it, and a
 * tie makes it none, whatever becomes of ties elsewhere.
 */
export function rowOfSpans(by: RowRules, item: ItemToDecide): ItemRows {
  const { policy } = by.rules;
  const text = subjectOf(item.content)!;
  const rowOf = (spans: readonly FeedbackSpan[]) => ({ ...tagsOfSpans(text, spans), text, spans });
  if (policy.kind !== 'majority' || item.adjudicated !== null) {
    const decision = decideUnit(by, item, unitsOf(by.question, item.content)[0]!);
    if ('leftOut' in decision) return none([decision.leftOut]);
    let overlappingSpans = 0;
    const made = kept(item, decision, ({ category }) => {
      const all = (JSON.parse(category) as [number, number, string][]).map(([start, end, label]) => ({
        start,
        end,
        label,
        votes: 1,
      }));
      const spans = withoutOverlaps(all);
      overlappingSpans += all.length - spans.length;
      return rowOf(spans.map(withoutVotes));
    });
    return { ...made, overlappingSpans };
  }
  const spans: (FeedbackSpan & { readonly votes: number })[] = [];
  const bySpan: RowRules = { ...by, rules: { ...by.rules, policy: halves } };
  let agreement: number | null = item.answers.length === 0 ? null : 1;
  const marked = new Map<string, FeedbackSpan>();
  for (const { value } of item.answers) {
    if (value.kind !== 'spans') continue;
    for (const span of value.spans) marked.set(JSON.stringify([span.start, span.end, span.label]), span);
  }
  if (item.answers.length < by.rules.leastAnswers) return none(['TOO_FEW_ANSWERS']);
  for (const [key, span] of [...marked].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const unit: Unit = { key, place: 0, family: 'span', categoryOf: (value) => presenceOf(value, span) };
    const decision = decideUnit(bySpan, item, unit);
    if ('leftOut' in decision) return none([decision.leftOut]);
    agreement = least(agreement, decision.agreement);
    const votes = item.answers.filter(({ value }) => presenceOf(value, span) === presence.present).length;
    if (2 * votes > item.answers.length) spans.push({ ...span, votes });
  }
  const apart = withoutOverlaps(spans);
  const made = kept(item, { agreement, outcomes: [{ category: '', weight: 1, probability: null }] }, () =>
    rowOf(apart.map(withoutVotes)),
  );
  return { ...made, overlappingSpans: spans.length - apart.length };
}

function withoutVotes({ start, end, label }: FeedbackSpan): FeedbackSpan {
  return { start, end, label };
}

function presenceOf(value: FeedbackValue, { start, end, label }: FeedbackSpan): string | null {
  if (value.kind !== 'spans') return null;
  const isThere = value.spans.some((each) => each.start === start && each.end === end && each.label === label);
  return isThere ? presence.present : presence.absent;
}
