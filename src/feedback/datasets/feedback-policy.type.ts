import { createUnionType, Extensions, Field, Float, InputType, ObjectType, registerEnumType } from 'type-graphql';
import type { FeedbackPolicy } from '../../protocol/feedback/dataset-rules.js';

type PolicyOf<Kind extends FeedbackPolicy['kind']> = Omit<FeedbackPolicy & { readonly kind: Kind }, 'kind'>;

const TiesEnum = { DROP: 'DROP', KEEP_ALL: 'KEEP_ALL' } as const;
registerEnumType(TiesEnum, {
  name: 'MajorityTies',
  description: 'What becomes of items of which two answers have most votes.',
  valuesConfig: {
    DROP: { description: 'They are left out.' },
    KEEP_ALL: {
      description:
        'Each of the leading answers has a row, with its share as `weight`, which no training reads: there each counts as a whole row. Of several labels, all stay.',
    },
  },
});

const StatisticEnum = { MEAN: 'MEAN', MEDIAN: 'MEDIAN' } as const;
registerEnumType(StatisticEnum, {
  name: 'RatingStatistic',
  description: 'How ratings become a number.',
  valuesConfig: {
    MEAN: { description: 'The mean.' },
    MEDIAN: { description: 'The median; of an even number of ratings the mean of the two in the middle.' },
  },
});

const majority = 'What most people said. What was adjudicated stands.';
@InputType('MajorityPolicyInput', { description: majority })
@ObjectType('MajorityPolicy', { description: majority, simpleResolvers: true })
class MajorityPolicyType implements PolicyOf<'majority'> {
  @Field(() => TiesEnum, { defaultValue: 'DROP', description: 'What becomes of ties.' })
  ties!: keyof typeof TiesEnum;
}

const allVotes = 'Everything that anybody said, whatever was adjudicated.';
@InputType('AllVotesPolicyInput', { description: allVotes })
@ObjectType('AllVotesPolicy', { description: allVotes, simpleResolvers: true })
class AllVotesPolicyType implements PolicyOf<'allVotes'> {
  @Field(() => Boolean, {
    defaultValue: true,
    description:
      'Whether what several people said is as many rows, so that trainings learn it as often. Else it is one row, whose `weight` is their share, for programs that read weights: no training of this release does.',
  })
  repeated!: boolean;
}

const posterior =
  "What is likeliest by Dawid and Skene's model of how people err, with its probability, which is too high where people gave few answers. Refused where no item has two answers and of none the right one is known. What was adjudicated stands. Not for spans and written texts.";
@InputType('PosteriorPolicyInput', { description: posterior })
@ObjectType('PosteriorPolicy', { description: posterior, simpleResolvers: true })
class PosteriorPolicyType implements PolicyOf<'posterior'> {
  @Field(() => Float, {
    defaultValue: 0,
    description: 'Items whose likeliest answer is less probable are left out, from 0 to 1.',
  })
  atLeast!: number;
}

const crowdlab =
  'What is likeliest by CROWDLAB: people and the classifier that the items were made of the predictions of, each weighted by how seldom it errs. What was adjudicated stands; items without a prediction are left out. Of LABELS with one label.';
@InputType('CrowdlabPolicyInput', { description: crowdlab })
@ObjectType('CrowdlabPolicy', { description: crowdlab, simpleResolvers: true })
class CrowdlabPolicyType implements PolicyOf<'crowdlab'> {
  @Field(() => Float, {
    defaultValue: 0,
    description: 'Items whose likeliest answer is less probable are left out, from 0 to 1.',
  })
  atLeast!: number;
}

const adjudicated = 'What somebody decided.';
@InputType('AdjudicatedPolicyInput', { description: adjudicated })
@ObjectType('AdjudicatedPolicy', { description: adjudicated, simpleResolvers: true })
class AdjudicatedPolicyType implements PolicyOf<'adjudicated'> {
  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether items that nobody decided, and of which all say the same, are taken too.',
  })
  undisputed!: boolean;
}

const scale = 'Of ratings, a number that need be no point of the scale.';
@InputType('ScalePolicyInput', { description: scale })
@ObjectType('ScalePolicy', { description: scale, simpleResolvers: true })
class ScalePolicyType implements PolicyOf<'scale'> {
  @Field(() => StatisticEnum, { defaultValue: 'MEAN', description: 'Which number.' })
  statistic!: keyof typeof StatisticEnum;
}

@Extensions({ oneOf: true })
@InputType({ description: 'How the answers of an item become the value of a row: exactly one of the fields.' })
export class FeedbackPolicyInput {
  @Field(() => MajorityPolicyType, { nullable: true, description: majority })
  majority?: MajorityPolicyType | null;

  @Field(() => AllVotesPolicyType, { nullable: true, description: allVotes })
  allVotes?: AllVotesPolicyType | null;

  @Field(() => PosteriorPolicyType, { nullable: true, description: posterior })
  posterior?: PosteriorPolicyType | null;

  @Field(() => CrowdlabPolicyType, { nullable: true, description: crowdlab })
  crowdlab?: CrowdlabPolicyType | null;

  @Field(() => AdjudicatedPolicyType, { nullable: true, description: adjudicated })
  adjudicated?: AdjudicatedPolicyType | null;

  @Field(() => ScalePolicyType, { nullable: true, description: scale })
  scale?: ScalePolicyType | null;
}

const types = {
  majority: MajorityPolicyType,
  allVotes: AllVotesPolicyType,
  posterior: PosteriorPolicyType,
  crowdlab: CrowdlabPolicyType,
  adjudicated: AdjudicatedPolicyType,
  scale: ScalePolicyType,
} as const satisfies Readonly<Record<FeedbackPolicy['kind'], new () => object>>;

export const FeedbackPolicyUnion = createUnionType({
  name: 'FeedbackPolicy',
  description: 'How the answers of an item became the value of a row. New policies may be added.',
  types: () =>
    [
      MajorityPolicyType,
      AllVotesPolicyType,
      PosteriorPolicyType,
      CrowdlabPolicyType,
      AdjudicatedPolicyType,
      ScalePolicyType,
    ] as const,
});

export function toFeedbackPolicy(input: FeedbackPolicyInput): FeedbackPolicy {
  const {
    majority: byMajority,
    allVotes: all,
    posterior: byPosterior,
    crowdlab: byCrowd,
    adjudicated: decided,
  } = input;
  if (byMajority != null) return { kind: 'majority', ...byMajority };
  if (all != null) return { kind: 'allVotes', ...all };
  if (byPosterior != null) return { kind: 'posterior', ...byPosterior };
  if (byCrowd != null) return { kind: 'crowdlab', ...byCrowd };
  if (decided != null) return { kind: 'adjudicated', ...decided };
  return { kind: 'scale', ...input.scale! };
}

export function toFeedbackPolicyType({ kind, ...policy }: FeedbackPolicy): InstanceType<(typeof types)[typeof kind]> {
  return Object.assign(new types[kind](), policy);
}
