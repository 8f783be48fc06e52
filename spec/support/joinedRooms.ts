import { Room } from '@livekit/rtc-node';

/**
 * Collects the rooms that are connected to from now on, so that a spec can simulate what happens
 * to the connection of a room that the product joined. The second value puts everything back.
 */
export function joinedRooms(): readonly [readonly Room[], () => void] {
  const rooms: Room[] = [];
  const connect = Object.getOwnPropertyDescriptor(Room.prototype, 'connect')!;
  const original = connect.value as Room['connect'];
  Room.prototype.connect = function connectAndRemember(this: Room, ...args) {
    rooms.push(this);
    return original.apply(this, args);
  };
  return [rooms, () => void Object.defineProperty(Room.prototype, 'connect', connect)];
}
