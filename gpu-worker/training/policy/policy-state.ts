import { z } from 'zod';
import { GuardState, noGuardState } from './guards.js';

/** What a checkpoint of a policy keeps beside what every training's does. */
export const PolicyState = z.object({
  guards: GuardState,
  /** Groups that were written, and those of them with equal rewards. */
  groups: z.number().int().min(0),
  equalGroups: z.number().int().min(0),
  /** Of PPO alone: the weight of the divergence in the next step, and updates of the value model. */
  ppo: z.object({ klWeight: z.number().min(0), valueUpdates: z.number().int().min(0) }).optional(),
});
export type PolicyState = z.infer<typeof PolicyState>;

export const noPolicyState: PolicyState = { guards: noGuardState, groups: 0, equalGroups: 0 };
