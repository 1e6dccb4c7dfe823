import { Field, Int, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar } from '../graphql/scalars.js';
import type { Baseline } from '../protocol/baselines.js';
import type { Finding, FindingCode } from '../protocol/findings.js';
import { describeFinding, type FindingSeverity, findingCodes } from './describe-finding.js';
import { ScoreMeasureEnum } from './score-measure.js';

const FindingCodeEnum = Object.fromEntries(Object.keys(findingCodes).map((code) => [code, code]));

registerEnumType(FindingCodeEnum, {
  name: 'FindingCode',
  description: 'What a finding is about, for a program to branch on. New codes may be added.',
  valuesConfig: Object.fromEntries(Object.entries(findingCodes).map(([code, description]) => [code, { description }])),
});

const FindingSeverityEnum = { INFO: 'INFO', WARNING: 'WARNING' } as const satisfies Record<
  FindingSeverity,
  FindingSeverity
>;

registerEnumType(FindingSeverityEnum, {
  name: 'FindingSeverity',
  description: 'How much attention a finding deserves.',
  valuesConfig: {
    INFO: { description: 'Good to know when results are read.' },
    WARNING: { description: 'A condition that makes results worse, or look better than they are.' },
  },
});

@InterfaceType('Finding', {
  description:
    'Something about a plan, an experiment or an evaluation that a person should know, although nothing failed.',
})
export abstract class FindingType {
  @Field(() => FindingCodeEnum, { description: 'What it is about, for programs.' })
  code!: FindingCode;

  @Field(() => FindingSeverityEnum, { description: 'How much attention it deserves.' })
  severity!: FindingSeverity;

  @Field(() => String, { nullable: true, description: 'Name of the task that it is about; null: of the whole.' })
  task!: string | null;

  @Field(() => String, { description: 'The finding in English sentences, for people.' })
  message!: string;

  @Field(() => String, { description: 'What can be done about it, a sentence for people.' })
  hint!: string;
}

const finding = { implements: FindingType, simpleResolvers: true };

@ObjectType('LicenceWarning', { description: findingCodes.LICENCE_WARNING, ...finding })
class LicenceWarningType extends FindingType {
  @Field(() => String, { description: 'Licence of the base model; `unknown` where nobody named one.' })
  licence!: string;
}

@ObjectType('ValidationHeldOut', { description: findingCodes.VALIDATION_HELD_OUT, ...finding })
class ValidationHeldOutType extends FindingType {
  @Field(() => String, { description: 'The training split.' })
  split!: string;

  @Field(() => BigIntScalar, { description: 'Examples that are learnt from.' })
  trainExamples!: number;

  @Field(() => BigIntScalar, { description: 'Examples that are held out, and measured.' })
  validationExamples!: number;
}

@ObjectType('DuplicateExample', { description: 'An example whose text is also learnt from.', simpleResolvers: true })
class DuplicateExampleType {
  @Field(() => BigIntScalar, { description: "The example's row in the version that is measured." })
  row!: number;

  @Field(() => BigIntScalar, { description: 'The first row with this text that is learnt from.' })
  trainRow!: number;

  @Field(() => Boolean, { description: 'Whether a row with this text that is learnt from has another target.' })
  isConflicting!: boolean;

  @Field(() => String, { description: 'The text; at most its first 200 characters.' })
  text!: string;
}

@ObjectType('DuplicatesAcrossSplits', {
  description: `${findingCodes.DUPLICATES_ACROSS_SPLITS} Texts count as equal if they differ in case, white space and the composition of characters alone. Files of more than a million rows are not searched.`,
  ...finding,
})
class DuplicatesAcrossSplitsType extends FindingType {
  @Field(() => String, { description: 'The split that is learnt from.' })
  trainSplit!: string;

  @Field(() => String, { description: 'The split that is, or may be, measured.' })
  split!: string;

  @Field(() => BigIntScalar, { description: 'Examples of `split` whose texts are in `trainSplit`, too.' })
  count!: number;

  @Field(() => BigIntScalar, { description: 'How many of them have another target in `trainSplit`.' })
  conflictingCount!: number;

  @Field(() => [DuplicateExampleType], { description: 'At most five of them, those with another target first.' })
  examples!: readonly DuplicateExampleType[];
}

@ObjectType('RareClass', { description: 'A class with few examples.', simpleResolvers: true })
class RareClassType {
  @Field(() => String, { description: 'The label or tag; the beginning of a long one.' })
  label!: string;

  @Field(() => BigIntScalar, { description: 'Its examples in the split; of a tag, words.' })
  count!: number;
}

@ObjectType('FewExamples', { description: findingCodes.FEW_EXAMPLES, ...finding })
class FewExamplesType extends FindingType {
  @Field(() => String, { description: 'The split in which they are few.' })
  split!: string;

