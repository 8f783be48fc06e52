/** Who speaks: a recording of Asterisk's sounds, or a synthesiser's voice and words per minute. */
type Speaker =
  | readonly [engine: 'asterisk', recording: string]
  | readonly [engine: 'espeak-ng', voice: string, speed: string]
  | readonly [engine: 'flite', voice: string];

/** What one file of this folder says. */
export interface Voice {
  readonly file: string;
  /** BCP 47. */
  readonly language: string;
  readonly by: Speaker;
  /** Arabic with its vowel marks, which the synthesiser needs. */
  readonly text: string;
}

/** Calls of a call centre: angry, thankful and matter-of-fact ones, by different voices. */
export const voices: readonly Voice[] = [
  voice(
    'en-cancel',
    'en-US',
    ['flite', 'slt'],
    'I would like to cancel my subscription. This is terrible!',
  ),
  voice(
    'en-thanks',
    'en-GB',
    ['espeak-ng', 'en-gb-x-rp', '165'],
    'Thank you so much, that was very helpful.',
  ),
  voice(
    'en-angry',
    'en-US',
    ['flite', 'rms'],
    'I have been waiting for an hour and I am really angry.',
  ),
  voice('en-balance', 'en-GB', ['flite', 'awb'], 'Could you please tell me my account balance?'),
  voice(
    'en-happy',
    'en-US',
    ['espeak-ng', 'en-us+f3', '165'],
    'Great service, I am very happy with it.',
  ),
  voice('en-order', 'en-US', ['flite', 'slt'], 'My order number is four seven one nine.'),
  voice(
    'en-bill',
    'en-GB',
    ['espeak-ng', 'en-gb-scotland', '165'],
    'The bill is wrong again, and nobody answers my letters.',
  ),
  voice('en-tomorrow', 'en-US', ['flite', 'rms'], 'No problem, I can call back tomorrow.'),
  voice('en-patience', 'en-US', ['asterisk', 'queue-thankyou'], 'Thank you for your patience.'),
  voice(
    'en-check',
    'en-US',
    ['asterisk', 'check-number-dial-again'],
    'Please check the number and dial again.',
  ),
  voice(
    'en-dialed',
    'en-US',
    ['asterisk', 'cannot-complete-as-dialed'],
    'Your call cannot be completed as dialed.',
  ),
  voice(
    'fr-cancel',
    'fr-FR',
    ['espeak-ng', 'fr-fr', '160'],
    'Bonjour, je voudrais résilier mon abonnement.',
  ),
  voice(
    'fr-thanks',
    'fr-FR',
    ['espeak-ng', 'fr-fr+f2', '160'],
    "Merci beaucoup, vous m'avez bien aidé.",
  ),
  voice(
    'fr-angry',
    'fr-FR',
    ['espeak-ng', 'fr-fr+m3', '160'],
    "J'attends depuis une heure, c'est inadmissible !",
  ),
  voice(
    'fr-tomorrow',
    'fr-BE',
    ['espeak-ng', 'fr-be', '160'],
    'Pouvez-vous me rappeler demain matin ?',
  ),
  voice(
    'fr-invoice',
    'fr-FR',
    ['espeak-ng', 'fr-fr+f4', '160'],
    "Je n'ai toujours pas reçu ma facture.",
  ),
  voice('ar-cancel', 'ar', ['espeak-ng', 'ar', '150'], 'مَرْحَبًا، أُرِيدُ إِلْغَاءَ اشْتِرَاكِي.'),
  voice('ar-thanks', 'ar', ['espeak-ng', 'ar+f2', '150'], 'شُكْرًا جَزِيلًا عَلَى الْمُسَاعَدَة.'),
  voice('ar-waiting', 'ar', ['espeak-ng', 'ar+m3', '150'], 'أَنَا أَنْتَظِرُ مُنْذُ سَاعَة.'),
  voice('ar-bad', 'ar', ['espeak-ng', 'ar+f4', '150'], 'الْخِدْمَةُ سَيِّئَةٌ جِدًّا هٰذِهِ الْمَرَّة.'),
  voice(
    'de-cancel',
    'de-DE',
    ['espeak-ng', 'de', '160'],
    'Ich möchte bitte meinen Vertrag kündigen.',
  ),
  voice(
    'de-thanks',
    'de-DE',
    ['espeak-ng', 'de+f3', '160'],
    'Vielen Dank, das hat mir sehr geholfen.',
  ),
];

function voice(name: string, language: string, by: Speaker, text: string): Voice {
  return { file: `${name}.wav`, language, by, text };
}
