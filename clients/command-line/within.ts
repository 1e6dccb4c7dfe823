import type { Command } from 'commander';
import { openSession, type Session } from './session.js';
import type { Surroundings } from './surroundings.js';

/** The action of a command, with a session that ends with it. */
export function within<Given extends unknown[]>(
  surroundings: Surroundings,
  act: (session: Session, ...given: Given) => Promise<void>,
): (...all: unknown[]) => Promise<void> {
  return async (...all) => {
    const command = all.at(-1) as Command;
    const session = await openSession(command, surroundings);
    try {
      await act(session, ...(all.slice(0, -1) as Given));
    } finally {
      await session.client.close();
    }
  };
}

/** At most `limit` values, which ends the reading of further pages. */
export async function* upTo<Value>(limit: number, values: AsyncIterable<Value>): AsyncGenerator<Value> {
  if (limit < 1) return;
  let count = 0;
  for await (const value of values) {
    yield value;
    if (++count >= limit) return;
  }
}
