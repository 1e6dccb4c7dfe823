import { Field, InputType, ObjectType, registerEnumType } from 'type-graphql';
import type {
  ChangeCase,
  HtmlToText,
  MapLabels,
  NormalizeUnicode,
  RemoveControlCharacters,
  RepairMojibake,
  ReplacePattern,
} from '../../../protocol/preparation/steps/cleaning.js';
import { textColumns } from './field-texts.js';

enum UnicodeFormEnum {
  NFC = 'NFC',
  NFD = 'NFD',
  NFKC = 'NFKC',
  NFKD = 'NFKD',
}
registerEnumType(UnicodeFormEnum, {
  name: 'UnicodeForm',
  description: 'A normalization form of Unicode (UAX #15).',
  valuesConfig: {
    NFC: { description: 'Letters and their marks are one character where there is one. Nothing that is read is lost.' },
    NFD: { description: 'Letters and their marks are characters of their own.' },
    NFKC: { description: 'As NFC; compatibility characters are replaced: “ﬁ” by “fi”, “²” by “2”.' },
    NFKD: { description: 'As NFD; compatibility characters are replaced.' },
  },
});

enum LetterCaseEnum {
  LOWER = 'lower',
  UPPER = 'upper',
  SENTENCE = 'sentence',
  TITLE = 'title',
}
registerEnumType(LetterCaseEnum, {
  name: 'LetterCase',
  description: 'How letters are written.',
  valuesConfig: {
    LOWER: { description: 'All small.' },
    UPPER: { description: 'All capital.' },
    SENTENCE: { description: 'All small but the first letter of the text.' },
    TITLE: { description: 'All small but the first letter of each word.' },
  },
});

enum OtherLabelsEnum {
  KEEP = 'KEEP',
  REMOVE = 'REMOVE',
}
registerEnumType(OtherLabelsEnum, {
  name: 'OtherLabels',
  description: 'What becomes of labels that are not named.',
  valuesConfig: { KEEP: { description: 'They stay.' }, REMOVE: { description: 'They are removed.' } },
});

const normalize = 'Writes texts in a normalization form of Unicode, so that equal characters are equal bytes.';
@InputType('NormalizeUnicodeInput', { description: normalize })
@ObjectType('NormalizeUnicode', { description: normalize, simpleResolvers: true })
export class NormalizeUnicodeType implements Omit<NormalizeUnicode, 'kind'> {
  @Field(() => [String], textColumns)
  columns!: string[] | null;

  @Field(() => UnicodeFormEnum, { defaultValue: UnicodeFormEnum.NFC, description: 'The form.' })
  form!: NormalizeUnicode['form'];
}

const removeControls =
  'Removes characters that nobody sees: controls, byte order marks, characters without width, controls of direction, soft hyphens. What an emoji or a script needs stays; line breaks of other systems become line feeds.';
@InputType('RemoveControlCharactersInput', { description: removeControls })
@ObjectType('RemoveControlCharacters', { description: removeControls, simpleResolvers: true })
export class RemoveControlCharactersType implements Omit<RemoveControlCharacters, 'kind'> {
  @Field(() => [String], textColumns)
  columns!: string[] | null;
}

const repair =
  'Repairs texts in UTF-8 that were read in another encoding, once or several times: “schÃ¶n” becomes “schön”.';
@InputType('RepairMojibakeInput', { description: repair })
@ObjectType('RepairMojibake', { description: repair, simpleResolvers: true })
export class RepairMojibakeType implements Omit<RepairMojibake, 'kind'> {
  @Field(() => [String], textColumns)
  columns!: string[] | null;
}

const html =
  'Makes of HTML the text that its reader sees. A text without elements of HTML keeps its white space and each “<”.';
@InputType('HtmlToTextInput', { description: html })
@ObjectType('HtmlToText', { description: html, simpleResolvers: true })
export class HtmlToTextType implements Omit<HtmlToText, 'kind'> {
  @Field(() => [String], textColumns)
  columns!: string[] | null;
}

const changeCase = 'Writes texts in one case.';
@InputType('ChangeCaseInput', { description: changeCase })
@ObjectType('ChangeCase', { description: changeCase, simpleResolvers: true })
export class ChangeCaseType implements Omit<ChangeCase, 'kind'> {
  @Field(() => [String], textColumns)
  columns!: string[] | null;

  @Field(() => LetterCaseEnum, { description: 'The case.' })
  to!: ChangeCase['to'];

  @Field(() => String, {
    nullable: true,
    description: 'The code of the language whose rules hold, such as `tr`, in which i becomes İ. Null: those of most.',
  })
  language!: string | null;
}

const replace = 'Replaces what a regular expression matches.';
@InputType('ReplacePatternInput', { description: replace })
@ObjectType('ReplacePattern', { description: replace, simpleResolvers: true })
export class ReplacePatternType implements Omit<ReplacePattern, 'kind'> {
  @Field(() => [String], textColumns)
  columns!: string[] | null;

  @Field(() => String, {
    description:
      'A regular expression in the syntax of RE2, of at most 1,000 characters. It has neither look-around nor back references; texts are matched in time linear in their length.',
  })
  pattern!: string;

  @Field(() => String, {
    defaultValue: '',
    description:
      'What stands in place of a match: `$1` and `$<name>` for what a group matched, `$&` for all of it, `$$` for a dollar.',
  })
  replacement!: string;

  @Field(() => Boolean, { defaultValue: false, description: 'Whether capital and small letters are the same.' })
  ignoreCase!: boolean;

  @Field(() => Boolean, { defaultValue: false, description: 'Whether only the first match in each text is replaced.' })
  firstOnly!: boolean;
}

const mapping = 'What a label becomes.';
@InputType('LabelMappingInput', { description: mapping })
@ObjectType('LabelMapping', { description: mapping, simpleResolvers: true })
export class LabelMappingType {
  @Field(() => String, { description: 'The label as it is.' })
  from!: string;

  @Field(() => String, { nullable: true, description: 'Its new name. Null: it is removed.' })
  to!: string | null;
}

const mapLabels =
  'Gives labels other names; several that get the same become one class. Labels that are numbers or flags become texts.';
@InputType('MapLabelsInput', { description: mapLabels })
@ObjectType('MapLabels', { description: mapLabels, simpleResolvers: true })
export class MapLabelsType implements Omit<MapLabels, 'kind'> {
  @Field(() => String, { description: 'The column of labels, or of lists of labels.' })
  column!: string;

  @Field(() => [LabelMappingType], { description: 'The labels, each once.' })
  labels!: LabelMappingType[];

  @Field(() => Boolean, { defaultValue: false, description: 'Whether “Spam” counts as “spam”.' })
  ignoreCase!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether white space at the ends does not count, and runs of it count as one space.',
  })
  ignoreWhiteSpace!: boolean;

  @Field(() => OtherLabelsEnum, {
    defaultValue: OtherLabelsEnum.KEEP,
    description: 'What becomes of labels that are not named.',
  })
  others!: MapLabels['others'];
}
