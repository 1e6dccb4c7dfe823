import { expect, it } from 'vitest';
import { gatherEvents } from '../../../gpu-worker/short-jobs/gather-events.js';
import type { GenerationEvent } from '../../../src/protocol/generation.js';

const token = (id: number) => ({ id, text: `${id}`, logProbability: null, top: [] });
const tokens = (sample: number, position: number, ...ids: number[]): GenerationEvent => ({
  kind: 'tokens',
  prompt: 0,
  sample,
  position,
  tokens: ids.map(token),
  text: ids.join(''),
});
const answered = (sample: number): GenerationEvent => ({
  kind: 'answered',
  prompt: 0,
  sample,
  reason: 'length',
  tokenCount: 2,
  stop: null,
});

it('tells the first at once, and what comes soon after together, tokens of an answer as one event', () => {
  const sent: (readonly GenerationEvent[])[] = [];
  let time = 1000;
  const events = gatherEvents(
    (some) => sent.push(some),
    () => time,
  );
  events.add({ kind: 'started', promptTokens: [1] });
  events.tellIfDue();
  expect(sent).toEqual([[{ kind: 'started', promptTokens: [1] }]]);

  for (const event of [tokens(0, 0, 5), tokens(1, 0, 6), tokens(0, 1, 7), answered(0), tokens(1, 1, 8)])
    events.add(event);
  time += 29;
  events.tellIfDue();
  expect(sent).toHaveLength(1);
  time += 1;
  events.tellIfDue();
  expect(sent[1]).toEqual([tokens(0, 0, 5, 7), tokens(1, 0, 6, 8), answered(0)]);

  events.add(answered(1));
  events.tell();
  expect(sent[2]).toEqual([answered(1)]);
  events.tell();
  expect(sent).toHaveLength(3);
});
