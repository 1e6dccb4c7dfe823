import { AsyncLocalStorage } from 'node:async_hooks';
import type { Viewer } from './viewer.js';

/** A mutation that is under way. */
interface Acting {
  readonly viewer: Viewer;
  /** True once the mutation turns out to repeat an earlier call, and so changes nothing. */
  repeats: boolean;
}

const acting = new AsyncLocalStorage<Acting>();

/** Runs `operation` on behalf of a viewer. */
export function actAs<Result>(viewer: Viewer, operation: () => Promise<Result>): Promise<Result> {
  return acting.run({ viewer, repeats: false }, operation);
}

/** The user on whose behalf this code runs, for `created_by`; null outside of a mutation. */
export function actorId(): string | null {
  return acting.getStore()?.viewer.userId ?? null;
}

/** The API key on whose behalf this code runs; null outside of a mutation, and for other credentials. */
export function actingKeyId(): string | null {
  const credential = acting.getStore()?.viewer.credential;
  return credential?.kind === 'API_KEY' ? credential.id : null;
}

/** Marks the mutation under way as a repetition of an earlier call: it changes nothing, so nothing is logged. */
export function markRepeated(): void {
  const state = acting.getStore();
  if (state !== undefined) state.repeats = true;
}

/** Whether the mutation under way repeats an earlier call. */
export function isRepeated(): boolean {
  return acting.getStore()?.repeats === true;
}
