import { describeLiveKitCut } from '../support/describeLiveKitCut.js';

// Longer ones are in spec/soak.
describeLiveKitCut(5_000);