  @Field(() => Int, { description: 'Classes with fewer examples than this are meant; of tags, words.' })
  threshold!: number;

  @Field(() => Int, { description: 'How many classes have so few.' })
  classCount!: number;

  @Field(() => [RareClassType], {
    description: 'The classes with their examples in this split, the rarest first; at most 20.',
  })
  classes!: readonly RareClassType[];
}

@ObjectType('MostTextsTruncated', { description: findingCodes.MOST_TEXTS_TRUNCATED, ...finding })
class MostTextsTruncatedType extends FindingType {
  @Field(() => String, { description: 'The split of the texts.' })
  split!: string;

  @Field(() => Int, { description: 'Tokens of a text that are read, special tokens included.' })
  maxLength!: number;

  @Field(() => BigIntScalar, {
    description: 'Examples that were looked at: in a plan a sample, else all of the split.',
  })
  exampleCount!: number;

  @Field(() => BigIntScalar, { description: 'How many of them have more tokens.' })
  truncatedCount!: number;
}

@ObjectType('LossNeverFell', {
  description: `${findingCodes.LOSS_NEVER_FELL} Both are means over a quarter of the updates, at most 1,000, and count as equal within two standard errors.`,
  ...finding,
})
class LossNeverFellType extends FindingType {
  @Field(() => Number, { description: 'Mean training loss of the first updates.' })
  firstLoss!: number;

  @Field(() => Number, { description: 'Mean training loss of the last updates.' })
  lastLoss!: number;

  @Field(() => Int, { description: 'Updates at either end that were averaged.' })
  averagedSteps!: number;

  @Field(() => Int, { description: 'Updates in all.' })
  steps!: number;
}

@ObjectType('PredictsOneClass', { description: findingCodes.PREDICTS_ONE_CLASS, ...finding })
class PredictsOneClassType extends FindingType {
  @Field(() => [String], {
    description:
      'The label, labels or tag that are predicted for everything. Empty: of several labels none is predicted, or always the same number.',
  })
  prediction!: readonly string[];

  @Field(() => BigIntScalar, { description: 'Examples for which it is predicted; of tags, words.' })
  count!: number;
}

@ObjectType('NotBetterThanBaseline', {
  description: `${findingCodes.NOT_BETTER_THAN_BASELINE} A classification is not meant if its accuracy is below that of the most frequent class because rare classes are found: if the mean recall of the classes is above chance.`,
  ...finding,
})
class NotBetterThanBaselineType extends FindingType {
  @Field(() => ScoreMeasureEnum, { description: 'The score that was compared.' })
  measure!: Baseline['measure'];

  @Field(() => Number, { description: "The model's score." })
  value!: number;

  @Field(() => Number, { description: 'The score without learning anything.' })
  baseline!: number;
}

@ObjectType('PolicyFarFromReference', { description: findingCodes.POLICY_FAR_FROM_REFERENCE, ...finding })
class PolicyFarFromReferenceType extends FindingType {
  @Field(() => Int, { description: 'Updates that were done when it was found.' })
  step!: number;

  @Field(() => Number, { description: 'Divergence from the reference, in nats a completion.' })
  kl!: number;

  @Field(() => Number, { description: 'What the experiment allows.' })
  budget!: number;
}

@ObjectType('RewardOveroptimized', { description: findingCodes.REWARD_OVEROPTIMIZED, ...finding })
class RewardOveroptimizedType extends FindingType {
  @Field(() => Int, { description: 'Updates that were done when it was found.' })
  step!: number;

  @Field(() => String, { description: 'Name of the reward that is only measured.' })
  control!: string;

  @Field(() => Number, { description: 'Mean learned reward then.' })
  reward!: number;

  @Field(() => Number, { description: 'The same at the evaluation that is compared with.' })
  rewardBefore!: number;

  @Field(() => Number, { description: 'Mean of the reward that is only measured.' })
  controlValue!: number;

  @Field(() => Number, { description: 'The same at the evaluation that is compared with, at which it was greatest.' })
  controlBefore!: number;

  @Field(() => Int, { description: 'Updates that were done at that evaluation.' })
  stepBefore!: number;
}

@ObjectType('PreferencesUnlearned', { description: findingCodes.PREFERENCES_UNLEARNED, ...finding })
class PreferencesUnlearnedType extends FindingType {
  @Field(() => Int, { description: 'Updates that were done when it was found.' })
  step!: number;

  @Field(() => Number, { description: 'Mean learned reward then.' })
  reward!: number;

  @Field(() => Number, { description: 'The same at the evaluation that is compared with.' })
  rewardBefore!: number;

  @Field(() => Number, { description: 'Share of pairs whose better answer is the likelier one a token.' })
  accuracy!: number;

  @Field(() => Number, { description: 'The same at the evaluation that is compared with, at which it was greatest.' })
  accuracyBefore!: number;

