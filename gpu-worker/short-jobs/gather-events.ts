import type { GenerationEvent } from '../../src/protocol/generation.js';

/** Events are told at most this often: to eyes it is at once, and a fast model's tokens come several together. */
const intervalMs = 30;

/** Tells what a generation says in few messages. */
export interface GatheredEvents {
  add(event: GenerationEvent): void;
  /** Tells what was added, if the last message is long enough ago. */
  tellIfDue(): void;
  /** Tells what was added. */
  tell(): void;
}

/** @param now in milliseconds */
export function gatherEvents(
  send: (events: readonly GenerationEvent[]) => void,
  now: () => number = () => performance.now(),
): GatheredEvents {
  let waiting: GenerationEvent[] = [];
  let toldAt = Number.NEGATIVE_INFINITY;

  function tell(): void {
    if (waiting.length > 0) send(waiting);
    waiting = [];
    toldAt = now();
  }

  return {
    add(event) {
      const place = event.kind === 'tokens' ? waiting.findLastIndex((other) => isOfSameAnswer(other, event)) : -1;
      const before = waiting[place];
      if (event.kind !== 'tokens' || before?.kind !== 'tokens') waiting.push(event);
      else {
        waiting[place] = { ...before, tokens: [...before.tokens, ...event.tokens], text: before.text + event.text };
      }
    },
    tellIfDue() {
      if (waiting.length > 0 && now() - toldAt >= intervalMs) tell();
    },
    tell,
  };
}

function isOfSameAnswer(one: GenerationEvent, other: GenerationEvent & { kind: 'tokens' }): boolean {
  return one.kind === 'tokens' && one.prompt === other.prompt && one.sample === other.sample;
}
