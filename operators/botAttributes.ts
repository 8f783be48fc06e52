/**
 * What media bots of one room tell each other, by attributes of their own participants.
 *
 * @see contract, "Handover".
 */
export const BOT_ATTRIBUTES = {
  /** Identity of the bot that this one relieves. Has it from its first moment in the room. */
  relieves: 'media-bot.relieves',
  /** Identities, with spaces between, of more bots that were found dead when this one was sent. */
  outlives: 'media-bot.outlives',
  /** `true` once this bot does all that the one that it relieves does, and that one may stop. */
  ready: 'media-bot.ready',
  /** What the relieved bot still finishes, as JSON; present once it has stopped all else. */
  yielded: 'media-bot.yielded',
  /** The latest question whether this bot is alive, repeated. */
  alive: 'media-bot.alive',
} as const;

/** Topic of the question whether a bot is alive, which comes through the server API. */
export const PING_TOPIC = 'media-bot.ping';
