import { Field, Int, ObjectType } from 'type-graphql';
import { BigIntScalar } from '../graphql/scalars.js';
import type { Baseline } from '../protocol/baselines.js';
import { findingCodes } from './describe-finding.js';
import { FindingType, finding } from './finding.type.js';
import { ScoreMeasureEnum } from './score-measure.js';

/** Findings about the data of an experiment or an evaluation, and about a training as a whole. */

@ObjectType('LicenceWarning', { description: findingCodes.LICENCE_WARNING, ...finding })
export class LicenceWarningType extends FindingType {
  @Field(() => String, { description: 'Licence of the base model; `unknown` where nobody named one.' })
  licence!: string;
}

@ObjectType('ValidationHeldOut', { description: findingCodes.VALIDATION_HELD_OUT, ...finding })
export class ValidationHeldOutType extends FindingType {
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
export class DuplicatesAcrossSplitsType extends FindingType {
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
export class FewExamplesType extends FindingType {
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
export class MostTextsTruncatedType extends FindingType {
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
export class LossNeverFellType extends FindingType {
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
export class PredictsOneClassType extends FindingType {
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
export class NotBetterThanBaselineType extends FindingType {
  @Field(() => ScoreMeasureEnum, { description: 'The score that was compared.' })
  measure!: Baseline['measure'];

  @Field(() => Number, { description: "The model's score." })
  value!: number;

  @Field(() => Number, { description: 'The score without learning anything.' })
  baseline!: number;
}
