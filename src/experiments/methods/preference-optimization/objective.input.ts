import { Extensions, Field, Float, InputType } from 'type-graphql';
import type {
  DpoLoss,
  PreferenceObjectiveKind,
  PreferenceObjectiveOf,
} from '../../../protocol/preference-objective.js';
import { DpoLossEnum, KtoLossEnum } from './objective.type.js';

const betaOf = (what: string) =>
  `How strongly ${what}: small values let the model move far, large ones keep it close.` as const;

@InputType({
  description:
    'Direct preference optimization (Rafailov et al. 2023) and its kin, of pairs: answers that are better become likelier than the reference has them, and the others less likely.',
})
export class DpoInput {
  @Field(() => DpoLossEnum, { nullable: true, description: 'The loss of a pair. Default: SIGMOID.' })
  loss?: DpoLoss | null;

  @Field(() => Float, {
    nullable: true,
    description: `${betaOf('log-ratios to the reference count')} Default: 0.1; of SIGMOID_PER_TOKEN 5.`,
  })
  beta?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Share of pairs that are taken to be the wrong way round, below 0.5; for SIGMOID, SIGMOID_PER_TOKEN and ROBUST. Default: 0; of ROBUST 0.1.',
  })
  labelSmoothing?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Weight of the mean loss of the better answers’ tokens, which keeps these answers likely. Default: 0; 1 is usual where they are to stay as likely as they were.',
  })
  sftWeight?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Weight, from 0 to 1, of the tokens by which an answer is longer than the other of its pair (LD-DPO). Less than 1 keeps a model from becoming verbose. Default: 1.',
  })
  tailWeight?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'By how much the reward of the better answer is to exceed that of the other, times the strength of the pair (ODPO); for SIGMOID, SIGMOID_PER_TOKEN, ROBUST and HINGE. Default: 0, strengths are not read.',
  })
  strengthMargin?: number | null;
}

@InputType({
  description:
    'Odds ratio preference optimization (Hong et al. 2024), of pairs: the model learns the better answers, and that they are likelier than the others. It needs no reference, and so no second model.',
})
export class OrpoInput {
  @Field(() => Float, { nullable: true, description: 'Weight of the odds ratio, λ of the paper. Default: 0.1.' })
  beta?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether the prompts of better answers are learned, too, as by TRL and the code of its authors. Default: false, answers alone.',
  })
  learnsPrompts?: boolean | null;
}

@InputType({
  description:
    'Simple preference optimization (Meng et al. 2024), of pairs: the mean log-probability of a token of the better answer exceeds that of the other by a margin. It needs no reference.',
})
export class SimpoInput {
  @Field(() => Float, { nullable: true, description: 'Factor of the mean log-probabilities. Default: 2.' })
  beta?: number | null;

  @Field(() => Float, { nullable: true, description: 'The margin, γ of the paper. Default: half of beta.' })
  gamma?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Share of pairs that are taken to be the wrong way round, below 0.5. Default: 0.',
  })
  labelSmoothing?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Weight of the mean loss of the better answers’ tokens; above 0 this is CPO-SimPO, which is more stable. Default: 0.',
  })
  sftWeight?: number | null;
}

@InputType({
  description:
    'Contrastive preference optimization (Xu et al. 2024), of pairs: DPO with a reference that finds all answers equally likely, and the loss of the better answers’ tokens. It needs no reference.',
})
export class CpoInput {
  @Field(() => Float, { nullable: true, description: 'Factor of the log-probabilities. Default: 0.1.' })
  beta?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Share of pairs that are taken to be the wrong way round, below 0.5. Default: 0.',
  })
  labelSmoothing?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Weight of the mean loss of the better answers’ tokens, α of its authors’ code. Default: 1.',
  })
  sftWeight?: number | null;
}

@InputType({
  description:
    'Kahneman–Tversky optimization (Ethayarajh et al. 2024), of single answers that are good or bad: thumbs, or pairs, of which the better answer is good and the other bad.',
})
export class KtoInput {
  @Field(() => KtoLossEnum, {
    nullable: true,
    description: 'What log-ratios are compared with. Default: MISMATCHED.',
  })
  loss?: PreferenceObjectiveOf<'kto'>['loss'] | null;

  @Field(() => Float, {
    nullable: true,
    description: `${betaOf('log-ratios to the reference count')} Default: 0.1.`,
  })
  beta?: number | null;

  @Field(() => Float, { nullable: true, description: 'Weight λ of good answers. Default: 1.' })
  desirableWeight?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Weight λ of bad answers. With it, good answers are to count between 1 and 1.33 times as much as bad ones; a finding says where they do not. Default: 1.',
  })
  undesirableWeight?: number | null;
}

/** The field of each objective. An objective without a field does not compile. */
@Extensions({ oneOf: true })
@InputType({ description: 'What is learned from preferences: exactly one of the fields.' })
export class PreferenceObjectiveInput implements Partial<Readonly<Record<PreferenceObjectiveKind, object | null>>> {
  @Field(() => DpoInput, { nullable: true, description: 'Pairs, against a reference.' })
  dpo?: DpoInput | null;

  @Field(() => OrpoInput, { nullable: true, description: 'Pairs, without a reference, and the better answers.' })
  orpo?: OrpoInput | null;

  @Field(() => SimpoInput, { nullable: true, description: 'Pairs, without a reference, by means of tokens.' })
  simpo?: SimpoInput | null;

  @Field(() => CpoInput, {
    nullable: true,
    description: 'Pairs, without a reference, by sums, and the better answers.',
  })
  cpo?: CpoInput | null;

  @Field(() => KtoInput, { nullable: true, description: 'Single good and bad answers, against a reference.' })
  kto?: KtoInput | null;
}
