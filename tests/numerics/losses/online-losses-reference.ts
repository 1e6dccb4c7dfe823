import { readFileSync } from 'node:fs';

/** Losses of PPO's policy and values, and their gradients, token by token. */
interface PpoLosses {
  readonly policyLoss: number;
  readonly valueLoss: number;
  readonly valueClipped: number;
  readonly policyGradients: number[][];
  readonly valueGradients: number[][];
}

/** What TRL's trainers compute: reference/trl/online-losses.py. */
export const onlineReference = JSON.parse(
  readFileSync(new URL('../reference/trl/online-losses.reference.json', import.meta.url), 'utf8'),
) as {
  /** Completions 0 to 4 and 5 to 9 are pairs. */
  readonly pairs: {
    readonly now: number[][];
    readonly ref: number[][];
    readonly rewards: number[];
    readonly cases: Record<string, { readonly loss: number; readonly gradients: number[][] }>;
  };
  readonly ppo: {
    readonly now: number[][];
    readonly old: number[][];
    readonly ref: number[][];
    readonly values: number[][];
    readonly valuesNow: number[][];
    readonly scores: number[];
    readonly advantages: Record<
      string,
      { readonly rewards: number[][]; readonly returns: number[][]; readonly advantages: number[][] }
    >;
    readonly losses: Record<string, PpoLosses>;
    readonly dualClip: Pick<PpoLosses, 'policyLoss' | 'policyGradients'> & { readonly most: number };
  };
  readonly control: {
    readonly weight: number;
    readonly target: number;
    readonly horizon: number;
    readonly steps: [number, number][];
    readonly weights: number[];
  };
};
