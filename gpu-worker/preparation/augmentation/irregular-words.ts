/** Base forms of English verbs whose past tense or participle is irregular, without those that only have a prefix. */
export const irregularVerbs: ReadonlySet<string> = new Set(
  `abide arise awake be bear beat become befall beget begin behold bend beset bet bid bind bite bleed blow break breed
  bring build burn burst buy can cast catch choose cling clothe come cost creep cut deal dig dive do draw dream drink drive
  dwell eat fall feed feel fight find fit flee fling fly forbid forget forgive forgo forsake freeze get gild give go grind
  grow hang have hear hew hide hit hold hurt input keep kneel knit know lade lay lead lean leap learn leave lend let lie
  light lose make may mean meet mow offset partake pay plead prove put quit read rend rid ride ring rise rive run saw say
  see seek sell send set sew shake shall shave shear shed shine shit shoe shoot show shrink shut sing sink sit slay sleep
  slide sling slink slit smell smite sow speak speed spell spend spill spin spit split spoil spread spring stand stave
  steal stick sting stink strew stride strike string strive swear sweat sweep swell swim swing take teach tear tell think
  thrive throw thrust tread wake wear weave wed weep wet will win wind wring write broadcast forecast
  browbeat proofread troubleshoot`
    .trim()
    .split(/\s+/),
);

/** English nouns with an irregular plural or none; those of a telling ending (`-man`, `-is`, `-um`) are left out. */
export const irregularNouns: ReadonlySet<string> = new Set(
  `child person ox foot tooth goose mouse louse die penny man woman brother sheep deer moose elk salmon trout shrimp
  bison swine series species means offspring cattle people police news wheat rice bread butter water milk money
  furniture equipment information advice knowledge evidence luggage baggage homework software hardware machinery
  jewelry clothing music traffic weather health wealth hair grass sand dust air oxygen gold silver
  thief leaf loaf sheaf hoof dwarf wharf scarf self shelf half calf elf wolf wife life knife phenomenon criterion
  datum medium bacterium formula larva alumna antenna vertebra bureau plateau corps chassis
  passer-by scissors pants trousers jeans glasses shorts thanks clothes goods`
    .trim()
    .split(/\s+/),
);

/**
 * Irregular forms of verbs and plurals. WordNet has some of them as words of their own (`paid`: the opposite of unpaid,
 * `saw`: a tool), and that is seldom what a text means.
 */
export const irregularForms: ReadonlySet<string> = new Set(
  `arose arisen awoke awoken bore borne born beaten became began begun bent bound bit bitten bled blew blown broke broken
  bred brought built burnt bought caught chose chosen clung came crept dealt dug drew drawn dreamt drank drunk drove driven
  ate eaten fell fallen fed felt fought found fled flung flew flown forbade forbidden forgot forgotten forgave forgiven
  froze frozen got gotten gave given went gone ground grew grown hung heard hid held kept knelt knew known laid led leant
  leapt learnt left lent lain lit lost made meant met mistook mistaken overcame paid proven rode ridden rang rung rose
  risen ran said saw seen sought sold sent sewn shook shaken shone shot shown shrank shrunk sang sung sank sunk sat slept
  slid slung slit smelt sown spoke spoken sped spelt spent spilt spun spat spoilt sprang sprung stood stole stolen stuck
  stung stank stunk strode struck stricken strung strove striven swore sworn swept swollen swam swum swung took taken
  taught tore torn told thought threw thrown trod trodden understood undertook undertaken undone underwent upheld woke
  woken wore worn wove woven wept won wound withdrew withdrawn withheld wrung wrote written cut hit hurt put read set shut
  split spread cast bet burst cost quit rid shed thrust upset
  men women children feet teeth geese mice lice oxen dice wives lives knives leaves thieves halves calves shelves selves
  wolves loaves scarves hooves crises analyses bases theses criteria phenomena data media`
    .trim()
    .split(/\s+/),
);
