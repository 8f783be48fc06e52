import { describeTwoDispatches } from '../support/describeTwoDispatches.js';

describeTwoDispatches({ rounds: 50, ties: 10 });