  @Field(() => Int, { description: 'Pairs of judged answers.' })
  pairs!: number;

  @Field(() => Int, {
    description:
      'Prompts of which more pairs were right at that evaluation than are now. Of fewer than ten prompts, pairs that share no answer count as if of prompts of their own.',
  })
  lost!: number;

  @Field(() => Int, { description: 'Prompts of which more pairs are right now than were at that evaluation.' })
  won!: number;

  @Field(() => Int, { description: 'Updates that were done at that evaluation.' })
  stepBefore!: number;
}

@ObjectType('CompletionsGrow', { description: findingCodes.COMPLETIONS_GROW, ...finding })
class CompletionsGrowType extends FindingType {
  @Field(() => Int, { description: 'Updates that were done when it was found.' })
  step!: number;

  @Field(() => Number, { description: 'Mean tokens of a completion.' })
  length!: number;

  @Field(() => Number, { description: 'The same before the first update.' })
  startLength!: number;
}

@ObjectType('CompletionsRepeat', { description: findingCodes.COMPLETIONS_REPEAT, ...finding })
class CompletionsRepeatType extends FindingType {
  @Field(() => Int, { description: 'Updates that were done when it was found.' })
  step!: number;

  @Field(() => Number, { description: 'Share of trigrams of tokens that stood in the same completion before.' })
  repetition!: number;

  @Field(() => Number, { description: 'The same before the first update.' })
  startRepetition!: number;
}

@ObjectType('GeneratorDiffers', { description: findingCodes.GENERATOR_DIFFERS, ...finding })
class GeneratorDiffersType extends FindingType {
  @Field(() => Int, { description: 'Updates that were done when it was found.' })
  step!: number;

  @Field(() => Number, { description: "Greatest difference of the logarithm of a token's probability." })
  difference!: number;
}

@ObjectType('RewardsRarelyDiffer', { description: findingCodes.REWARDS_RARELY_DIFFER, ...finding })
class RewardsRarelyDifferType extends FindingType {
  @Field(() => Int, { description: 'Groups of completions that were written.' })
  groups!: number;

  @Field(() => Int, { description: 'How many of them had equal rewards.' })
  equalGroups!: number;
}

@ObjectType('RewardNotAboveChance', { description: findingCodes.REWARD_NOT_ABOVE_CHANCE, ...finding })
class RewardNotAboveChanceType extends FindingType {
  @Field(() => Int, { description: 'Pairs that were compared.' })
  pairs!: number;

  @Field(() => Int, { description: 'Those of them whose better answer has the higher reward.' })
  right!: number;

  @Field(() => Number, { description: 'Lower end of the interval of 95 % of their share, over prompts.' })
  low!: number;

  @Field(() => Number, { description: 'Upper end of it.' })
  high!: number;
}

const PreferredLengthEnum = { LONGER: 'longer', SHORTER: 'shorter' } as const;

registerEnumType(PreferredLengthEnum, {
  name: 'PreferredLength',
  description: 'Which answers a reward model prefers for their length.',
  valuesConfig: { LONGER: { description: 'Longer ones.' }, SHORTER: { description: 'Shorter ones.' } },
});

@ObjectType('RewardFollowsLength', { description: findingCodes.REWARD_FOLLOWS_LENGTH, ...finding })
class RewardFollowsLengthType extends FindingType {
  @Field(() => PreferredLengthEnum, { description: 'Which answers have the higher rewards.' })
  prefers!: 'longer' | 'shorter';

  @Field(() => Number, { nullable: true, description: "Spearman's correlation of rewards and lengths; null: none." })
  correlation!: number | null;

  @Field(() => Int, { description: 'Pairs whose better answer is of the other kind.' })
  pairs!: number;

  @Field(() => Int, { description: 'Those of them whose better answer has the higher reward.' })
  right!: number;

  @Field(() => Number, { description: 'Lower end of the interval of 95 % of their share, over prompts.' })
  low!: number;

  @Field(() => Number, { description: 'Upper end of it, below one half.' })
  high!: number;
}

@ObjectType('ChosenLessLikely', { description: findingCodes.CHOSEN_LESS_LIKELY, ...finding })
class ChosenLessLikelyType extends FindingType {
  @Field(() => String, { description: 'The split that was measured.' })
  split!: string;

  @Field(() => Number, {
    description: 'Mean log-probability of a better answer before the first update, in nats.',
  })
  chosenBefore!: number;

  @Field(() => Number, { description: 'The same by the model.' })
  chosenAfter!: number;

  @Field(() => Number, { description: 'Mean log-probability of another answer before the first update, in nats.' })
  rejectedBefore!: number;

  @Field(() => Number, { description: 'The same by the model.' })
  rejectedAfter!: number;
}

