import { toFeedbackPolicy } from '../feedback/datasets/feedback-policy.type.js';
import { type InputProblem, problem } from '../problems/problem.js';
import type { UpdateFeedbackLoopInput } from './loop.input.js';
import { type LoopAsk, type LoopSettings, type NextSettings, readNextSettings, readSettings } from './loop.js';
import type { LoopRow } from './loop.reads.js';
import { toAsk, toGate, toMeasuring, toPeople, toPreferences, toTraining } from './loop-settings.js';

/** What a loop is to be once a change is made. */
export interface ChangedSettings {
  /** What counts from the next step on. */
  readonly settings: LoopSettings;
  /** What counts from the next round on in place of it; null: nothing does. */
  readonly next: NextSettings | null;
}

/** A gate that is given while other measures wait for the next round waits with them: it is one on their scores. */
export function changedSettings(loop: LoopRow, input: UpdateFeedbackLoopInput): ChangedSettings {
  const former = readSettings(loop.settings);
  const { ask, measuring, preferences, training, gate, people, policy, leastAnswers } = input;
  const settings: LoopSettings = {
    ...former,
    ...(training != null && { training: toTraining(training, former.ask) }),
    ...(people != null && { people: toPeople(people) }),
    ...(policy != null && { policy: toFeedbackPolicy(policy) }),
    ...(leastAnswers != null && { leastAnswers }),
  };
  const next: NextSettings = {
    ...readNextSettings(loop.nextSettings),
    ...(ask != null && { ask: toAsk(ask) }),
    ...(measuring != null && { measuring: toMeasuring(measuring) }),
    ...(preferences != null && { preferences: toPreferences(preferences) }),
  };
  const isMeasuredAnew = next.measuring !== undefined || next.preferences !== undefined;
  if (gate != null && !isMeasuredAnew) settings.gate = toGate(gate, settings);
  if (gate != null && isMeasuredAnew) next.gate = toGate(gate, { ...settings, ...next });
  return { settings, next: Object.keys(next).length === 0 ? null : next };
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
