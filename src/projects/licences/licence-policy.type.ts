import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { resultUnion } from '../../graphql/problem.type.js';
import type { LicenceVerdict } from '../../protocol/licences/judge-licence.js';
import type { LicenceDecision, LicencePolicy } from '../../protocol/licences/policy.js';
import { ProjectType } from '../project.type.js';

export const LicenceDecisionEnum = { ALLOW: 'ALLOW', WARN: 'WARN', DENY: 'DENY' } as const satisfies Record<
  LicenceDecision,
  LicenceDecision
>;

registerEnumType(LicenceDecisionEnum, {
  name: 'LicenceDecision',
  description: "What a project's policy says of a licence.",
  valuesConfig: {
    ALLOW: { description: 'Models of this licence are taken.' },
    WARN: { description: 'They are taken, and whoever uses one is told.' },
    DENY: { description: 'They are not imported, and experiments do not start from them.' },
  },
});

@ObjectType('LicencePolicy', {
  description:
    'Which licences of models a project takes. An entry is an SPDX id such as Apache-2.0, a pattern with `*`, or the name of a licence that SPDX does not list. An exact entry counts more than a pattern, and of two alike the stricter.',
  simpleResolvers: true,
})
export class LicencePolicyType {
  @Field(() => [String], { description: 'Licences that are taken.' })
  allow!: readonly string[];

  @Field(() => [String], { description: 'Licences that are taken with a warning.' })
  warn!: readonly string[];

  @Field(() => [String], { description: 'Licences that are refused.' })
  deny!: readonly string[];

  @Field(() => LicenceDecisionEnum, { description: 'Of a licence that is in none of the lists.' })
  unlisted!: LicenceDecision;

  @Field(() => LicenceDecisionEnum, { description: 'Of a model whose licence is not known.' })
  unknown!: LicenceDecision;
}

@ObjectType('LicenceVerdict', {
  description: "What the project's policy says of a model's licence, as the policy is now.",
  simpleResolvers: true,
})
export class LicenceVerdictType {
  @Field(() => LicenceDecisionEnum, { description: 'Whether such models are taken.' })
  decision!: LicenceDecision;

  @Field(() => String, {
    nullable: true,
    description:
      'The licence as an SPDX expression, e.g. Apache-2.0 or GPL-3.0-only; null where SPDX does not list it, or it is not known.',
  })
  spdxExpression!: string | null;

  @Field(() => String, { description: 'Why, in a sentence for people.' })
  reason!: string;
}

export function toLicencePolicyType(policy: LicencePolicy): LicencePolicyType {
  return Object.assign(new LicencePolicyType(), policy);
}

export function toLicenceVerdictType(verdict: LicenceVerdict): LicenceVerdictType {
  return Object.assign(new LicenceVerdictType(), verdict);
}

export const setLicencePolicyResult = resultUnion(
  'SetLicencePolicyResult',
  'The project with its new licence policy; or why it was not changed.',
  ProjectType,
);
