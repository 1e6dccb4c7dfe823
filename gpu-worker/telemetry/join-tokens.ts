import type { GenerationEvent } from '../../src/protocol/generation.js';

type Tokens = Extract<GenerationEvent, { readonly kind: 'tokens' }>;

/** The same events with the tokens of each answer in one, at the place of the first, so that a log has fewer rows. */
export function joinTokens(events: readonly GenerationEvent[]): GenerationEvent[] {
  const joined: GenerationEvent[] = [];
  const places = new Map<string, number>();
  for (const event of events) {
    if (event.kind === 'started') places.clear();
    const answer = event.kind === 'tokens' ? `${event.prompt}:${event.sample}` : null;
    const place = answer === null ? undefined : places.get(answer);
    if (event.kind !== 'tokens' || place === undefined) {
      if (answer !== null) places.set(answer, joined.length);
      joined.push(event);
      continue;
    }
    const before = joined[place] as Tokens;
    joined[place] = { ...before, tokens: [...before.tokens, ...event.tokens], text: before.text + event.text };
  }
  return joined;
}
