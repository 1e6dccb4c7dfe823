import { Field, InputType } from 'type-graphql';
import { projectSlugOptions } from '../../graphql/project-slug.js';
import type { LicenceDecision } from '../../protocol/licences/policy.js';
import { LicenceDecisionEnum } from './licence-policy.type.js';

const leftOut = 'Null or left out: unchanged.';
const entries = 'At most 200 entries: SPDX ids, patterns with `*`, names of licences that SPDX does not list.';

@InputType({ description: 'Which licences of models a project is to take. What exists stays.' })
export class SetLicencePolicyInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => [String], { nullable: true, description: `Licences that are taken. ${entries} ${leftOut}` })
  allow?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: `Licences that are taken with a warning. ${entries} ${leftOut}`,
  })
  warn?: string[] | null;

  @Field(() => [String], { nullable: true, description: `Licences that are refused. ${entries} ${leftOut}` })
  deny?: string[] | null;

  @Field(() => LicenceDecisionEnum, {
    nullable: true,
    description: `Of a licence that is in none of the lists; at first ALLOW. ${leftOut}`,
  })
  unlisted?: LicenceDecision | null;

  @Field(() => LicenceDecisionEnum, {
    nullable: true,
    description: `Of a model whose licence is not known; at first WARN. ${leftOut}`,
  })
  unknown?: LicenceDecision | null;
}
