import { type LiveKitServer, startLiveKitServer } from '../../demo/livekitServer.js';

/** Long enough to build the server from source, where nobody has done so before. */
const START_TIMEOUT_MS = 600_000;

/** Runs a LiveKit server around the specs of the enclosing `describe`; call the result in them. */
export function useLiveKitServer(): () => LiveKitServer {
  let server: LiveKitServer | undefined;
  before(async function () {
    this.timeout(START_TIMEOUT_MS);
    server = await startLiveKitServer();
  });
  after(() => server?.stop());
  return () => server!;
}
