import { ArgsType, Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Seed } from '../../graphql/scalars.js';
import type { BootstrapInterval, MissingInterval } from '../../statistics/bootstrap.js';
import type { Ties } from '../../statistics/ranking/bradley-terry.js';
import type { WinRate } from '../../statistics/ranking/win-rate.js';
import { AnswerSettingType, toAnswerSettingTypes } from '../feedback-item.type.js';
import { MissingIntervalEnum } from './agreement.type.js';
import { resultLimits } from './result-limits.js';
import type { NothingRanked, RankedBy, TaskRanking } from './statistics/ranking.js';

const RankedByEnum = {
  MODELS: 'MODELS',
  ANSWER_SETTINGS: 'ANSWER_SETTINGS',
} as const satisfies Readonly<Record<RankedBy, RankedBy>>;
registerEnumType(RankedByEnum, {
  name: 'FeedbackRankedBy',
  description: 'What is ranked by the answers that people prefer.',
  valuesConfig: {
    MODELS: { description: 'The models that wrote them.' },
    ANSWER_SETTINGS: {
      description:
        'The settings that they were written with, each with its model; `seed` and `sample`, which say which draw an answer is, count for none.',
    },
  },
});

const TiesEnum = { HALF: 'HALF', DAVIDSON: 'DAVIDSON' } as const satisfies Readonly<Record<Ties, Ties>>;
registerEnumType(TiesEnum, {
  name: 'FeedbackTies',
  description: 'What a tie says: both good, neither, or a shared rank.',
  valuesConfig: {
    HALF: { description: 'Half a win for either.' },
    DAVIDSON: { description: "Davidson's model: the closer two are, the more often they tie." },
  },
});

const of = 'What is ranked.';

@ArgsType()
export class FeedbackRankingArgs {
  @Field(() => RankedByEnum, { defaultValue: 'MODELS', description: of })
  of!: RankedBy;

  @Field(() => String, {
    nullable: true,
    description: '`key` of the competitor whose rating is 1,000. Default: the mean of all is.',
  })
  baseline?: string | null;

  @Field(() => TiesEnum, { defaultValue: 'HALF', description: 'What a tie says.' })
  ties!: Ties;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether to tell ratings at equal style, too: length, headings, list items and bold of the answers.',
  })
  styleControl!: boolean;

  @Field(() => Int, {
    nullable: true,
    description: `Samples of prompts that intervals come from, ${resultLimits.minRounds} to ${resultLimits.maxRounds}. Default: ${resultLimits.defaultRounds}, with style control ${resultLimits.defaultStyleRounds}.`,
  })
  rounds?: number | null;

  @Field(() => Seed, { defaultValue: 0, description: 'Decides which samples are drawn.' })
  seed!: number;
}

@ArgsType()
export class FeedbackWinRateArgs {
  @Field(() => RankedByEnum, { defaultValue: 'MODELS', description: of })
  of!: RankedBy;

  @Field(() => String, { description: '`key` of the competitor whose wins are told.' })
  competitor!: string;

  @Field(() => String, { description: '`key` of the other one.' })
  against!: string;
}

@ObjectType('FeedbackCompetitor', { description: 'What wrote answers that people compared, and how it did.' })
export class FeedbackCompetitorType {
  modelUuid!: string | null;

  @Field(() => String, {
    description: 'Names it among those of the task, also in `baseline` and `winRate`.',
    simple: true,
  })
  key!: string;

  @Field(() => [AnswerSettingType], {
    description: 'Of ANSWER_SETTINGS, the settings without `seed` and `sample`; else none.',
    simple: true,
  })
  settings!: AnswerSettingType[];

  @Field(() => Float, { description: '400 points more: it wins ten times as often.', simple: true })
  rating!: number;

  @Field(() => Float, { nullable: true, description: 'Lower end of an interval of 95 %, over prompts.', simple: true })
  lower!: number | null;

  @Field(() => Float, { nullable: true, description: 'Upper end of it.', simple: true })
  upper!: number | null;

  @Field(() => MissingIntervalEnum, {
    nullable: true,
    description: 'Why there is no interval; null: there is one.',
    simple: true,
  })
  missing!: MissingInterval | null;

  @Field(() => Int, {
    nullable: true,
    description: 'One more than the number of those whose whole interval lies above; null without intervals.',
    simple: true,
  })
  rank!: number | null;

  @Field(() => Int, { description: 'Comparisons that it won.', simple: true })
  wins!: number;

  @Field(() => Int, { description: 'Comparisons that it lost.', simple: true })
  losses!: number;

  @Field(() => Int, { description: 'Comparisons that ended in a tie.', simple: true })
  ties!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'The rating at equal style; null: it was not asked for.',
    simple: true,
  })
  styledRating!: number | null;

  @Field(() => Float, { nullable: true, description: 'Lower end of its interval.', simple: true })
  styledLower!: number | null;

  @Field(() => Float, { nullable: true, description: 'Upper end of its interval.', simple: true })
  styledUpper!: number | null;
}

@ObjectType('FeedbackStyleEffect', {
  description: 'What the style of answers adds to their winning.',
  simpleResolvers: true,
})
class FeedbackStyleEffectType {
  @Field(() => String, { description: 'CHARACTERS, HEADINGS, LIST_ITEMS or BOLD.' })
  feature!: string;

