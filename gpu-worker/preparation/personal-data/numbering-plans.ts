import { type CountryCode, isSupportedCountry } from 'libphonenumber-js/max';
import metadata from 'libphonenumber-js/max/metadata';

/** What a region's numbers look like, compiled once. */
export interface NumberingPlan {
  readonly region: CountryCode;
  /** What is dialled before a number within the region (`0`, `1`, or nothing). */
  readonly trunkPrefix: string;
  /** A number without its trunk prefix, as all digits. */
  readonly national: RegExp;
}

/** Places of a country's fields in the library's metadata, which is an array to be small. */
const nationalPattern = 2;
const trunkPrefix = 5;

/**
 * The library compiles its patterns for each number that it looks at (about 0.1 ms). Most candidates fail the general
 * pattern of every region already, so that one is compiled here, and the library judges what passes.
 * @throws RangeError for what is no region with telephone numbers
 */
export function numberingPlans(regions: readonly string[]): readonly NumberingPlan[] {
  return regions.map((region) => {
    if (!isPhoneRegion(region)) throw new RangeError(`No numbering plan is known of "${region}".`);
    const fields: readonly unknown[] = metadata.countries[region]!;
    const prefix = fields[trunkPrefix];
    return {
      region,
      trunkPrefix: typeof prefix === 'string' ? prefix : '',
      national: new RegExp(`^(?:${String(fields[nationalPattern])})$`),
    };
  });
}

/** Whether an ISO 3166-1 alpha-2 code is that of a region with telephone numbers. */
export const isPhoneRegion = (region: string): region is CountryCode => isSupportedCountry(region);

/** Whether digits have the general form of a number of the region, with or without its trunk prefix. */
export const isPossible = ({ national, trunkPrefix }: NumberingPlan, digits: string): boolean =>
  national.test(digits) ||
  (trunkPrefix !== '' && digits.startsWith(trunkPrefix) && national.test(digits.slice(trunkPrefix.length)));
