import { describeHoldMusic } from '../support/describeHoldMusic.js';

describeHoldMusic(300);