  @Field(() => Float, { description: 'What a usual difference adds to the logit of winning.' })
  coefficient!: number;

  @Field(() => Float, { nullable: true, description: 'Lower end of an interval of 95 %, over prompts.' })
  lower!: number | null;

  @Field(() => Float, { nullable: true, description: 'Upper end of it.' })
  upper!: number | null;
}

@ObjectType('FeedbackRanking', {
  description: "Ratings by Bradley and Terry's model. docs/methods/rankings.md has the formulas.",
  simpleResolvers: true,
})
export class FeedbackRankingType {
  @Field(() => [FeedbackCompetitorType], { description: 'The best first; none, if nothing was compared.' })
  competitors!: FeedbackCompetitorType[];

  @Field(() => Boolean, {
    description:
      'Whether each is reached from each other by a chain of wins, so that results alone decide all ratings.',
  })
  isConnected!: boolean;

  @Field(() => [[String]], { description: 'Keys of those between which results alone decide; one list: all.' })
  components!: readonly (readonly string[])[];

  @Field(() => Boolean, {
    description: 'Whether half a win and half a loss more were counted for each, since results alone do not decide.',
  })
  hasPrior!: boolean;

  @Field(() => Int, { description: 'Samples in which that was so.' })
  priorRounds!: number;

  @Field(() => Float, { nullable: true, description: "Davidson's parameter: two equal ones tie with ν / (2 + ν)." })
  tieParameter!: number | null;

  @Field(() => Int, { description: 'Prompts: groups of items.' })
  promptCount!: number;

  @Field(() => Int, { description: 'Comparisons: of a ranking, one for each pair of its answers.' })
  comparisonCount!: number;

  @Field(() => Int, {
    description: 'Comparisons that are left out: both answers are of the same, or it is not known of what they are.',
  })
  leftOutCount!: number;

  @Field(() => String, {
    nullable: true,
    description: 'What to do where all comparisons are left out, for instance rank ANSWER_SETTINGS; else null.',
  })
  hint!: string | null;

  @Field(() => [FeedbackStyleEffectType], { description: 'With style control, what style adds; else none.' })
  style!: FeedbackStyleEffectType[];
}

@ObjectType('FeedbackWinRate', { description: 'How one competitor does against another.', simpleResolvers: true })
export class FeedbackWinRateType {
  @Field(() => Int, { description: 'Prompts most of whose comparisons it won.' })
  wins!: number;

  @Field(() => Int, { description: 'Prompts most of whose comparisons the other won.' })
  losses!: number;

  @Field(() => Int, { description: 'Prompts that are balanced.' })
  ties!: number;

  @Field(() => Float, { nullable: true, description: 'The mean over prompts of the share it won, ties as halves.' })
  rate!: number | null;

  @Field(() => Float, { nullable: true, description: "Lower end of Wilson's interval of 95 %, over prompts." })
  lower!: number | null;

  @Field(() => Float, { nullable: true, description: 'Upper end of it.' })
  upper!: number | null;

  @Field(() => Float, { nullable: true, description: 'p of the exact sign test over prompts that are not balanced.' })
  signTestP!: number | null;

  @Field(() => Int, { description: 'Prompts of which both were compared.' })
  promptCount!: number;

  @Field(() => Int, { description: 'Comparisons, several of a prompt counted.' })
  comparisonCount!: number;
}

const endsOf = ({ low, high }: BootstrapInterval) => ({ lower: low, upper: high });

export function toFeedbackRankingType(ranking: TaskRanking | NothingRanked): FeedbackRankingType {
  if (!('ratings' in ranking)) {
    return Object.assign(new FeedbackRankingType(), {
      competitors: [],
      isConnected: false,
      components: [],
      hasPrior: false,
      priorRounds: 0,
      tieParameter: null,
      promptCount: 0,
      comparisonCount: 0,
      leftOutCount: ranking.leftOutCount,
      hint: ranking.hint,
      style: [],
    });
  }
  const { ratings, competitors, style, components, ...rest } = ranking;
  const named = new Map(competitors.map((each) => [each.key, each]));
  const styled = new Map(style?.models.map(({ model, rating, interval }) => [model, { rating, ...endsOf(interval) }]));
  return Object.assign(new FeedbackRankingType(), rest, {
    hint: null,
    components,
    isConnected: components.length === 1,
    competitors: ratings.map(({ key, interval, ...rated }) => {
      const { modelId, settings } = named.get(key)!;
      const atEqualStyle = styled.get(key);
      return Object.assign(new FeedbackCompetitorType(), rated, endsOf(interval), {
        key,
        missing: interval.missing,
        modelUuid: modelId,
        settings: toAnswerSettingTypes(settings),
        styledRating: atEqualStyle?.rating ?? null,
        styledLower: atEqualStyle?.lower ?? null,
        styledUpper: atEqualStyle?.upper ?? null,
      });
    }),
    style: (style?.features ?? []).map(({ feature, coefficient, interval }) =>
      Object.assign(new FeedbackStyleEffectType(), { feature, coefficient, ...endsOf(interval) }),
    ),
  });
}

export function toFeedbackWinRateType({ interval, p, judgementCount, ...rest }: WinRate): FeedbackWinRateType {
  return Object.assign(new FeedbackWinRateType(), rest, {
    lower: interval?.low ?? null,
    upper: interval?.high ?? null,
    signTestP: p,
    comparisonCount: judgementCount,
  });
}
