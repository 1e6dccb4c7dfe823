import { registerEnumType } from 'type-graphql';

export const RatioOfEnum = { TOKEN: 'token', COMPLETION: 'completion' } as const;

registerEnumType(RatioOfEnum, {
  name: 'PolicyRatio',
  description: 'Whose probability is compared between the policy in training and the one that wrote.',
  valuesConfig: {
    TOKEN: { description: 'That of each token (GRPO).' },
    COMPLETION: { description: 'That of the completion, as a geometric mean over its tokens (GSPO).' },
  },
});

export const ScalingEnum = { GROUP: 'group', BATCH: 'batch', NONE: 'none' } as const;

registerEnumType(ScalingEnum, {
  name: 'RewardScaling',
  description: 'What differences of rewards from the mean of their group are divided by.',
  valuesConfig: {
    GROUP: { description: 'The standard deviation in the group (GRPO).' },
    BATCH: { description: 'The standard deviation in the whole update.' },
    NONE: { description: 'Nothing (Dr. GRPO): easy and hard prompts then count by how much their rewards differ.' },
  },
});

export const OnlineDpoLossEnum = { SIGMOID: 'sigmoid', IPO: 'ipo' } as const;

registerEnumType(OnlineDpoLossEnum, {
  name: 'OnlineDpoLoss',
  description: 'The loss of a pair, with d the difference of its log-ratios to the base model, sums over tokens both.',
  valuesConfig: {
    SIGMOID: { description: '−ln σ(β d): that of DPO.' },
    IPO: { description: '(d − 1 / (2 β))²: it stops once the difference is there.' },
  },
});

export const KlEstimatorEnum = { K1: 'k1', K3: 'k3' } as const;

registerEnumType(KlEstimatorEnum, {
  name: 'KlEstimator',
  description: 'How the divergence at a token is estimated, with q = ln π_ref − ln π of the token that was drawn.',
  valuesConfig: {
    K1: { description: '−q: unbiased, below 0 at some tokens.' },
    K3: { description: 'e^q − q − 1: never below 0, and it varies less.' },
  },
});

export const AggregationEnum = {
  SEQUENCE: 'sequence',
  TOKEN: 'token',
  BATCH: 'batch',
  CONSTANT: 'constant',
} as const;

registerEnumType(AggregationEnum, {
  name: 'PolicyAggregation',
  description: 'How the losses of tokens become one.',
  valuesConfig: {
    SEQUENCE: { description: 'The mean over completions of the mean over the tokens of each (GRPO).' },
    TOKEN: { description: 'The mean over all tokens of the update (DAPO).' },
    BATCH: { description: 'The same of each batch that is computed together, then the mean over these (BNPO).' },
    CONSTANT: { description: 'The sum, divided by a constant, so that length has no part in it (Dr. GRPO).' },
  },
});
