import { Field, ID, InputType } from 'type-graphql';
import type { Credential } from '../access/viewer.js';
import { type Sql, sql } from '../database/sql.js';
import {
  anyOf,
  badArgument,
  badFilter,
  badName,
  checkText,
  containsWords,
  maxFilterText,
  rowIds,
  values,
} from '../graphql/filter-values.js';
import { parseGlobalId, typesWithId } from '../graphql/global-id.js';
import { DateTime } from '../graphql/scalars.js';
import type { AuditRow } from './audit.reads.js';
import { AuditOutcomeEnum } from './audit.type.js';
import { CredentialKindEnum } from './viewer.type.js';

@InputType({
  description:
    'Which entries of the audit log to return. All fields that are given must match; null is the same as left out.',
})
export class AuditFilter {
  @Field(() => DateTime, { nullable: true, description: 'Logged at this moment or later.' })
  since?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Logged before this moment.' })
  before?: Date | null;

  @Field(() => [ID], { nullable: true, description: `Done, or tried, by one of these users. ${anyOf}` })
  user?: string[] | null;

  @Field(() => [ID], { nullable: true, description: `With one of these API keys. ${anyOf}` })
  apiKey?: string[] | null;

  @Field(() => [CredentialKindEnum], { nullable: true, description: `By one of these kinds of credentials. ${anyOf}` })
  credential?: Credential['kind'][] | null;

  @Field(() => [String], {
    nullable: true,
    description: `One of these actions: names of mutations, such as \`cancelExperiment\`; \`signIn\`, \`signOut\`. ${anyOf}`,
  })
  action?: string[] | null;

  @Field(() => [AuditOutcomeEnum], { nullable: true, description: `Ended in one of these ways. ${anyOf}` })
  outcome?: AuditRow['outcome'][] | null;

  @Field(() => [ID], {
    nullable: true,
    description: `About one of these objects, of any type, whether they still exist or not. ${anyOf}`,
  })
  target?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: `About an object of one of these types, such as \`Webhook\`. ${anyOf}`,
  })
  targetType?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: `Every word of this text occurs in the logged name of the object, possibly within a word, regardless of case. At most ${maxFilterText} characters.`,
  })
  targetName?: string | null;
}

/** Conditions on `audit_log a`. Throws a GraphQL error BAD_USER_INPUT. */
export function auditConditions(filter: AuditFilter): Sql[] {
  const { since, before, user, apiKey, credential, action, outcome, target, targetType, targetName } = filter;
  if (since != null && before != null && since > before) throw badFilter('since', 'is later than `filter.before`');
  return [
    ...(since == null ? [] : [sql`a.at >= ${since.toISOString()}::timestamptz`]),
    ...(before == null ? [] : [sql`a.at < ${before.toISOString()}::timestamptz`]),
    ...(user == null ? [] : [sql`a.user_id = ANY(${rowIds('user', 'User', user)}::uuid[])`]),
    ...(apiKey == null ? [] : [sql`a.api_key_id = ANY(${rowIds('apiKey', 'ApiKey', apiKey)}::uuid[])`]),
    ...(credential == null ? [] : [sql`a.credential = ANY(${values('credential', credential)}::text[])`]),
    ...(action == null ? [] : [sql`a.action = ANY(${values('action', action)}::text[])`]),
    ...(outcome == null ? [] : [sql`a.outcome = ANY(${values('outcome', outcome)}::text[])`]),
    ...(target == null ? [] : [isTarget(target)]),
    ...(targetType == null
      ? []
      : [sql`a.target_type = ANY(${values('targetType', targetType.map(checkType))}::text[])`]),
    ...(targetName == null ? [] : containsWords('targetName', checkText('targetName', targetName), ['a.target_name'])),
  ];
}

function checkType(name: string): string {
  if (!typesWithId.some((type) => type === name))
    throw badName('filter.targetType', 'type with ids', name, typesWithId);
  return name;
}

/** Row ids are unique over all types, but a viewer's and a user's, who are one. */
function isTarget(ids: readonly string[]): Sql {
  const targets = values('target', ids).map((id) => {
    const parsed = parseGlobalId(id);
    if (parsed === null) throw badArgument('`filter.target`: This is not an id from this API.');
    return parsed;
  });
  return sql`a.target_id = ANY(${targets.map(({ uuid }) => uuid)}::uuid[])
    AND a.target_type = ANY(${targets.map(({ type }) => type)}::text[])`;
}
