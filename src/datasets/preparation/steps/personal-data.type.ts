import { Field, Float, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import {
  type MaskPersonalData,
  PersonalDataKind,
  PersonalDataMask,
  usualScan,
} from '../../../protocol/preparation/steps/personal-data.js';
import { textColumns } from './field-texts.js';

const PersonalDataKindEnum = PersonalDataKind.enum;
const PersonalDataMaskEnum = PersonalDataMask.enum;

registerEnumType(PersonalDataKindEnum, {
  name: 'PersonalDataKind',
  description: 'A kind of personal data. New values may be added.',
  valuesConfig: {
    EMAIL: { description: 'An e-mail address.' },
    PHONE: { description: 'A telephone number.' },
    PAYMENT_CARD: { description: "A payment card's number, by issuer's prefix, length and Luhn's check digit." },
    IBAN: { description: "A bank account's number (ISO 13616), by length, form and check digits." },
    IP_ADDRESS: { description: 'An IPv4 or IPv6 address.' },
    URL_CREDENTIALS: { description: 'User name and password in a URL.' },
    SECRET: { description: 'A key, a token, a password or a private key.' },
    NATIONAL_ID: { description: "A person's number by form, date and check digits: of 31 countries and regions." },
    PERSON_NAME: { description: 'A name, by a title or a list of given names. Many are missed.' },
  },
});

registerEnumType(PersonalDataMaskEnum, {
  name: 'PersonalDataMask',
  description: 'What stands in the place of personal data. New values may be added.',
  valuesConfig: {
    LABEL: { description: 'The kind: `[EMAIL]`.' },
    MARK: { description: 'As many `*` as the value had characters.' },
    LAST_FOUR: { description: '`*` for letters and digits but the last four: `**** **** **** 4242`.' },
    HASH: { description: 'The kind and letters that are equal for equal values: `[EMAIL:kcbadgphmnlfoiea]`.' },
    PSEUDONYM: { description: 'A value of the same form that belongs to nobody, equal for equal values.' },
  },
});

@InputType('MaskPersonalDataInput', { description: 'Masks personal data in texts.' })
@ObjectType('MaskPersonalData', {
  description: 'Personal data in texts is masked. What is left holds nothing that the same step finds.',
  simpleResolvers: true,
})
export class MaskPersonalDataType implements Omit<MaskPersonalData, 'kind'> {
  @Field(() => [String], textColumns)
  columns!: string[] | null;

  @Field(() => [PersonalDataKindEnum], {
    defaultValue: [...usualScan.kinds],
    description: 'What is looked for. By default all but names of persons, of which many are missed.',
  })
  kinds!: PersonalDataKind[];

  @Field(() => [String], {
    defaultValue: [...usualScan.phoneRegions],
    description:
      "Regions (ISO 3166-1 alpha-2) whose telephone numbers are found without their country's code. Numbers with `+` " +
      'are found of every country.',
  })
  phoneRegions!: string[];

  @Field(() => Float, {
    defaultValue: usualScan.leastConfidence,
    description:
      'A find that is less certain stays as it is, from 0.05 to 1. Form, check digits and the words around decide how ' +
      'certain a find is.',
  })
  leastConfidence!: number;

  @Field(() => PersonalDataMaskEnum, { defaultValue: 'LABEL', description: 'What stands in its place.' })
  mask!: PersonalDataMask;

  @Field(() => Int, {
    defaultValue: 0,
    description: 'Hashes and pseudonyms depend on it. Who knows it can find out what a mask of a guessed value is.',
  })
  seed!: number;
}
