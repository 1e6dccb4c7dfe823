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
  description: 'What became of what somebody wanted to do.',
  valuesConfig: {
    DONE: { description: 'It was done.' },
    REFUSED: { description: 'The right for it was missing.' },
  },
});

@ObjectType('AuditDetail', { description: 'A value that says what was done.', simpleResolvers: true })
export class AuditDetailType {
  @Field(() => String, { description: "Name of the field of the mutation's input." })
  name!: string;

  @Field(() => String, { description: 'Its value as text, cut to 200 characters.' })
  value!: string;
}

@ObjectType('AuditEntry', {
  description: 'Who did what. Entries are written with the change itself, and are never changed or removed.',
  simpleResolvers: true,
})
export class AuditEntryType {
  userUuid!: string | null;
  apiKeyUuid!: string | null;

  @Field(() => BigIntScalar, { description: 'Grows from entry to entry, on the whole server.' })
  position!: number;

  @Field(() => DateTime, { description: 'When.' })
  at!: Date;

  @Field(() => CredentialKindEnum, { description: 'What the user was known by.' })
  credential!: Credential['kind'];

  @Field(() => String, { description: 'Name of the mutation; or `signIn` or `signOut`.' })
  action!: string;

  @Field(() => AuditOutcomeEnum, { description: 'Whether it was done.' })
  outcome!: AuditRow['outcome'];

  @Field(() => ID, {
    nullable: true,
    description: 'Id of what it was done to, or of what it made; `node` finds it if it is still there.',
  })
  targetId!: string | null;

  @Field(() => [AuditDetailType], {
    description: 'What else says what was done. Secrets and texts of data are never part of it.',
  })
  details!: AuditDetailType[];
}

export const auditEntries = connectionOf('AuditEntry', 'entries of the audit log', AuditEntryType);

export function toAuditEntryType({
  userId,
  apiKeyId,
  targetType,
  targetId,
  details,
  ...row
}: AuditRow): AuditEntryType {
  return Object.assign(new AuditEntryType(), row, {
    userUuid: userId,
    apiKeyUuid: apiKeyId,
    targetId: targetType === null || targetId === null ? null : globalId(targetType, targetId),
    details: Object.entries(details).map(([name, value]) => ({ name, value })),
  });
}
