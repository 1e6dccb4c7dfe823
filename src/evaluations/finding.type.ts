import { Field, InterfaceType, registerEnumType } from 'type-graphql';
import type { FindingCode } from '../protocol/findings.js';
import { type FindingSeverity, findingCodes } from './describe-finding.js';

const FindingCodeEnum = Object.fromEntries(Object.keys(findingCodes).map((code) => [code, code]));

registerEnumType(FindingCodeEnum, {
  name: 'FindingCode',
  description: 'What a finding is about, for a program to branch on. New codes may be added.',
  valuesConfig: Object.fromEntries(Object.entries(findingCodes).map(([code, description]) => [code, { description }])),
});

const FindingSeverityEnum = { INFO: 'INFO', WARNING: 'WARNING' } as const satisfies Record<
  FindingSeverity,
  FindingSeverity
>;

registerEnumType(FindingSeverityEnum, {
  name: 'FindingSeverity',
  description: 'How much attention a finding deserves.',
  valuesConfig: {
    INFO: { description: 'Good to know when results are read.' },
    WARNING: { description: 'A condition that makes results worse, or look better than they are.' },
  },
});

@InterfaceType('Finding', {
  description:
    'Something about a plan, an experiment or an evaluation that a person should know, although nothing failed.',
})
export abstract class FindingType {
  @Field(() => FindingCodeEnum, { description: 'What it is about, for programs.' })
  code!: FindingCode;

  @Field(() => FindingSeverityEnum, { description: 'How much attention it deserves.' })
  severity!: FindingSeverity;

  @Field(() => String, { nullable: true, description: 'Name of the task that it is about; null: of the whole.' })
  task!: string | null;

  @Field(() => String, { description: 'The finding in English sentences, for people.' })
  message!: string;

  @Field(() => String, { description: 'What can be done about it, a sentence for people.' })
  hint!: string;
}

/** Options of the types that tell a finding. */
export const finding = { implements: FindingType, simpleResolvers: true };
