import { z } from 'zod';

/** The losses of DPO; all but `apoZero` and `apoDown` are functions of the difference of the two log-ratios. */
export const DpoLoss = z.enum([
  /** −log σ(β d), with label smoothing: Rafailov et al. 2023, Mitchell 2023 (cDPO). */
  'sigmoid',
  /** The same of log-ratios a token: Lambert et al. 2024 (Tülu 3). */
  'sigmoidPerToken',
  /** Unbiased where a share of the pairs is the wrong way round: Chowdhury et al. 2024. */
  'robust',
  /** max(0, 1 − β d): Zhao et al. 2023, Liu et al. 2024. */
  'hinge',
  /** Squared distance of the difference a token from 1/(2β): Azar et al. 2023, as its authors average it. */
  'ipo',
  /** The chosen likelier and the rejected less likely than by the reference: D'Oosterlinck et al. 2024. */
  'apoZero',
  /** Both less likely, the rejected more so: D'Oosterlinck et al. 2024. */
  'apoDown',
]);
export type DpoLoss = z.infer<typeof DpoLoss>;

const beta = z.number().positive();
/** Share of pairs that are taken to be the wrong way round. */
const labelSmoothing = z.number().min(0).lt(0.5);
/** Weight of the mean loss of the chosen answers' tokens. */
const sftWeight = z.number().min(0);

/** What is learned from preferences. */
export const PreferenceObjective = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('dpo'),
    loss: DpoLoss,
    beta,
    labelSmoothing,
    sftWeight,
    /**
     * Weight of the tokens by which one answer is longer than the other (Liu et al. 2024, LD-DPO); 1: as all others.
     */
    tailWeight: z.number().min(0).max(1),
    /** β d is to be greater by this, times the pair's strength (Amini et al. 2024, ODPO); 0: strengths are not read. */
    strengthMargin: z.number().min(0),
  }),
  z.object({
    kind: z.literal('orpo'),
    beta,
    /** Whether the loss of tokens is of the prompt, too, as in the authors' code and TRL; else of the answer alone. */
    learnsPrompts: z.boolean(),
  }),
  z.object({ kind: z.literal('simpo'), beta, gamma: z.number().min(0), labelSmoothing, sftWeight }),
  z.object({ kind: z.literal('cpo'), beta, labelSmoothing, sftWeight }),
  z.object({
    kind: z.literal('kto'),
    /** `kto` compares with the mean log-ratio of mismatched answers (Ethayarajh et al. 2024); `apoZero` with 0. */
    loss: z.enum(['kto', 'apoZero']),
    beta,
    /** λ of good and of bad answers. */
    desirableWeight: z.number().positive(),
    undesirableWeight: z.number().positive(),
  }),
]);
export type PreferenceObjective = z.infer<typeof PreferenceObjective>;
export type PreferenceObjectiveKind = PreferenceObjective['kind'];
export type PreferenceObjectiveOf<Kind extends PreferenceObjectiveKind> = Extract<PreferenceObjective, { kind: Kind }>;

/** Whether the objective compares with a reference model. */
export function hasReference({ kind }: Pick<PreferenceObjective, 'kind'>): boolean {
  switch (kind) {
    case 'dpo':
    case 'kto':
      return true;
    case 'orpo':
    case 'simpo':
    case 'cpo':
      return false;
    default:
      return kind satisfies never;
  }
}

/** Whether the objective learns from pairs; else from single answers that are good or bad. */
export function learnsPairs({ kind }: Pick<PreferenceObjective, 'kind'>): boolean {
  return kind !== 'kto';
}

/** The weight of the mean loss of the chosen answers' tokens. */
export function sftWeightOf(objective: PreferenceObjective): number {
  switch (objective.kind) {
    case 'dpo':
    case 'simpo':
    case 'cpo':
      return objective.sftWeight;
    case 'orpo':
      return 1;
    case 'kto':
      return 0;
    default:
      return objective satisfies never;
  }
}
