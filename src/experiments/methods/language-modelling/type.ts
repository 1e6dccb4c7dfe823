import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { LanguageObjectiveEnum, MaskingType } from '../../../models/predicted-tokens.type.js';
import type { LanguageModellingSpec } from '../../../protocol/methods/index.js';

export const PackingEnum = { PACKED: 'packed', SEPARATE: 'separate' } as const;

registerEnumType(PackingEnum, {
  name: 'Packing',
  description: 'How documents become rows of tokens.',
  valuesConfig: {
    PACKED: {
      description: 'Several documents in a row, as many as fit; no token reads those of another document.',
    },
    SEPARATE: { description: 'One document, or a part of one, in a row.' },
  },
});

@ObjectType('ControlTexts', {
  description: 'Texts that are measured along with those that are learned, and nothing is learned from.',
  simpleResolvers: true,
})
export class ControlTextsType {
  versionUuid!: string;

  @Field(() => String, { description: 'Their split.' })
  split!: string;

  @Field(() => String, { description: 'Their column.' })
  textColumn!: string;
}

@ObjectType('LanguageModelling', {
  description: 'Language modelling on raw texts: continued pre-training, or domain adaptation.',
  simpleResolvers: true,
})
export class LanguageModellingType {
  @Field(() => String, { description: 'Column of the texts.' })
  textColumn!: string;

  @Field(() => LanguageObjectiveEnum, { description: 'What is predicted.' })
  objective!: LanguageModellingSpec['objective'];

  @Field(() => PackingEnum, { description: 'How documents become rows.' })
  packing!: LanguageModellingSpec['packing'];

  @Field(() => MaskingType, { nullable: true, description: 'Which tokens are masked; null for CAUSAL.' })
  masking!: MaskingType | null;

  @Field(() => ControlTextsType, { nullable: true, description: 'Texts that are measured too; null without any.' })
  control!: ControlTextsType | null;
}

/** @param controlVersionId row id of the control texts' dataset version; null without any */
export function toLanguageModellingType(
  { textColumn, objective, packing, masking, control }: LanguageModellingSpec,
  controlVersionId: string | null,
): LanguageModellingType {
  return Object.assign(new LanguageModellingType(), {
    textColumn,
    objective,
    packing,
    masking: masking === null ? null : Object.assign(new MaskingType(), masking),
    control:
      control === null || controlVersionId === null
        ? null
        : Object.assign(new ControlTextsType(), {
            versionUuid: controlVersionId,
            split: control.split,
            textColumn: control.textColumn,
          }),
  });
}
