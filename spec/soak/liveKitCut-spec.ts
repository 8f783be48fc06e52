import { describeLiveKitCut } from '../support/describeLiveKitCut.js';

describeLiveKitCut(20_000);
describeLiveKitCut(60_000);
