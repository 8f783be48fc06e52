import { SimulateScenarioKind } from '@livekit/rtc-node';
import { joinedRooms } from './joinedRooms.js';

// Preloaded into a process of the product (`node --import`): on SIGUSR2 the connection of every room
// that it has joined breaks, and the SDK has to build it anew.
const [rooms] = joinedRooms();
process.on('SIGUSR2', () => {
  for (const room of rooms.filter(({ isConnected }) => isConnected)) {
    void room.simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
  }
});