@ObjectType('PreferencesFollowLength', { description: findingCodes.PREFERENCES_FOLLOW_LENGTH, ...finding })
class PreferencesFollowLengthType extends FindingType {
  @Field(() => String, { description: 'The split that was measured.' })
  split!: string;

  @Field(() => Number, {
    nullable: true,
    description: "Pearson's correlation of rewards with lengths in tokens; of pairs, of the differences of both.",
  })
  correlation!: number | null;

  @Field(() => Number, { nullable: true, description: 'The same before the first update; null: there was none.' })
  correlationBefore!: number | null;
}

@ObjectType('FarFromReference', { description: findingCodes.FAR_FROM_REFERENCE, ...finding })
class FarFromReferenceType extends FindingType {
  @Field(() => String, { description: 'The split that was measured.' })
  split!: string;

  @Field(() => Number, { description: 'Mean divergence of a token of the answers from the reference, in nats.' })
  divergence!: number;

  @Field(() => Number, { description: 'What counts as far.' })
  mostDivergence!: number;
}

@ObjectType('UnbalancedThumbs', { description: findingCodes.UNBALANCED_THUMBS, ...finding })
class UnbalancedThumbsType extends FindingType {
  @Field(() => Int, { description: 'Good answers of the training split.' })
  good!: number;

  @Field(() => Int, { description: 'Bad answers of it.' })
  bad!: number;

  @Field(() => Number, {
    nullable: true,
    description: 'How much good answers count together, in what bad ones do; null: there are none of one kind.',
  })
  ratio!: number | null;

  @Field(() => Number, {
    nullable: true,
    description: 'The weight of bad answers with which the ratio is as advised; null: there is none.',
  })
  undesirableWeight!: number | null;
}

/**
 * Findings for the graph, those that deserve most attention first. One with a code that this release does not know
 * (from a newer worker) is left out.
 */
export function toFindingTypes(findings: readonly Finding[]): FindingType[] {
  const known = findings.filter(({ code }) => code in findingCodes).map(toFindingType);
  return [
    ...known.filter(({ severity }) => severity === 'WARNING'),
    ...known.filter(({ severity }) => severity === 'INFO'),
  ];
}

function toFindingType(found: Finding): FindingType {
  const fields = { task: null, ...found, ...describeFinding(found) };
  switch (found.code) {
    case 'LICENCE_WARNING':
      return Object.assign(new LicenceWarningType(), fields);
    case 'VALIDATION_HELD_OUT':
      return Object.assign(new ValidationHeldOutType(), fields);
    case 'DUPLICATES_ACROSS_SPLITS':
      return Object.assign(new DuplicatesAcrossSplitsType(), fields);
    case 'FEW_EXAMPLES':
      return Object.assign(new FewExamplesType(), fields);
    case 'MOST_TEXTS_TRUNCATED':
      return Object.assign(new MostTextsTruncatedType(), fields);
    case 'LOSS_NEVER_FELL':
      return Object.assign(new LossNeverFellType(), fields);
    case 'PREDICTS_ONE_CLASS':
      return Object.assign(new PredictsOneClassType(), fields);
    case 'NOT_BETTER_THAN_BASELINE':
      return Object.assign(new NotBetterThanBaselineType(), fields);
    case 'POLICY_FAR_FROM_REFERENCE':
      return Object.assign(new PolicyFarFromReferenceType(), fields);
    case 'REWARD_OVEROPTIMIZED':
      return Object.assign(new RewardOveroptimizedType(), fields);
    case 'PREFERENCES_UNLEARNED':
      return Object.assign(new PreferencesUnlearnedType(), fields);
    case 'COMPLETIONS_GROW':
      return Object.assign(new CompletionsGrowType(), fields);
    case 'COMPLETIONS_REPEAT':
      return Object.assign(new CompletionsRepeatType(), fields);
    case 'GENERATOR_DIFFERS':
      return Object.assign(new GeneratorDiffersType(), fields);
    case 'REWARDS_RARELY_DIFFER':
      return Object.assign(new RewardsRarelyDifferType(), fields);
    case 'REWARD_NOT_ABOVE_CHANCE':
      return Object.assign(new RewardNotAboveChanceType(), fields);
    case 'REWARD_FOLLOWS_LENGTH':
      return Object.assign(new RewardFollowsLengthType(), fields);
    case 'CHOSEN_LESS_LIKELY':
      return Object.assign(new ChosenLessLikelyType(), fields);
    case 'PREFERENCES_FOLLOW_LENGTH':
      return Object.assign(new PreferencesFollowLengthType(), fields);
    case 'FAR_FROM_REFERENCE':
      return Object.assign(new FarFromReferenceType(), fields);
    case 'UNBALANCED_THUMBS':
      return Object.assign(new UnbalancedThumbsType(), fields);
    default:
      return found satisfies never;
  }
}
