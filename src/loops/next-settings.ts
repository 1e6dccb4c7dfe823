import { type InputProblem, problem } from '../problems/problem.js';
import type { UpdateFeedbackLoopInput } from './loop.input.js';
import { type LoopAsk, type LoopSettings, type NextSettings, readNextSettings } from './loop.js';
import type { LoopRow } from './loop.reads.js';
import { toAsk, toMeasuring, toPreferences } from './loop-settings.js';

/** What counts from the next round on, once a change is made; null: nothing does. */
export function changedNext(
  loop: LoopRow,
  { ask, measuring, preferences }: UpdateFeedbackLoopInput,
): NextSettings | null {
  const next: NextSettings = {
    ...readNextSettings(loop.nextSettings),
    ...(ask != null && { ask: toAsk(ask) }),
    ...(measuring != null && { measuring: toMeasuring(measuring) }),
    ...(preferences != null && { preferences: toPreferences(preferences) }),
  };
  return Object.keys(next).length === 0 ? null : next;
}

/**
 * What of a loop's question may not change: the answers of all its rounds are learnt together, by one method.
 * @param next null: the question stays as it is
 */
export function checkSameQuestion({ ask }: LoopSettings, next: LoopAsk | undefined): InputProblem[] {
  if (next === undefined) return [];
  const refuse = (path: readonly string[], message: string): InputProblem[] => [
    problem(['ask', ...path], 'INVALID_VALUE', message, 'Take the same, or create another loop for it.'),
  ];
  if (next.kind !== ask.kind) return refuse([next.kind], `The loop asks for \`${ask.kind}\`, in all of its rounds.`);
  if (next.kind === 'uncertain' && ask.kind === 'uncertain' && next.several !== ask.several) {
    return refuse(['uncertain', 'several'], 'Texts have one label in all rounds, or several in all.');
  }
  if (next.kind !== 'pairs' || ask.kind !== 'pairs') return [];
  return [
    ...(next.strengths === ask.strengths
      ? []
      : refuse(['pairs', 'strengths'], `There are ${ask.strengths} grades in all rounds.`)),
    ...((next.writerId === null) === (ask.writerId === null)
      ? []
      : refuse(['pairs', 'writerId'], "Either the loop's model writes in all rounds, or another one does.")),
  ];
}
