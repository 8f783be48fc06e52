/** Why a command failed, as the Call Service reads it in front of the colon in `media.error`. */
export type MediaErrorCode =
  | 'invalid_command'
  | 'forbidden'
  | 'asset_refused'
  | 'asset_unreachable'
  | 'asset_too_large'
  | 'asset_undecodable'
  | 'isolation_failed'
  | 'room_kept'
  | 'bot_gone';

/** A failure with a code of the attribute contract. `String(error)` is the value of `media.error`. */
export class MediaError extends Error {
  override readonly name = 'MediaError';

  constructor(
    readonly code: MediaErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  override toString(): string {
    return `${this.code}: ${this.message}`;
  }
}
