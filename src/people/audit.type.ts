import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { Credential } from '../access/viewer.js';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { BigIntScalar, DateTime } from '../graphql/scalars.js';
import type { AuditRow } from './audit.reads.js';
import { CredentialKindEnum } from './viewer.type.js';

export const AuditOutcomeEnum = { DONE: 'DONE', REFUSED: 'REFUSED' } as const;

registerEnumType(AuditOutcomeEnum, {
  name: 'AuditOutcome',
  description: 'How a logged action ended.',
  valuesConfig: {
    DONE: { description: 'The action was done.' },
    REFUSED: { description: 'The user lacked the right for it.' },
  },
});

@ObjectType('AuditDetail', { description: "A field of the mutation's input, with its value.", simpleResolvers: true })
export class AuditDetailType {
  @Field(() => String, { description: "Name of the field of the mutation's input." })
  name!: string;

  @Field(() => String, { description: 'Its value as text, cut to 200 characters.' })
  value!: string;
}

@ObjectType('AuditEntry', {
  description:
    'An entry of the audit log: who did what. Entries are written in the transaction of the change, and are never changed or removed.',
  simpleResolvers: true,
})
export class AuditEntryType {
  aboutProjectUuid!: string | null;
  userUuid!: string | null;
  apiKeyUuid!: string | null;

  @Field(() => BigIntScalar, {
    description: "The entry's position in the log of the whole server. It grows from entry to entry.",
  })
  position!: number;

  @Field(() => DateTime, { description: 'When.' })
  at!: Date;

  @Field(() => CredentialKindEnum, { description: 'How the user proved who they are.' })
  credential!: Credential['kind'];

  @Field(() => String, { description: 'Name of the mutation; or `signIn` or `signOut`.' })
  action!: string;

  @Field(() => AuditOutcomeEnum, { description: 'Whether the action was done.' })
  outcome!: AuditRow['outcome'];

  @Field(() => ID, {
    nullable: true,
    description: 'Id of the object that was changed or created; `node` finds it as long as it exists.',
  })
  targetId!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Type of that object, such as `Experiment`; null: the action is about no object.',
  })
  targetType!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "What that object was called before the action, or was named when it was created: a user's or an object's name, a project's slug, a webhook's URL without what may be a key. Null: it has no name, or the entry is older than names in the log.",
  })
  targetName!: string | null;

  @Field(() => [AuditDetailType], {
    description: 'Fields of the input that describe the action. Secrets and texts of data are never among them.',
  })
  details!: AuditDetailType[];

  @Field(() => String, {
    nullable: true,
    description:
      'Id of the request that did it: lines of the server’s log have it too, and the client got it as `x-request-id`. Null: the server did it by itself, or the entry is older than such ids.',
  })
  requestId!: string | null;
}

export const auditEntries = connectionOf('AuditEntry', 'entries of the audit log', AuditEntryType);

export function toAuditEntryType({
  projectId,
  userId,
  apiKeyId,
  targetType,
  targetId,
  details,
  ...row
}: AuditRow): AuditEntryType {
  return Object.assign(new AuditEntryType(), row, {
    aboutProjectUuid: projectId,
    userUuid: userId,
    targetType,
    apiKeyUuid: apiKeyId,
    targetId: targetType === null || targetId === null ? null : globalId(targetType, targetId),
    details: Object.entries(details).map(([name, value]) => ({ name, value })),
  });
}
