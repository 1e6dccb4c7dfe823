import { Field, Float, InputType } from 'type-graphql';
import {
  PersonalDataKind,
  type PersonalDataSearch,
  usualScan,
} from '../../protocol/preparation/steps/personal-data.js';

@InputType({ description: 'What a report looks for as personal data.' })
export class PersonalDataSearchInput implements PersonalDataSearch {
  @Field(() => [PersonalDataKind.enum], {
    defaultValue: [...usualScan.kinds],
    description: 'The kinds. By default all but names of persons, of which many are missed.',
  })
  kinds!: PersonalDataKind[];

  @Field(() => [String], {
    defaultValue: [...usualScan.phoneRegions],
    description:
      "Regions (ISO 3166-1 alpha-2) whose telephone numbers are found without their country's code. Numbers with `+` are found of every country.",
  })
  phoneRegions!: string[];

  @Field(() => Float, {
    defaultValue: usualScan.leastConfidence,
    description: 'A find that is less certain does not count, from 0.05 to 1.',
  })
  leastConfidence!: number;
}
