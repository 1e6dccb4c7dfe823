import { createUnionType, Field, ID, Int, ObjectType } from 'type-graphql';
import { globalId } from '../graphql/global-id.js';
import { RewardEvidenceType } from '../models/model-head.type.js';
import type { RewardEvidence } from '../protocol/heads.js';
import type { RewardSource } from '../protocol/rewards/reward-spec.js';
import { ruleTypes } from './reward-rule.type.js';

@ObjectType('LabelReward', {
  description: 'The probability, from 0 to 1, that a model with a head of labels gives a label.',
  simpleResolvers: true,
})
class LabelRewardType {
  @Field(() => ID, { description: 'The model, which may be gone.' })
  modelId!: string;

  @Field(() => String, { description: 'The head.' })
  task!: string;

  @Field(() => String, { description: 'The label.' })
  label!: string;

  @Field(() => Boolean, {
    description: 'Whether it reads the prompt as first text and the answer as second; else the answer alone.',
  })
  withPrompt!: boolean;
}

@ObjectType('RewardModelReward', {
  description: 'What a reward model says of an answer to its prompt, in deviations from the mean of held-out answers.',
  simpleResolvers: true,
})
class RewardModelRewardType {
  @Field(() => ID, { description: 'The model, which may be gone.' })
  modelId!: string;

  @Field(() => ID, {
    nullable: true,
    description:
      'The evaluation, which may be gone, that showed the model to be above chance; null: the pairs of its training did.',
  })
  evaluationId!: string | null;

  @Field(() => RewardEvidenceType, { nullable: true, description: 'What it said; null as above.' })
  evidence!: RewardEvidence | null;
}

@ObjectType('ServiceReward', { description: 'What a service answers over HTTP.', simpleResolvers: true })
export class ServiceRewardType {
  /** The row id of the project that calls it, and all of the URL; not part of the graph. */
  callerUuid!: string;
  wholeUrl!: string;

  @Field(() => Int, { description: 'Which secret of this URL signs.' })
  secretNumber!: number;

  @Field(() => Int, { description: 'How long an answer may take, in ms.' })
  timeoutMs!: number;

  @Field(() => Int, { description: 'Further attempts where the service is away, too slow or busy.' })
  retries!: number;

  @Field(() => Int, { description: 'Answers in one request.' })
  batchSize!: number;
}

export const RewardSourceUnion = createUnionType({
  name: 'RewardSource',
  description: 'Where a reward comes from: a rule, a model or a service, with every value explicit.',
  types: () => [...Object.values(ruleTypes), LabelRewardType, RewardModelRewardType, ServiceRewardType] as const,
});

export function toRewardSourceType(source: RewardSource): typeof RewardSourceUnion {
  switch (source.kind) {
    case 'rule': {
      const { kind, ...fields } = source.rule;
      return Object.assign(new ruleTypes[kind](), fields);
    }
    case 'label': {
      const { modelId, task, label, withPrompt } = source;
      return Object.assign(new LabelRewardType(), { modelId: globalId('BaseModel', modelId), task, label, withPrompt });
    }
    case 'rewardModel':
      return Object.assign(new RewardModelRewardType(), {
        modelId: globalId('BaseModel', source.modelId),
        evaluationId: source.evidence === undefined ? null : globalId('Evaluation', source.evidence.evaluationId),
        evidence: source.evidence ?? null,
      });
    case 'service': {
      const { url: wholeUrl, projectId: callerUuid, secretNumber, timeoutMs, retries, batchSize } = source;
      const fields = { wholeUrl, callerUuid, secretNumber, timeoutMs, retries, batchSize };
      return Object.assign(new ServiceRewardType(), fields);
    }
    default:
      return source satisfies never;
  }
}
