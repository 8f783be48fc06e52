/** What is heard on hold, in Hz; and what is, after another command. */
export const [MUSIC, NEXT] = [1_500, 2_200];
/** Of who is not on hold, in Hz, when they whistle. */
export const VOICE = 400;
/** Of an announcement, one after the other, in Hz. */
export const PARTS = [600, 900, 1_200];
