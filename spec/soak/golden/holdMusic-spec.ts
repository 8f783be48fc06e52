import { describeHoldMusic } from '../../support/describeHoldMusic.js';

// Longer than the music, so that it includes its seam.
describeHoldMusic(40);
