import { type Asset, type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import type { LiveKitServer } from '../../demo/livekitServer.js';
import { openScene, type Scene } from './scene.js';
import { useLiveKitServer } from './useLiveKitServer.js';

/** What the specs of a `describe` play on; call each in them. */
export interface Stage {
  readonly server: () => LiveKitServer;
  readonly assets: () => AssetServer;
  /** A room of its own for each spec. */
  readonly scene: () => Scene;
}

/**
 * Runs a LiveKit server and an asset server around the specs of the enclosing `describe`.
 *
 * @param shelf the assets; none when missing.
 * @param microphones whether callers publish one as they join: true (default), see `openScene`.
 */
export function useScene(
  shelf: () => Promise<Readonly<Record<string, Asset>>> = () => Promise.resolve({}),
  { microphones = true } = {},
): Stage {
  const server = useLiveKitServer();
  let assets: AssetServer | undefined;
  let scene: Scene | undefined;
  before(async () => {
    assets = await startAssetServer(await shelf());
  });
  beforeEach(async () => {
    scene = await openScene(server(), assets!, microphones);
  });
  afterEach(() => scene?.close());
  after(() => assets?.close());
  return { server, assets: () => assets!, scene: () => scene! };
}
