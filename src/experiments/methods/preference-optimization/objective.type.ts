import { Field, Float, ObjectType, registerEnumType } from 'type-graphql';
import type {
  DpoLoss,
  PreferenceObjective,
  PreferenceObjectiveKind,
  PreferenceObjectiveOf,
} from '../../../protocol/preference-objective.js';

export const PreferenceObjectiveKindEnum = {
  DPO: 'dpo',
  ORPO: 'orpo',
  SIMPO: 'simpo',
  CPO: 'cpo',
  KTO: 'kto',
} as const satisfies Readonly<Record<string, PreferenceObjectiveKind>>;

registerEnumType(PreferenceObjectiveKindEnum, {
  name: 'PreferenceObjectiveKind',
  description: 'What is learned from preferences, without its settings.',
  valuesConfig: {
    DPO: { description: 'Direct preference optimization and its kin: DpoInput.' },
    ORPO: { description: 'Odds ratio preference optimization: OrpoInput.' },
    SIMPO: { description: 'Simple preference optimization: SimpoInput.' },
    CPO: { description: 'Contrastive preference optimization: CpoInput.' },
    KTO: { description: 'Kahneman–Tversky optimization: KtoInput.' },
  },
});

export const DpoLossEnum = {
  SIGMOID: 'sigmoid',
  SIGMOID_PER_TOKEN: 'sigmoidPerToken',
  ROBUST: 'robust',
  HINGE: 'hinge',
  IPO: 'ipo',
  APO_ZERO: 'apoZero',
  APO_DOWN: 'apoDown',
} as const satisfies Readonly<Record<string, DpoLoss>>;

registerEnumType(DpoLossEnum, {
  name: 'DpoLoss',
  description:
    'The loss of a pair by DPO and its kin. d is the log-ratio of the better answer to the reference less that of the other.',
  valuesConfig: {
    SIGMOID: { description: '−log σ(β d): DPO, with label smoothing cDPO.' },
    SIGMOID_PER_TOKEN: { description: 'The same of log-ratios divided by the answers’ tokens, as Tülu 3 learned.' },
    ROBUST: { description: 'Unbiased where the share `labelSmoothing` of the pairs is the wrong way round.' },
    HINGE: { description: 'max(0, 1 − β d), as of SLiC and RSO.' },
    IPO: { description: '(d a token − 1/(2β))²: the average over tokens that its authors mean, not the sum.' },
    APO_ZERO: { description: 'Better answers become likelier, others less likely: where better ones are good.' },
    APO_DOWN: { description: 'Both become less likely, the other one more so: where even better ones are bad.' },
  },
});

export const KtoLossEnum = {
  MISMATCHED: 'kto',
  APO_ZERO: 'apoZero',
} as const satisfies Readonly<Record<string, PreferenceObjectiveOf<'kto'>['loss']>>;

registerEnumType(KtoLossEnum, {
  name: 'KtoLoss',
  description: 'What KTO compares log-ratios with.',
  valuesConfig: {
    MISMATCHED: { description: 'The mean log-ratio of answers to other prompts, at least 0: z₀ of the paper.' },
    APO_ZERO: { description: '0: the unpaired form of APO_ZERO. It saves a pass over as many answers.' },
  },
});

@ObjectType('PreferenceObjective', {
  description: 'What an experiment learns from preferences. Settings that its objective does not have are null.',
  simpleResolvers: true,
})
export class PreferenceObjectiveType {
  @Field(() => PreferenceObjectiveKindEnum, { description: 'The objective.' })
  kind!: PreferenceObjectiveKind;

  @Field(() => Float, { description: 'Factor of log-ratios or log-probabilities.' })
  beta!: number;

  @Field(() => DpoLossEnum, { nullable: true, description: 'The loss of a pair, of DPO.' })
  dpoLoss!: DpoLoss | null;

  @Field(() => KtoLossEnum, { nullable: true, description: 'What log-ratios are compared with, of KTO.' })
  ktoLoss!: PreferenceObjectiveOf<'kto'>['loss'] | null;

  @Field(() => Float, { nullable: true, description: 'Share of pairs that are taken to be the wrong way round.' })
  labelSmoothing!: number | null;

  @Field(() => Float, { nullable: true, description: 'Weight of the mean loss of the better answers’ tokens.' })
  sftWeight!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Weight of the tokens by which an answer is longer than the other of its pair, of DPO.',
  })
  tailWeight!: number | null;

  @Field(() => Float, { nullable: true, description: 'Margin of rewards, in strengths of pairs, of DPO.' })
  strengthMargin!: number | null;

  @Field(() => Float, { nullable: true, description: 'Margin of mean log-probabilities, of SimPO.' })
  gamma!: number | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether prompts are learned, too, of ORPO.' })
  learnsPrompts!: boolean | null;

  @Field(() => Float, { nullable: true, description: 'Weight of good answers, of KTO.' })
  desirableWeight!: number | null;

  @Field(() => Float, { nullable: true, description: 'Weight of bad answers, of KTO.' })
  undesirableWeight!: number | null;
}

const noSettings = {
  dpoLoss: null,
  ktoLoss: null,
  labelSmoothing: null,
  sftWeight: null,
  tailWeight: null,
  strengthMargin: null,
  gamma: null,
  learnsPrompts: null,
  desirableWeight: null,
  undesirableWeight: null,
};

export function toPreferenceObjectiveType(objective: PreferenceObjective): PreferenceObjectiveType {
  const { loss: _, ...settings } = { loss: null, ...objective };
  return Object.assign(new PreferenceObjectiveType(), {
    ...noSettings,
    ...settings,
    dpoLoss: objective.kind === 'dpo' ? objective.loss : null,
    ktoLoss: objective.kind === 'kto' ? objective.loss : null,
  });
}
