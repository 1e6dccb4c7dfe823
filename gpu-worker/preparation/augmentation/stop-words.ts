/**
 * English words that carry grammar and little meaning: the list of NLTK's corpus `stopwords` (Porter et al.), without
 * the halves of contractions (`d`, `ll`), and with contractions whole. Neither EDA nor this code gives them a synonym:
 * what WordNet has under them is something else (`a`: ampere, `he`: helium, `it`: information technology).
 */
const list = `
i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its
itself they them their theirs themselves what which who whom this that these those am is are was were be been being have
has had having do does did doing a an the and but if or because as until while of at by for with about against between
into through during before after above below to from up down in out on off over under again further then once here there
when where why how all any both each few more most other some such no nor not only own same so than too very s t can will
just should now may might must shall would could cannot upon us via please yes
don't doesn't didn't isn't aren't wasn't weren't hasn't haven't hadn't won't wouldn't can't couldn't shouldn't mustn't
needn't mightn't shan't ain't i'm i've i'd i'll you're you've you'd you'll he's he'd he'll she's she'd she'll it's it'd
it'll we're we've we'd we'll they're they've they'd they'll that's that'll there's what's who's let's
`;

const stopWords: ReadonlySet<string> = new Set(list.trim().split(/\s+/));

/** Whether a word is one, in any case, with a straight or a typographic apostrophe. */
export function isStopWord(word: string): boolean {
  return stopWords.has(word.toLowerCase().replace('’', "'"));
}
