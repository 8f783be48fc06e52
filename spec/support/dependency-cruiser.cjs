/** The direction of imports: lib -> streams -> operators, nothing back, no cycle. */
module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'operators-are-pure',
      comment: 'operators/ imports rxjs and its own files, nothing else',
      severity: 'error',
      from: { path: '^operators/' },
      to: { pathNot: ['^operators/', '^node_modules/rxjs/'] },
    },
    {
      name: 'streams-know-no-lib',
      severity: 'error',
      from: { path: '^streams/' },
      to: { path: '^(lib|spec|demo|bench)/' },
    },
    {
      name: 'streams-stand-alone',
      comment: 'one file, one boundary: streams share nothing but operators/',
      severity: 'error',
      from: { path: '^streams/([^/]+)\\.ts$' },
      to: { path: '^streams/', pathNot: '^streams/$1\\.ts$' },
    },
    {
      name: 'product-knows-no-test',
      severity: 'error',
      from: { path: '^(lib|streams|operators)/' },
      to: { path: '^(spec|demo|bench)/' },
    },
    {
      name: 'no-dev-dependency-in-product',
      severity: 'error',
      from: { path: '^(lib|streams|operators)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'client-is-light',
      comment: "a Call Service loads LiveKit's server SDK alone, and rtc-node when it watches",
      severity: 'error',
      from: { path: '^lib/client/', pathNot: '^lib/client/watchRoom' },
      to: {
        pathNot: [
          '^lib/client/',
          '^operators/',
          '^node_modules/(livekit-server-sdk|@livekit/protocol)/',
          '^node:',
          '^(node:)?(crypto|events|timers/promises)$',
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'spec/tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
