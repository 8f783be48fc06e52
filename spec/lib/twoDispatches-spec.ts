import { describeTwoDispatches } from '../support/describeTwoDispatches.js';

// More of them are in spec/soak.
describeTwoDispatches({ rounds: 3, ties: 2 });
