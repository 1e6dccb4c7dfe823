import type { Problem } from '../typescript/index.js';
import { CommandError } from './command-error.js';
import { exitCodes } from './exit-codes.js';
import { patienceOfWork, type Session } from './session.js';

/** Work that a worker does: its state after each change. */
interface Work {
  readonly status: string;
  readonly problem?: Problem | null;
  readonly problems?: readonly Problem[];
}

/** What `subscribe` of the client takes, with what a person hears of a lost connection. */
export function watching(session: Session) {
  return {
    signal: session.signal,
    maxRetries: patienceOfWork,
    onInterrupted: (_cause: unknown, retryInMs: number) =>
      session.note(`The connection is lost; trying again in ${(retryInMs / 1000).toFixed(0)} s.`),
    onResumed: () => session.note('The connection is there again.'),
  };
}

/**
 * Follows work to its end, and returns its last state. Throws CommandError, with the exit code for it, when it ended
 * otherwise than as SUCCEEDED.
 *
 * @param what the work in a sentence, such as `The export`
 * @param far how far it is, if its state says so
 */
export async function follow<State extends Work>(
  session: Session,
  states: AsyncIterable<State>,
  what: string,
  far: (state: State) => readonly [done: number, total: number | null, says?: string] | null,
): Promise<State> {
  const bar = session.progress(what);
  let last: State | null = null;
  try {
    for await (const state of states) {
      last = state;
      const where = far(state);
      if (where === null) bar.at(0, null, state.status);
      else bar.at(...where);
    }
  } finally {
    bar.end();
  }
  if (last === null) throw new CommandError('NOT_FOUND', `${what} is not there.`);
  endedWell(what, last);
  return last;
}

/** Throws CommandError for work that ended otherwise than as SUCCEEDED. */
export function endedWell(what: string, { status, problem, problems }: Work): void {
  if (status === 'SUCCEEDED') return;
  const all = problems ?? (problem === null || problem === undefined ? [] : [problem]);
  const why = all.map(({ message }) => message).join('\n');
  const hint = all.map((each) => each.hint).filter((each) => each !== null);
  throw new CommandError(
    all[0]?.code ?? status,
    `${what} ended as ${status}.${why === '' ? '' : ` ${why}`}`,
    hint.length === 0 ? null : hint.join('\n'),
    exitCodes.failed,
  );
}
