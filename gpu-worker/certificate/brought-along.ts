/**
 * Texts for models that are of no experiment, so that no data of theirs is known: questions and statements, long and
 * short, with numbers, code, marks and other scripts, in a fixed order. They say nothing of how good a model is.
 */
export const broughtAlong: readonly string[] = [
  'The quick brown fox jumps over the lazy dog.',
  'How do I reset my password?',
  'A book that you have read twice is a friend; one that you have not read is a promise.',
  'My card was charged twice on 3 March 2021, once for 19.99 and once for 20.49 euros.',
  'no',
  'Der Zug nach Wien fährt heute nicht um 8:15, sondern um 9:40 Uhr von Gleis 7.',
  'She said: “I don’t know whether it’s worth it” — and left.',
  'The city council decided on Tuesday to close the bridge for eleven weeks, because two of its four bearings are worn.',
  'Le chat dort sur le canapé pendant que la pluie tombe.',
  'for (let i = 0; i < n; i++) total += prices[i] * quantities[i];',
  'What a wonderful evening; the food was cold, the music too loud, and we stayed until two.',
  'Water boils at 100 °C at sea level, but at 93 °C in a town 2,000 metres above it.',
  'Please send the signed contract to Ms Okafor in Lagos before Friday noon.',
  '¿Dónde está la biblioteca más cercana?',
  'A noun is a word that names a person, a place, a thing or an idea.',
  'WARNING: disk usage at 97 % on host db-02 (threshold 90 %)',
  'The film is far too long, and yet I would not miss a minute of it.',
  'Мы встретились у старого моста ранним утром.',
  'Take 200 g of flour, two eggs and a pinch of salt; stir until smooth, then let it rest for half an hour.',
  'Who wrote the first program for a machine that was never built?',
  '今日は天気がいいから散歩しましょう。',
  'Shares of the company fell by 4.2 percent after it lowered its forecast for the second time this year.',
  'I have been waiting for forty minutes and nobody answers the telephone.',
  'In the beginning there was only the sound of the sea, and then, very far away, a bell.',
];
